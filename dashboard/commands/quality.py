"""The command ``quality``: what is wrong with boundaries, places, names and records."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from dashboard.commands.frame import DONE, NEEDS_A_PERSON, Context, command
from dashboard.commands.options import on_option, unit_option
from dashboard.terminal import progress, say
from dashboard.words import number

_TOLD = 20


@command
@click.option("--kind", "kinds", multiple=True, metavar="类别", help="只给出这些类别，可重复，例如 overlap")
@click.option("--checked", "with_checked", is_flag=True, help="也给出已核对的")
@click.option("--workbook", is_flag=True, help="另写一份 .xlsx 到 --out")
@unit_option
@on_option
def quality(
    context: Context, kinds: tuple[str, ...], with_checked: bool, workbook: bool, unit_id: str | None, on: date
) -> tuple[int, dict[str, Any]]:
    """数据质量报告：边界、位置、名称、台账和上次导入的问题，每条附数据、处理办法和依据。"""
    from dashboard import exports
    from dashboard.quality_tables import finding_body, kinds_table
    from geo.errors import InputError
    from planning import quality as checks
    from planning import runs
    from planning.quality import checked as said

    unknown = [kind for kind in kinds if kind not in checks.KINDS]
    if unknown:
        raise InputError(f"没有名为“{unknown[0]}”的类别", f"可选：{'、'.join(checks.KINDS)}")
    with context.open_existing() as store:
        city = runs.read_city(store, context.actor)
        with store.begin(context.actor) as work:
            load = work.last_load()
        with progress("质量报告") as bar:
            whole = checks.report(city, load=load, progress=bar)
        part = whole if unit_id is None else whole.inside(city, unit_id)
        marks = said.marks(store, context.actor)
        files = []
        if workbook:
            profile = context.profile(store)
            files = exports.export(
                store, context.actor, profile, "quality", period=None, on=on, directory=context.out, cache_dir=None
            )
    done = said.sort(part.only(kinds=kinds or None).findings, marks)
    in_order = {finding.id for finding, _ in done.checked}
    shown = (*done.open, *(finding for finding, _ in done.checked)) if with_checked else done.open
    errors = sum(1 for finding in done.open if finding.severity is checks.Severity.ERROR)
    warnings = sum(1 for finding in done.open if finding.severity is checks.Severity.WARNING)
    say(
        f"核对 {number(whole.n_estates)} 个小区、{number(whole.n_boundaries)} 个边界：错误 {number(errors)} 条，"
        f"警告 {number(warnings)} 条，提示 {number(len(done.open) - errors - warnings)} 条；已核对 {len(done.checked)} 条"
    )
    table = kinds_table(shown)
    for row in table.itertuples():
        say(f"  {row.类别}：{row.合计}")
    for finding in [f for f in shown if f.severity is checks.Severity.ERROR][:_TOLD]:
        say(f"✗ {finding.text}。{finding.remedy}")
    if errors > _TOLD:
        say(f"✗ 另有 {errors - _TOLD} 条错误，见 --json 或 --workbook")
    for file in files:
        say(f"已导出 {file}")
    body = {
        "estates": whole.n_estates,
        "boundaries": whole.n_boundaries,
        "errors": errors,
        "warnings": warnings,
        "hints": len(done.open) - errors - warnings,
        "checked": len(done.checked),
        "kinds": {kind: int(n) for kind, n in table["合计"].items()},
        "findings": [finding_body(finding, city) | {"checked": finding.id in in_order} for finding in shown],
        "files": [str(file) for file in files],
    }
    return (NEEDS_A_PERSON if errors or warnings else DONE), body
