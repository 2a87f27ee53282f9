"""Commands that compute: ``coverage``, ``plan`` and ``check``."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from dashboard.commands.frame import DONE, NEEDS_A_PERSON, Context, command
from dashboard.commands.options import Window, on_option, seed_option, unit_option, within_option
from dashboard.terminal import progress, say
from dashboard.usage import Number
from data.quarter import Quarter


@command
@on_option
@unit_option
@within_option
def coverage(context: Context, on: date, unit_id: str | None, within: Window | None) -> tuple[int, dict[str, Any]]:
    """物业服务覆盖率、指标与目标的差距、未覆盖的小区。"""
    from dashboard.report import coverage_body, coverage_lines
    from planning import runs
    from planning.city import Scope

    with context.open_existing() as store:
        profile = context.profile(store)
        city = context.part(store, Scope(unit_id, within))
        result = runs.assess(city, profile, on)
    for line in coverage_lines(result):
        say(line)
    return DONE, coverage_body(result)


@command
@click.option("--quarter", "period", required=True, metavar="季度", help="例如 2027Q1")
@click.option("--budget", type=Number(float, 0), default=30.0, show_default=True, help="最多求解几秒")
@unit_option
@within_option
@seed_option
def plan(
    context: Context, period: str, budget: float, unit_id: str | None,
    within: Window | None, seed: int,
) -> tuple[int, dict[str, Any]]:  # fmt: skip
    """排出一个季度的联合执法检查：哪个组哪一天去哪些小区。"""
    from dashboard.report import plan_body, plan_lines
    from planning import quarter as quarters
    from planning import runs
    from planning.city import Scope
    from planning.quarter import rules

    period = Quarter.parse(period).id
    scope = Scope(unit_id, within)
    with context.open_existing() as store:
        profile = context.profile(store)
        city = context.part(store, scope)
        with progress("检查计划") as bar:
            problem = runs.pose_quarter(city, profile, period, cache_dir=context.cache_dir, progress=bar)
            result = quarters.solve(problem, budget_s=budget, seed=seed, progress=bar)
        violations = rules.violations(result, problem)
        runs.save(store, context.actor, runs.PLAN, period, result, scope, city)
    if problem.last_day < date.today():
        say(f"! {Quarter.parse(period).title}已经过去")
    for line in plan_lines(result, problem, violations):
        say(line)
    code = NEEDS_A_PERSON if result.unplaced or violations else DONE
    return code, plan_body(result, problem, violations)


@command
@on_option
def check(context: Context, on: date) -> tuple[int, dict[str, Any]]:
    """用独立的程序核对已保存的打捆方案和检查计划是否符合每条规则。"""
    from planning import runs
    from planning.documents import dump

    with context.open_existing() as store:
        profile = context.profile(store)
        with progress("核对", stoppable=False) as bar:
            report = runs.check(store, context.actor, profile, on=on, cache_dir=context.cache_dir, progress=bar)
    for violation in report.violations:
        say(f"✗ {f'{violation.plan}：' if violation.plan else ''}{violation.message}（{violation.subject}）")
    for one in report.exceptions:
        say(f"· {one.plan}，人工调整 {one.bundle_id}：{one.message}。理由：{one.reason}")
    for name in report.outdated:
        say(f"! {name}排定之后数据有变化，建议重新计算")
    allowed = f"，{len(report.exceptions)} 处人工调整写明了理由" if report.exceptions else ""
    say(f"已核对 {'、'.join(report.checked)}：{len(report.violations)} 处不符合规则{allowed}")
    code = NEEDS_A_PERSON if report.violations else DONE
    return code, dump(report)
