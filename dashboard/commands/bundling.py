"""Commands about bundles: ``bundle`` proposes them, ``frontier`` shows what another limit would bring."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal

import click

from dashboard.commands.frame import DONE, NEEDS_A_PERSON, Context, command
from dashboard.commands.options import Window, on_option, seed_option, unit_option, within_option
from dashboard.terminal import progress, say
from dashboard.usage import Number
from geo.errors import InputError

if TYPE_CHECKING:
    from data.profile import Profile
    from planning.bundles.settings import BundleSettings, Way

_AXES = {"radius": "半径（米）", "min_households": "最少户数", "fee_window": "物业费相差（元/平方米·月）"}
_SETTINGS = (
    click.option("--way", type=click.Choice(("service", "anchor", "audit", "regions")), default="service",
                 show_default=True, help="打捆、以大带小、审计打包、划区"),
    click.option("--compact", type=click.Choice(("medoid", "chain", "both")), help="围绕中心小区、连片，或两者都要"),
    click.option("--viability", type=click.Choice(("households", "money", "both")), help="按户数、按收支，或两者都要"),
    click.option("--radius", type=Number(float, 1, 20_000), metavar="米", help="到中心小区（连片时到邻居）的距离"),
    click.option("--min-households", type=Number(int, 1, 1_000_000), metavar="户", help="最少户数"),
    click.option("--max-households", type=Number(int, 1, 1_000_000), metavar="户", help="最多户数"),
)  # fmt: skip


def _with_settings(function: Any) -> Any:
    for option in reversed(_SETTINGS):
        function = option(function)
    return function


def _settings(
    profile: Profile,
    way: Way,
    compact: Literal["medoid", "chain", "both"] | None,
    viability: Literal["households", "money", "both"] | None,
    radius: float | None,
    min_households: int | None,
    max_households: int | None,
) -> BundleSettings:
    """The city's rules of a way, with the limits that were given in the place of its own."""
    from planning.bundles import settings_from

    rules = settings_from(profile, way)
    given = {
        "compact": compact,
        "viability": viability,
        "radius_m": radius,
        "neighbour_m": radius if rules.neighbour_m is not None else None,
        "max_diameter_m": max(radius, rules.max_diameter_m) if radius is not None else None,
        "min_households": min_households,
        "max_households": max_households,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    low, high = (wanted.get(name, getattr(rules, name)) for name in ("min_households", "max_households"))
    if low > high:
        raise InputError(f"最少户数 {low} 大于最多户数 {high}", "请改小 --min-households 或改大 --max-households")
    if wanted.get("viability", rules.viability) != "households" and rules.costs is None:
        raise InputError("这种方式没有成本表，不能按收支判断", "请去掉 --viability，或在城市方案中补上 [bundle_costs]")
    return replace(rules, **wanted)


@command
@click.option("--seconds", type=Number(float, 0), default=60.0, show_default=True, help="最多求解几秒")
@click.option(
    "--mode",
    type=click.Choice(("exact", "near")),
    default="exact",
    show_default=True,
    help="户数最多优先，或让出极少户数换取更短距离",
)
@click.option("--forget", is_flag=True, help="不保留页面上提出的人工要求")
@_with_settings
@on_option
@unit_option
@within_option
@seed_option
def bundle(
    context: Context, seconds: float, mode: Literal["exact", "near"], forget: bool, on: date, unit_id: str | None,
    within: Window | None, seed: int, **limits: Any,
) -> tuple[int, dict[str, Any]]:  # fmt: skip
    """为未覆盖的小区提出单独、打捆、兜底的方案。"""
    from dashboard.report import bundle_body, bundle_lines
    from planning import bundle_versions, runs
    from planning.city import Scope

    scope = Scope(unit_id, within)
    with context.open_existing() as store:
        profile = context.profile(store)
        settings = replace(_settings(profile, **limits), mode=mode)
        city = context.part(store, scope)
        base = runs.stored_bundles(store, context.actor, settings.way)
        before = None if base is None else base.value
        with progress("打捆") as bar:
            result = runs.propose_bundles(
                city, profile, on=on, way=settings.way, settings=settings, before=before,
                wishes=() if before is None or forget else before.wishes, seed=seed, seconds=seconds, progress=bar,
            )  # fmt: skip
        bundle_versions.solved(store, context.actor, settings.way, result, scope, city, now=datetime.now(UTC))
    for line in bundle_lines(result):
        say(line)
    return DONE, bundle_body(result)


@command
@click.option("--axis", type=click.Choice(tuple(_AXES)), default="radius", show_default=True, help="比较哪一项")
@click.option("--values", metavar="值,值,…", help="取哪些值，默认半径 300–1500 米、户数 100–1000 户等")
@click.option("--seconds", type=Number(float, 0), default=300.0, show_default=True, help="最多求解几秒")
@_with_settings
@on_option
@unit_option
@within_option
@seed_option
def frontier(
    context: Context, axis: Literal["radius", "min_households", "fee_window"], values: str | None, seconds: float,
    on: date, unit_id: str | None, within: Window | None, seed: int, **limits: Any,
) -> tuple[int, dict[str, Any]]:  # fmt: skip
    """比较不同的半径、最少户数或物业费差距各能覆盖多少户。"""
    from dashboard.report import frontier_body, frontier_lines
    from planning import runs
    from planning.city import Scope

    with context.open_existing() as store:
        profile = context.profile(store)
        settings = _settings(profile, **limits)
        city = context.part(store, Scope(unit_id, within))
        with progress("方案比较") as bar:
            result = runs.bundle_frontier(
                city, profile, on=on, settings=settings, axis=axis, values=_values(values), seed=seed,
                seconds=seconds, progress=bar,
            )  # fmt: skip
    for line in frontier_lines(result, _AXES[axis]):
        say(line)
    return DONE if result.complete else NEEDS_A_PERSON, frontier_body(result)


def _values(text: str | None) -> tuple[float, ...]:
    if text is None:
        return ()
    try:
        return tuple(float(part) for part in text.replace("，", ",").split(",") if part.strip())
    except ValueError:
        raise InputError(f"“{text}”不是用逗号隔开的数", "请写成 300,500,800") from None
