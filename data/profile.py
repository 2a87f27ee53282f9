"""City profiles: the rules of a city as data (``data/profiles/*.toml``), each with its basis (依据).

The types here are frozen and cannot hold nonsense; ``data.profile_file`` reads and checks the files.
Code never names a city.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from data.profile_basis import Basis, Filter, Value
from data.profile_bundles import BundleRules, BundleWay, CostRules, FallbackWay

__all__ = [
    "DERIVED_COLUMNS",
    "Basis",
    "BundleRules",
    "BundleWay",
    "CostRules",
    "EffectiveTarget",
    "FallbackWay",
    "Filter",
    "Kpi",
    "Phase",
    "ProblemCode",
    "Profile",
    "Report",
    "ServiceForm",
    "ServiceTimes",
    "Sla",
    "StatedTarget",
    "Subject",
    "Target",
    "Value",
    "VisitRule",
]

DERIVED_COLUMNS: Final[Mapping[str, tuple[object, ...]]] = {
    "covered": (True, False),
    "state": ("professional", "other_covered", "unmanaged", "lost", "unknown"),
}
"""Filter columns that come from the coverage assessment instead of the register, with their possible values."""

Subject = Literal["estate", "region"]


@dataclass(frozen=True, slots=True)
class ServiceForm:
    """One service form as the city words it. ``canonical`` is a key of ``data.codes.SERVICE_FORMS``."""

    code: str
    name: str
    canonical: int
    covered: bool
    aliases: tuple[str, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class ProblemCode:
    """One problem code of the city's list; ``canonical`` are codes 1–22 of 附件2, empty for a purely local one."""

    code: int
    name: str
    group: str
    canonical: tuple[int, ...]
    departments: tuple[str, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Target:
    """A rate (share 0–1) or count to be reached by a date."""

    due: date
    value: float


@dataclass(frozen=True, slots=True)
class EffectiveTarget:
    """The target in force on a day; ``rolled_from`` is the last printed date when the paper's own dates have passed."""

    due: date
    value: float
    rolled_from: date | None


@dataclass(frozen=True, slots=True)
class Kpi:
    """An indicator: share of the subjects in ``denominator`` that also match ``numerator``, or their count."""

    id: str
    name: str
    subject: Subject
    measure: Literal["share", "count"]
    numerator: Filter
    denominator: Filter
    targets: tuple[Target, ...]
    definition: str
    basis: Basis

    def target_on(self, day: date) -> EffectiveTarget | None:
        """The first target due on or after the day; past the last one, its value rolled to the next same day of a year.

        The paper's dates have passed in all campaigns; rolling keeps the duty alive without showing all as overdue.
        """
        for target in sorted(self.targets, key=lambda t: t.due):
            if target.due >= day:
                return EffectiveTarget(target.due, target.value, None)
        if not self.targets:
            return None
        last = max(self.targets, key=lambda t: t.due)
        due = _same_day(last.due, day.year)
        if due < day:
            due = _same_day(last.due, day.year + 1)
        return EffectiveTarget(due, last.value, last.due)


def _same_day(day: date, year: int) -> date:
    """The day in another year; 29 February becomes the 28th where the year has none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


@dataclass(frozen=True, slots=True)
class StatedTarget:
    """A target of the paper that the register cannot measure, shown with its basis instead of being left out.

    ``counts`` is what is counted (统计对象), ``needs`` the data that would be needed, both Chinese.
    """

    id: str
    name: str
    measure: Literal["share", "count"]
    counts: str
    needs: str
    targets: tuple[Target, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class VisitRule:
    """A programme of visits (检查项目): which estates are visited, how often, by which departments.

    ``share`` (0–1) of the estates in ``scope`` must be chosen, rounded up to whole estates for each unit of ``level``,
    once a quarter or over the year (``period``); each is visited ``times_per_quarter`` times. Estates of the
    ``mandatory`` classes (keys of ``Profile.mandatory_classes``) are never left out and count towards the share; with
    share 0 only they are visited. ``departments`` is the pool that the teams are formed from; which of them one visit
    needs follows from the estate's open cases (``Profile.departments_for``).
    """

    id: str
    name: str
    kind: Literal["joint", "sample", "full", "cross", "random", "targeted", "unannounced", "acceptance", "recheck"]
    level: Literal["city", "county", "street", "community"]
    scope: Filter
    times_per_quarter: int
    share: float
    mandatory: tuple[str, ...]
    departments: tuple[str, ...]
    basis: Basis
    period: Literal["quarter", "year"] = "quarter"


@dataclass(frozen=True, slots=True)
class ServiceTimes:
    """How long a visit takes: base + per thousand households + per open case, at most the cap. Seconds."""

    base_s: Value
    per_1000_households_s: Value
    per_open_case_s: Value
    cap_s: Value


@dataclass(frozen=True, slots=True)
class Report:
    """A report that falls due in a cycle, e.g. the 3rd of each month for the month before."""

    id: str
    name: str
    cycle: Literal["daily", "weekly", "halfmonthly", "monthly", "quarterly", "yearly"]
    day: int | None
    month: int | None
    sender: str
    receiver: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Sla:
    """Case deadlines: default and longest days, working days for the feedback, day of the progress report."""

    default_days: Value
    max_months: Value
    feedback_working_days: Value
    progress_day: Value | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the campaign (工作步骤), both days included."""

    name: str
    first_day: date
    last_day: date
    basis: Basis


@dataclass(frozen=True, slots=True)
class Profile:
    """All rules of one city.

    ``bases`` holds the basis of what cannot carry one itself, by dotted key: ``organs``, ``levels``,
    ``committee_codes``, ``party_codes``, ``departments``, ``mandatory_classes.<id>``.
    """

    id: str
    city: str
    version: str
    document: str
    title: str
    valid_from: date
    valid_to: date
    fictional: bool
    organs: Mapping[str, str]
    levels: tuple[str, ...]
    service_forms: tuple[ServiceForm, ...]
    committee_codes: Mapping[str, int]
    party_codes: Mapping[str, int]
    problem_codes: tuple[ProblemCode, ...]
    kpis: tuple[Kpi, ...]
    visit_rules: tuple[VisitRule, ...]
    departments: tuple[str, ...]
    bundle_ways: Mapping[BundleWay, BundleRules]
    fallback_ways: tuple[FallbackWay, ...]
    service_times: ServiceTimes
    sla: Sla | None
    reports: tuple[Report, ...]
    mandatory_classes: Mapping[str, str] = field(default_factory=dict)
    stated_targets: tuple[StatedTarget, ...] = ()
    phases: tuple[Phase, ...] = ()
    bases: Mapping[str, Basis] = field(default_factory=dict)
    bundle_way: BundleWay = "service"
    """The way of bundling that the city's paper is about."""
    bundle_costs: CostRules | None = None

    @property
    def bundle(self) -> BundleRules:
        """Rules of the city's main way of bundling."""
        return self.bundle_ways[self.bundle_way]

    def ended_on(self, day: date) -> bool:
        """Whether the campaign's own period is over, so that its targets are rolled forward (目标顺延)."""
        return day > self.valid_to

    def covered_forms(self) -> frozenset[int]:
        """Canonical service forms that count as covered in this city."""
        return frozenset(form.canonical for form in self.service_forms if form.covered)

    def departments_for(self, categories: tuple[int, ...]) -> frozenset[str]:
        """Departments that the problem codes of open cases call for (matter × department, L34)."""
        called = (problem.departments for problem in self.problem_codes if problem.code in categories)
        return frozenset(name for departments in called for name in departments)
