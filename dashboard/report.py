"""Results as the lines a person reads at the terminal and as the bodies of ``--json``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dashboard.words import clock_span, date_text, kilometres, number, percent
from planning.bundles.frontier import Frontier
from planning.bundles.types import BundlePlan
from planning.coverage_types import Coverage, KpiResult
from planning.documents import dump
from planning.quarter.types import Plan, Problem
from planning.violations import Violation

_MANY = 8


def kpi_sentence(kpi: KpiResult) -> str:
    """One indicator in words: value, target, difference."""
    if kpi.value is None:
        if kpi.n_unknown:
            return f"{kpi.name}：台账没有填写（{kpi.n_unknown} 个），无法计算"
        return f"{kpi.name}：没有符合条件的{'小区' if kpi.subject == 'estate' else '物业管理区域'}，无法计算"
    value = percent(kpi.value) if kpi.measure == "share" else f"{kpi.numerator} 个"
    if kpi.target is None or kpi.due is None:
        return f"{kpi.name} {value}"
    target = percent(kpi.target) if kpi.measure == "share" else f"{kpi.target:g} 个"
    rolled = f"（原定{date_text(kpi.rolled_from)}，已顺延）" if kpi.rolled_from else ""
    gap = "已达标" if not kpi.missing else f"还差 {kpi.missing} 个"
    unknown = f"（另有 {kpi.n_unknown} 个未填，未计入已达到的）" if kpi.n_unknown else ""
    return f"{kpi.name} {value}，目标 {target}，期限{date_text(kpi.due)}{rolled}，{gap}{unknown}"


def coverage_lines(result: Coverage) -> list[str]:
    """Coverage for the terminal."""
    city = result.rates[0]
    lines = [
        f"{number(city.n_estates)} 个小区，覆盖 {number(city.n_covered)} 个（{percent(city.by_estates)}）；"
        f"按户数 {percent(city.by_households)}，按面积 {percent(city.by_floor_area)}",
        f"未覆盖：无物管 {city.n_unmanaged} 个，失管 {city.n_lost} 个，情况不明 {city.n_unknown} 个",
    ]
    return lines + [kpi_sentence(kpi) for kpi in result.kpis]


def coverage_body(result: Coverage) -> dict[str, Any]:
    """Coverage for ``--json``."""
    body = dump(result)
    for kpi in body["kpis"]:
        kpi["rule"] = kpi["basis"]["rule"]
    return body


def bundle_lines(result: BundlePlan) -> list[str]:
    """Bundles for the terminal."""
    members = sum(len(bundle.members) for bundle in result.bundles)
    more = result.bound - result.households_covered - result.given_up
    proof = "已证明最优" if result.proven else f"最多还可增加 {number(more)} 户"
    if result.given_up:
        proof += f"，为缩短距离让出 {number(result.given_up)} 户"
    lines = [
        f"打捆 {len(result.bundles)} 个（{members} 个小区，{number(result.households_covered)} 户，{proof}），"
        f"单独 {len(result.alone)} 个，兜底 {len(result.fallback)} 个；用时 {result.seconds:.1f} 秒"
    ]
    if result.straight_line:
        lines.append("! 库中没有道路：距离按直线 × 1.3 估算")
    proven = sum(unit.proven for unit in result.units)
    if proven < len(result.units):
        lines.append(f"! {len(result.units)} 个牵头单位中 {proven} 个已证明户数最多，其余可延长 --seconds 再算")
    return lines + [f"! {note}" for note in result.notes]


def frontier_lines(result: Frontier, title: str) -> list[str]:
    """What other limits would bring, a line for each point that was solved."""
    lines = [f"{title} 的取值与打捆覆盖的户数（逐个求解，不插值）："]
    for point in result.points:
        if point.problem:
            lines.append(f"{point.value:g}：没有方案。{point.problem}")
            continue
        proof = "已证明最多" if point.proven else f"最多还可增加 {number(point.bound - point.households)} 户"
        lines.append(
            f"{point.value:g}：{number(point.households)} 户，{point.n_bundles} 个服务单元，"
            f"{point.n_estates} 个小区（{proof}）；单独 {point.n_alone} 个、{number(point.households_alone)} 户"
        )
    return lines if result.complete else [*lines, "! 时间用完或被中断，其余取值没有求解；可延长 --seconds"]


def frontier_body(result: Frontier) -> dict[str, Any]:
    """The points for ``--json``."""
    body = dump(result)
    for told, point in zip(body["points"], result.points, strict=True):
        told["proven"] = point.proven
    return body


def bundle_body(result: BundlePlan) -> dict[str, Any]:
    """Bundles for ``--json``."""
    return dump(result)


def plan_lines(result: Plan, problem: Problem, violations: list[Violation]) -> list[str]:
    """A quarter's plan for the terminal."""
    placed = sum(1 for _ in result.stops())
    lines = [
        f"需检查 {len(problem.visits) + _outside(result, problem)} 个，"
        f"已排 {placed} 个，未排 {len(result.unplaced)} 个；"
        f"{len(result.routes)} 条线路，检查 {clock_span(result.service_s)}，"
        f"路途 {clock_span(result.travel_s)}（{kilometres(result.distance_m)}），{len(violations)} 处不符合规则；"
        f"用时 {result.seconds:.1f} 秒"
    ]
    if result.missing_team_days:
        lines.append(f"! 缺 {result.missing_team_days} 个队日")
    lines += [f"! 未排 {unplaced.visit_id}：{unplaced.reason}" for unplaced in result.unplaced[:20]]
    if len(result.unplaced) > 20:
        lines.append(f"! 另有 {len(result.unplaced) - 20} 个未排，见 --json")
    if problem.straight_line:
        lines.append("! 库中没有道路：路途按直线估算")
    if problem.calendar_warning:
        lines.append(f"! {problem.calendar_warning}")
    return lines + [f"✗ {violation.message}" for violation in violations]


