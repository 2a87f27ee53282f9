"""Commands round the work: ``bench``, ``export`` and ``serve``."""

from __future__ import annotations

import importlib
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from dashboard.commands.frame import DONE, Context, command
from dashboard.commands.options import on_option
from dashboard.places import LOCAL
from dashboard.terminal import progress, say
from dashboard.usage import Number
from data.quarter import Quarter
from geo.errors import InputError


@command
@click.argument("name", required=False)
@click.argument("arguments", nargs=-1)
def bench(context: Context, name: str | None, arguments: tuple[str, ...]) -> tuple[int, dict[str, Any]]:
    """在本机运行一个性能测试（来自源代码的 tests/benchmarks）。"""
    folder = Path(__file__).resolve().parent.parent.parent / "tests" / "benchmarks"
    known = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    if name not in known:
        listed = "、".join(known) or "（此处没有源代码）"
        raise InputError(f"没有名为“{name or ''}”的性能测试", f"可选：{listed}")
    root = str(folder.parent.parent)
    if root not in sys.path:
        sys.path.insert(0, root)
    module = importlib.import_module(f"tests.benchmarks.{name}")
    table = module.table(list(arguments))
    if not context.json:
        module.show(table)
    return DONE, {"name": name, "table": table}


@command
@click.argument("kind", required=False)
@click.option("--quarter", "period", metavar="季度", help="检查计划和线路需要，例如 2027Q1")
@on_option
@click.option("--unit", "unit_id", metavar="编号", help="标段材料、征询意见表只导出某个行政单元的")
def export(
    context: Context, kind: str | None, period: str | None, unit_id: str | None, on: date
) -> tuple[int, dict[str, Any]]:
    """导出文件：coverage、bundles、bundle-summary、tender（标段材料）、consultation（征询意见表）、plan、routes、
    geopackage、quality、boundaries，或 all。"""
    from dashboard import exports
    from dashboard.report import export_lines

    with context.open_existing() as store:
        profile = context.profile(store)
        with progress("导出") as bar:
            files = exports.export(
                store, context.actor, profile, kind or "all",
                period=Quarter.parse(period).id if period else None,
                on=on, directory=context.out, cache_dir=context.cache_dir, unit_id=unit_id, progress=bar,
            )  # fmt: skip
    for line in export_lines(files):
        say(line)
    return DONE, {"files": [str(file) for file in files]}


@command
@click.option("--port", type=Number(int, 1, 65535), default=8501, show_default=True, help="端口")
@click.option(
    "--address", default=LOCAL, show_default=True, help="监听的地址；0.0.0.0 让局域网内的人也能打开（没有登录）"
)
def serve(context: Context, port: int, address: str) -> tuple[int, dict[str, Any]]:
    """打开网页看板。"""
    from dashboard.serve import serve as start

    return start(context.store_url, port, out=context.out, address=address), {"port": port}
