"""导出: the papers of the meeting, the GIS file and the teams' pages, made when asked for."""

from __future__ import annotations

import io
import tempfile
import zipfile
from datetime import date
from pathlib import Path

import streamlit as st

from dashboard import exports, loading, shell, state
from dashboard.exports.bundle_papers import WAYS
from dashboard.exports.makers import OF_BUNDLES
from dashboard.words import date_text

_KINDS = {
    "coverage": ("物业服务覆盖", "指标与目标、县区和街道的覆盖率、未覆盖小区、小区台账（.xlsx）"),
    "bundles": ("打捆方案", "服务单元、成员、收支、余量、单独、兜底及原因、分街道证明、规则与依据（.xlsx）"),
    "bundle-summary": (
        "打捆方案汇总",
        "会议用：总体情况、方案图、一览表、证明、规则和假定（.zip，内为 .docx 和 .xlsx）",
    ),
    "tender": (
        "标段材料",
        "每个服务单元和单独招标的小区一份：地图、成员、收支测算、人员要求、依据（.zip，内为 .docx 和 .xlsx）",
    ),
    "consultation": ("征询意见表", "每个小区一份，可打印；另附填写结果、再导入用的表（.zip，内为 .docx 和 .xlsx）"),
    "plan": ("联合执法检查计划", "检查组工作量、线路、停靠点、未排（.xlsx）"),
    "routes": ("检查线路", "每个检查组每一天一页，可在手机上离线打开，也可打印（.zip，内为 .html）"),
    "geopackage": (
        "物业一张图",
        "小区、边界、行政单元、服务单元及成员、兜底、线路、停靠点，供地理信息软件使用（.gpkg）",
    ),
    "quality": ("数据质量报告", "边界、位置、名称、台账的问题，每条附数据、处理办法和依据（.xlsx）"),
    "boundaries": (
        "边界清单",
        "每个小区边界的来源、可信度、原因、操作人和时间，另附全部候选图形（.zip，内为 .xlsx 和 .gpkg）",
    ),
}


def main() -> None:
    if loading.status().load is None:
        shell.empty("还没有数据。请先导入台账：", "wuyetu load 文件夹 --city 规则")
        return
    shell.head("导出", loading.profile())
    quarter = state.selection().quarter or shell.quarter_of(date.today())
    has_plan = loading.plan(quarter) is not None
    of_bundles = dict.fromkeys(OF_BUNDLES, any(loading.bundles(way) for way in WAYS))
    possible = dict.fromkeys(_KINDS, True) | of_bundles | {"plan": has_plan, "routes": has_plan}
    for kind, (name, content) in _KINDS.items():
        words, act = st.columns([5, 2], vertical_alignment="center")
        words.markdown(f"**{name}**　{content}")
        with act:
            if not possible[kind]:
                st.caption("尚未求解" if kind in OF_BUNDLES else "本季度尚未排计划")
                continue
            _one(kind, name, quarter)
    st.caption(f"导出的文件标有“内部资料”；每次导出都记入操作记录。统计日期 {date_text(date.today())}。")


def _one(kind: str, name: str, quarter: str) -> None:
    """First a button that makes the file, then one that hands it out; a file is kept for the state of data and results."""
    stamp = loading.results_stamp()
    made = state.made_export(kind, quarter, stamp)
    if made is None:
        if not st.button("生成", key=f"make-{kind}", help=f"生成{name}", width="stretch"):
            return
        with shell.progress(name) as bar, tempfile.TemporaryDirectory(prefix="wuyetu-") as folder:
            files = exports.export(
                loading.store(),
                loading.ACTOR,
                loading.profile(),
                kind,
                period=quarter if kind in ("plan", "routes") else None,
                on=date.today(),
                directory=Path(folder),
                cache_dir=loading.cache_folder(),
                progress=bar,
            )
            made = _bundle(files, name, Path(folder))
        state.keep_export(kind, quarter, stamp, made)
    file_name, content = made
    st.download_button(
        f"下载 {file_name}", content, file_name=file_name, key=f"get-{kind}", type="primary", width="stretch"
    )


def _bundle(files: list[Path], name: str, folder: Path) -> tuple[str, bytes]:
    """One file as it is, several as a zip, named like their own folder or like the first of them."""
    if len(files) == 1:
        return files[0].name, files[0].read_bytes()
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.relative_to(folder).as_posix())
    named = next((file.parent.name for file in files if file.parent != folder), files[0].stem)
    return f"{loading.profile().city}_{name}_{named.rpartition('_')[2]}.zip", held.getvalue()


main()