def plan_body(result: Plan, problem: Problem, violations: list[Violation]) -> dict[str, Any]:
    """A quarter's plan for ``--json``."""
    body = dump(result)
    teams = []
    for team in problem.teams.values():
        routes = [route for route in result.routes if route.team_id == team.team_id]
        teams.append(
            {
                "team_id": team.team_id,
                "name": team.name,
                "days": len(routes),
                "days_available": len(team.days),
                "visits": sum(len(route.stops) for route in routes),
                "travel_s": sum(sum(s.travel_s for s in r.stops) + r.return_travel_s for r in routes),
                "service_s": sum(stop.end_s - stop.start_s for route in routes for stop in route.stops),
            }
        )
    return {
        "quarter": result.quarter,
        "visits": len(problem.visits) + _outside(result, problem),
        "placed": sum(1 for _ in result.stops()),
        "unplaced": body["unplaced"],
        "missing_team_days": result.missing_team_days,
        "travel_s": result.travel_s,
        "service_s": result.service_s,
        "distance_m": round(result.distance_m),
        "violations": [dump(violation) for violation in violations],
        "teams": teams,
        "routes": body["routes"],
        "straight_line": problem.straight_line,
        "calendar_warning": problem.calendar_warning,
        "seconds": result.seconds,
    }


def _outside(result: Plan, problem: Problem) -> int:
    """Visits that are wanted but could not even be posed (no position)."""
    return sum(1 for unplaced in result.unplaced if unplaced.visit_id not in problem.visits)


def export_lines(files: Sequence[Path]) -> list[str]:
    """Exported files for the terminal; a folder of many pages is one line."""
    folders = Counter(file.parent for file in files)
    lines = [f"已导出 {file}" for file in files if folders[file.parent] <= _MANY]
    return lines + [f"已导出 {folder}：{count} 个文件" for folder, count in folders.items() if count > _MANY]
