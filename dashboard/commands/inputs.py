"""Commands that bring data in: ``demo`` and ``load``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dashboard.commands.frame import DONE, NEEDS_A_PERSON, Context, command
from dashboard.commands.options import seed_option, stated_datums
from dashboard.terminal import progress, say
from dashboard.usage import Number, Place
from geo.crs import Datum


@command
@click.argument("directory", type=Place())
@click.option("--estates", type=Number(int, 20, 50_000), default=600, show_default=True, help="小区数")
@seed_option
def demo(context: Context, directory: Path, estates: int, seed: int) -> tuple[int, dict[str, Any]]:
    """生成虚构的示例城市的输入文件。"""
    from data.demo import write_demo

    with progress("生成示例城市", stoppable=False) as bar:
        report = write_demo(directory, n_estates=estates, seed=seed, progress=bar)
    say(f"示例城市（虚构）已写入 {directory}：{estates} 个小区，{len(report.files)} 个文件")
    return DONE, {"files": [str(file) for file in report.files], "counts": report.counts}


@command
@click.argument("paths", nargs=-1, required=True, type=Place())
@click.option(
    "--datum", "datums", multiple=True, callback=stated_datums, metavar="[样式=]坐标系",
    help="坐标系：wgs84、gcj02、bd09、cgcs2000；可按文件名指定，如 '*districts*=gcj02'",
)  # fmt: skip
@click.option("--mapping", metavar="名称", help="列对应关系的名称，或自己的 .toml 文件")
@click.option("--encoding", metavar="编码", help="shapefile 和 DXF 的文字编码：UTF-8、GB18030、Big5；默认按内容判断")
@click.option("--zone", metavar="投影带", help="平面坐标的中央经线（117）或带号（39），文件没有说明时用")
@click.option(
    "--control-points", "control_points", type=Place(), metavar="文件",
    help="控制点表（至少三个新旧坐标都已知的点），把北京54、西安80或地方坐标系的文件换算过来",
)  # fmt: skip
@click.option("--affine", is_flag=True, help="控制点按六参数（仿射）拟合，至少四个点；默认四参数（相似）")
def load(
    context: Context, paths: tuple[Path, ...], datums: tuple[Datum | None, dict[str, Datum]], mapping: str | None,
    encoding: str | None, zone: str | None, control_points: Path | None, affine: bool,
) -> tuple[int, dict[str, Any]]:  # fmt: skip
    """导入台账、边界、行政单元、道路、检查组、问题台账、企业信用等级和征询结果。"""
    from data import load as loading

    with context.open() as store:
        profile = context.profile(store)
        with progress("导入", stoppable=False) as bar:
            report = loading.load(
                store, context.actor, list(paths), profile,
                datum=datums[0], datum_by_pattern=datums[1], mapping=mapping, encoding=encoding, zone=zone,
                control_points=control_points, control_fit="affine" if affine else "similarity", progress=bar,
            )  # fmt: skip
    for point in report.control_points:
        doubt = "  ← 可疑" if point["suspect"] else ""
        say(f"控制点 {point['point']}：残差 {point['residual_m']:.3f} 米{doubt}")
    for fault in report.faults:
        say(f"✗ {fault}")
    for warning in report.warnings:
        say(f"! {warning}")
    changed = "数据有更新" if report.changed else "与库中数据相同，没有改变"
    say(f"读入 {report.rows_read} 行，导入 {report.rows_loaded} 行，退回 {report.rows_refused} 行；{changed}")
    return (NEEDS_A_PERSON if report.faults or report.warnings else DONE), report.as_dict()
