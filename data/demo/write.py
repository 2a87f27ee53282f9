"""Writes a fictional city's input files as offices have them, and the truth beside them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError
from xlsxwriter.exceptions import XlsxWriterException

from data.codes import UnitKind
from data.demo.city import City, build_city, step
from data.demo.files import write_boundaries, write_land_truth, write_roads, write_truth, write_units
from data.demo.former import write_former
from data.demo.income import write_grades
from data.demo.office import write_cases, write_teams
from data.demo.register import write_register
from data.profile_file import load_profile, profile_names
from geo.errors import InputError
from geo.progress import SILENT, Progress

FILES: Final = (
    "register.xlsx",
    "units.gpkg",
    "boundaries.gpkg",
    "roads.osm.pbf",
    "teams.xlsx",
    "cases.xlsx",
    "旧路名对照.xlsx",
    "企业信用等级.xlsx",
    "truth/estates.gpkg",
    "truth/land.gpkg",
    "truth/faults.json",
)
LEAST: Final = 20
MOST: Final = 60_000
_PROFILE: Final = "demo"
_DEPARTMENTS: Final = ("物业主管", "住建", "城管执法", "公安", "市场监管", "消防救援", "街道")


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What was written: paths relative to the folder, and numbers of things in them."""

    files: tuple[str, ...]
    counts: dict[str, int]


def write_demo(directory: Path, n_estates: int = 600, seed: int = 1, progress: Progress = SILENT) -> DemoReport:
    """Write the input files of a fictional city into ``directory``; the same content for the same seed.

    register.xlsx (附件1), units.gpkg, boundaries.gpkg (with gates), roads.osm.pbf, teams.xlsx, cases.xlsx (附件2),
    旧路名对照.xlsx (former names of roads), 企业信用等级.xlsx (grades of companies), and in ``truth/`` what a loader must
    not see: estates.gpkg, land.gpkg (all housing, also that no register has) and faults.json.

    Parameters
    ----------
    directory
        Made if missing; files of these names are replaced together when all are whole, others left alone.
    n_estates
        Estates that load without a fault, 20 to 60,000; about one in a hundred more has a wrong cell.
    seed
        Any whole number from 0.

    Raises
    ------
    InputError
        If a number is out of range or the folder cannot be written.
    KeyboardInterrupt
        If ``progress`` says stop.
    """
    if not LEAST <= n_estates <= MOST:
        raise InputError(f"小区数 {n_estates} 不在 {LEAST} 到 {MOST} 之间", "请换一个数")
    if seed < 0:
        raise InputError(f"随机种子 {seed} 是负数", "请填 0 或正整数")
    try:
        (directory / "truth").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"无法建立文件夹 {directory}：{error.strerror or error}", "请换一个可以写入的位置") from error
    city = build_city(n_estates, seed, progress)
    counts = {f"units_{kind.value}": sum(unit.kind is kind for unit in city.units) for kind in UnitKind}
    known = city.estates["known"]
    counts |= {
        "estates": n_estates,
        "text_only": int((known == "text").sum()),
        "point_only": int((known == "point").sum()),
    }
    try:
        with TemporaryDirectory(prefix=".wuyetu-", dir=directory, ignore_cleanup_errors=True) as folder:
            part = Path(folder)
            (part / "truth").mkdir()
            counts |= _write_all(part, city, seed, progress)
            for name in FILES:
                (part / name).replace(directory / name)
    except (OSError, RuntimeError, XlsxWriterException, DataSourceError, DataLayerError, FeatureError) as error:
        raise InputError(
            f"写入 {directory} 失败：{error}", "请检查磁盘空间和写入权限，并关闭已打开的同名文件"
        ) from error
    progress.update(1.0, "示例城市已生成")
    return DemoReport(FILES, counts)


def _write_all(directory: Path, city: City, seed: int, progress: Progress) -> dict[str, int]:
    """All files of ``FILES``; gives what was counted on the way."""
    rng = np.random.default_rng([seed, 99])
    counts: dict[str, int] = {}
    step(progress, 0.62, "写入 roads.osm.pbf")
    counts |= write_roads(directory / "roads.osm.pbf", city)
    step(progress, 0.72, "写入 units.gpkg")
    write_units(directory / "units.gpkg", city)
    step(progress, 0.76, "写入 boundaries.gpkg")
    counts |= write_boundaries(directory / "boundaries.gpkg", city)
    step(progress, 0.8, "写入 register.xlsx")
    injected = write_register(directory / "register.xlsx", city, rng)
    counts["faulty_rows"] = len(injected)
    step(progress, 0.93, "写入 teams.xlsx、cases.xlsx")
    counts["teams"] = write_teams(directory / "teams.xlsx", city, _departments(), rng)
    counts |= write_cases(directory / "cases.xlsx", city, rng)
    counts["former_names"] = write_former(directory / "旧路名对照.xlsx", city.former)
    counts["companies"] = write_grades(directory / "企业信用等级.xlsx", city.estates)
    step(progress, 0.97, "写入 truth")
    write_truth(directory / "truth" / "estates.gpkg", city)
    write_land_truth(directory / "truth" / "land.gpkg", city)
    text = json.dumps([asdict(fault) for fault in injected], ensure_ascii=False, indent=1)
    (directory / "truth" / "faults.json").write_text(text + "\n", encoding="utf-8")
    return counts


def _departments() -> tuple[str, ...]:
    """All departments of the demo profile, so that any team can take any case."""
    return load_profile(_PROFILE).departments if _PROFILE in profile_names() else _DEPARTMENTS
