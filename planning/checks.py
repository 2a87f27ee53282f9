"""Every stored proposal of bundles against every rule: all ways, plans in force and named versions, made by hand or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from data.profile import Profile
from data.profile_bundles import BUNDLE_WAYS, WAY_NAMES
from data.store import Actor, Store
from geo.errors import InputError
from geo.progress import SILENT, Progress
from planning import coverage
from planning.bundle_versions import current, version, versions
from planning.bundles.rules import Adjustment, exceptions, violations
from planning.bundles.types import BundlePlan
from planning.city import City
from planning.results import Stored
from planning.stops import stop_points
from planning.travel import network
from planning.violations import Violation

UNREADABLE: Final = "readable"
"""Rule of a stored plan that this version of the program cannot read."""


@dataclass(frozen=True)
class CheckReport:
    """What the independent checkers found, each with the plan that it belongs to.

    ``checked``: names of all plans that there were to check; ``outdated``: of those whose data have changed since;
    ``exceptions``: rules that bundles made by hand break with a recorded reason.
    """

    violations: tuple[Violation, ...]
    checked: tuple[str, ...]
    outdated: tuple[str, ...]
    exceptions: tuple[Adjustment, ...] = ()


def check_bundles(
    store: Store, actor: Actor, city: City, profile: Profile, *, on: date, progress: Progress = SILENT
) -> CheckReport:
    """All stored proposals of the actor's area; an empty report if there are none.

    Parameters
    ----------
    city
        As the actor may see it; each plan is checked in its own scope.
    on
        Day of the coverage states.
    """
    found: list[Violation] = []
    told: list[Adjustment] = []
    checked: list[str] = []
    outdated: list[str] = []
    done: list[tuple[Stored[BundlePlan], CheckReport]] = []
    for name, saved in _stored(store, actor):
        progress.update(0.1, f"核对{name}")
        checked.append(name)
        if isinstance(saved, InputError):
            found.append(Violation(UNREADABLE, name, str(saved), name))
            continue
        same = (report for other, report in done if (other.value, other.scope) == (saved.value, saved.scope))
        report = next(same, None) or _check(saved, city, profile, on)
        done.append((saved, report))
        found += [replace(one, plan=name) for one in report.violations]
        told += [replace(one, plan=name) for one in report.exceptions]
        outdated += [name] if saved.outdated else []
    return CheckReport(tuple(found), tuple(checked), tuple(outdated), tuple(told))


def _stored(store: Store, actor: Actor) -> Iterator[tuple[str, Stored[BundlePlan] | InputError]]:
    """Plans in force, then named versions, way by way, each with its name; what cannot be read as its error."""
    for way in BUNDLE_WAYS:
        title = f"{WAY_NAMES[way]}方案"
        try:
            plan = current(store, actor, way)
        except InputError as error:
            yield title, error
        else:
            if plan is not None:
                yield title, plan
        for one in versions(store, actor, way):
            name = f"{title}“{one.name}”"
            try:
                yield name, version(store, actor, way, one.name)
            except InputError as error:
                yield name, error


def _check(saved: Stored[BundlePlan], city: City, profile: Profile, on: date) -> CheckReport:
    part = city.inside(saved.scope)
    states = coverage.assess(part.estates, part.regions, part.units, profile, on).states
    stops = stop_points(part.estates, part.gates, part.boundaries, network(part.ways))
    plan = saved.value
    asked = (plan, part.estates, states, stops, part.ways, plan.settings, part.companies)
    return CheckReport(tuple(violations(*asked)), (), (), exceptions(*asked))
