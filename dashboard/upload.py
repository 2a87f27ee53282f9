"""Files in: the form on which a person chooses them, sees how their text reads, and says what the files do not say."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard import loading, shell
from dashboard.tables import faults_table
from dashboard.words import number
from data import load as loader
from data.geofiles.encoding import CANDIDATES, Preview, preview
from data.load_files import SUFFIXES, UPLOADS
from data.load_report import LoadReport
from data.profile_file import profile_names
from geo.crs import Datum

AS_STATED: Final = "按文件中的说明"
BY_CONTENT: Final = "按内容判断"
_FITS: Final = {"similarity": "四参数（相似，至少三个点）", "affine": "六参数（仿射，至少四个点）"}
_ONLY_BY_NAME: Final = (".txt", ".tsv")


def form() -> None:
    """Choose files, look at their text, say datum, encoding, zone and control points, load, and show what came of it."""
    now = loading.status()
    files = st.file_uploader(
        "台账、问题台账、检查组、企业信用等级、征询结果、行政单元、边界、道路文件",
        accept_multiple_files=True,
        type=list(UPLOADS),
        key="upload-files",
    )
    st.caption(f"可读入：{'、'.join(SUFFIXES)}。shapefile 请把同名的几个文件一起选中，或打成 .zip。")
    _text_previews(files)
    with st.form("upload"):
        rules, datum, encoding = st.columns(3)
        names = list(profile_names())
        known = names.index(now.profile) if now.profile in names else 0
        name = rules.selectbox("城市规则", names, index=known, format_func=_city_name)
        stated = datum.selectbox("坐标系", [AS_STATED, *(d.label for d in Datum)])
        text = encoding.selectbox("属性表文字编码", [BY_CONTENT, *CANDIDATES])
        zone = st.text_input("平面坐标的中央经线或带号（文件没有说明时填写）", placeholder="例如 117 或 39")
        with st.expander("旧坐标系（北京54、西安80、地方坐标系）"):
            points = st.file_uploader(
                "控制点表：至少三个新旧坐标都已知的点（列名如 点名、旧X、旧Y、经度、纬度）", type=["xlsx", "xls", "csv"],
                key="upload-points",
            )  # fmt: skip
            fit = st.radio("拟合方法", list(_FITS), format_func=_FITS.__getitem__, horizontal=True)
        if not st.form_submit_button("导入", type="primary") or not files:
            return
    with _folder(files) as paths, _folder([points] if points else []) as own, shell.progress("导入") as bar:
        report = loader.load(
            loading.store(),
            loading.ACTOR,
            paths,
            loading.profile_named(name),
            datum=next((d for d in Datum if d.label == stated), None),
            encoding=None if text == BY_CONTENT else text,
            zone=zone.strip() or None,
            control_points=own[0] / Path(points.name).name if points else None,
            control_fit="affine" if fit == "affine" else "similarity",
            progress=bar,
        )
    show(report)


def _city_name(name: str) -> str:
    profile = loading.profile_named(name)
    return f"{profile.city}（虚构示例城市）" if profile.fictional else profile.city


def show(report: LoadReport) -> None:
    """What a load did, what it doubts and what it refused."""
    told = "数据已更新" if report.changed else "与库中数据相同，没有改变"
    st.success(
        f"读入 {number(report.rows_read)} 行，导入 {number(report.rows_loaded)} 行，"
        f"退回 {number(report.rows_refused)} 行；{told}"
    )
    for warning in report.warnings:
        st.warning(warning)
    if report.control_points:
        st.markdown("控制点残差")
        st.dataframe(control_table(report.control_points), hide_index=True)
    if report.faults:
        st.dataframe(faults_table(report.faults), hide_index=True, placeholder="")
    details = [*report.notes, *(f"{_place(item)}：没有读取，{item['reason']}" for item in report.skipped)]
    if details or report.datum_checks:
        with st.expander(f"读取说明（{number(len(details))}）"):
            for line in details:
                st.markdown(f"- {line}")
            if report.datum_checks:
                st.markdown("坐标系核对：各坐标系下相符的个数")
                st.dataframe(checks_table(report.datum_checks), hide_index=True)


def control_table(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Residuals of the control points as the screen shows them."""
    return pd.DataFrame(
        [
            {"控制点": r["point"], "残差（米）": r["residual_m"], "提示": "可疑，请核对" if r["suspect"] else ""}
            for r in rows
        ]
    )


def checks_table(checks: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Datum checks as the screen shows them: one row a check, one column a datum."""
    labels = {d.value: d.label for d in Datum}
    rows = []
    for check in checks:
        hits = {labels[key]: int(n) for key, n in check["hits"].items()}
        verdict = f"可能是 {labels[str(check['likely'])]}" if check["likely"] else "未发现不符"
        rows.append(
            {"文件": check["place"], "核对内容": check["check"], "读作": labels[str(check["datum"])], "核对数": check["of"],
             **hits, "结论": verdict}
        )  # fmt: skip
    return pd.DataFrame(rows)


def preview_table(item: Preview) -> pd.DataFrame:
    """The first rows of an attribute table in one encoding; columns of one name are told apart."""
    seen: dict[str, int] = {}
    titles = []
    for title in item.columns:
        seen[title] = seen.get(title, 0) + 1
        titles.append(title if seen[title] == 1 else f"{title}（{seen[title]}）")
    return pd.DataFrame(list(item.rows), columns=titles)


def _text_previews(files: Sequence[Any]) -> None:
    """For each attribute table with Chinese text: its first rows in each encoding, the one that would be taken first."""
    tables = [file for file in files if Path(file.name).suffix.lower() in (".dbf", ".cpg")]
    if not any(Path(file.name).suffix.lower() == ".dbf" for file in tables):
        return
    with _folder(tables) as paths:
        for path in sorted(paths[0].glob("*.[dD][bB][fF]")):
            shown = preview(path)
            if not shown:
                continue
            with st.expander(f"{path.name} 的文字：按 {shown[0].encoding} 读取；如是乱码，请在下面选择编码"):
                for item, tab in zip(shown, st.tabs([_title(item) for item in shown]), strict=True):
                    tab.dataframe(preview_table(item), hide_index=True)


def _title(item: Preview) -> str:
    taken = "（将采用）" if item.chosen else "" if item.fits else "（有读不出的文字）"
    return f"{item.encoding}{taken}"


@contextmanager
def _folder(files: Sequence[Any]) -> Iterator[list[Path]]:
    """The uploaded files in a folder of their own; texts, which a folder is not searched for, also by their names."""
    folder = Path(tempfile.mkdtemp(prefix="wuyetu-"))
    try:
        named = folder / "named"
        paths = [folder]
        for file in files:
            name = Path(file.name).name
            if name.lower().endswith(_ONLY_BY_NAME):
                named.mkdir(exist_ok=True)
                paths.append(named / name)
                paths[-1].write_bytes(file.getbuffer())
            else:
                (folder / name).write_bytes(file.getbuffer())
        # A folder of nothing but texts holds nothing to search.
        yield paths if any(item.is_file() for item in folder.iterdir()) or len(paths) == 1 else paths[1:]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place(item: dict[str, Any]) -> str:
    layer = item.get("layer") or item.get("sheet")
    return f"{item['file']}，{layer}" if layer else str(item["file"])
