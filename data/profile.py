"""City profiles: the rules of a city as data (``data/profiles/*.toml``), each with its basis (依据).

The types here are frozen and cannot hold nonsense; ``data.profile_file`` reads and checks the files.
Code never names a city.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Filter = Mapping[str, tuple[object, ...]]
"""Estate column → accepted values. All columns must match; an empty filter accepts every estate."""

Subject = Literal["estate", "region"]


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a rule comes from: rule id, exact quote, document number; ``assumed`` where the paper gives no number."""

    rule: str
    document: str
    quote: str = ""
    assumed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A number of the city with its basis."""

    value: float
    unit: str
    basis: Basis


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
        leap_safe = last.due.replace(day=28) if (last.due.month, last.due.day) == (2, 29) else last.due
        due = leap_safe.replace(year=day.year)
        if due < day:
            due = leap_safe.replace(year=day.year + 1)
        return EffectiveTarget(due, last.value, last.due)


@dataclass(frozen=True, slots=True)
class VisitRule:
    """A programme of visits (检查项目): who is visited how often, by which departments, for how long."""

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


@dataclass(frozen=True, slots=True)
class BundleRules:
    """Limits of bundles (打捆). Every value carries its basis; most papers give no number, so most are assumed."""

    radius_m: Value
    max_diameter_m: Value
    min_households: Value
    max_households: Value
    max_estates: Value
    small_households: Value
    small_floor_area_m2: Value
    fee_window_yuan_m2: Value
    barriers: tuple[str, ...]
    """Kinds that a bundle may not cross: ``river``, ``railway``, or a road class such as ``motorway``, ``trunk``."""
    lead: Literal["street", "community"]
    keep_grids: bool
    same_type: bool
    basis: Basis
    barriers_basis: Basis


@dataclass(frozen=True, slots=True)
class FallbackWay:
    """A way to serve what can be neither alone nor bundled (兜底); the first whose filter matches is proposed."""

    id: str
    name: str
    scope: Filter
    condition: str
    basis: Basis


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
    progress_day: Value | None


@dataclass(frozen=True, slots=True)
class Profile:
    """All rules of one city."""

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
    bundle: BundleRules
    fallback_ways: tuple[FallbackWay, ...]
    service_times: ServiceTimes
    sla: Sla | None
    reports: tuple[Report, ...]
    mandatory_classes: Mapping[str, str] = field(default_factory=dict)

    def covered_forms(self) -> frozenset[int]:
        """Canonical service forms that count as covered in this city."""
        return frozenset(form.canonical for form in self.service_forms if form.covered)

    def departments_for(self, categories: tuple[int, ...]) -> frozenset[str]:
        """Departments that the problem codes of open cases call for (matter × department, L34)."""
        wanted: set[str] = set()
        for problem in self.problem_codes:
            if problem.code in categories:
                wanted.update(problem.departments)
        return frozenset(wanted)
