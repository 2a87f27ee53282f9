"""The quality report of a city: every check, worst finding first, counted by kind and by street."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from data.store import Load
from geo.progress import SILENT, Progress, Stopped
from planning.city import City, Scope
from planning.quality.facts import Facts
from planning.quality.kinds import KINDS
from planning.quality.names import name_findings
from planning.quality.of_load import of_load
from planning.quality.outlines import cut_findings, outline_findings
from planning.quality.places import place_findings
from planning.quality.records import record_findings
from planning.quality.settings import Settings
from planning.quality.shared_ground import shared_ground_findings
from planning.quality.types import Finding, Severity, worst_first
from planning.quality.unit_checks import unit_findings

_STEPS: Final[tuple[tuple[str, Callable[[Facts], Iterator[Finding]]], ...]] = (
    ("核对边界图形", outline_findings),
    ("核对重叠和缝隙", shared_ground_findings),
    ("核对道路和河流", cut_findings),
    ("核对位置", place_findings),
    ("核对名称", name_findings),
    ("核对台账和出入口", record_findings),
    ("核对行政单元", unit_findings),
)


@dataclass(frozen=True)
class Report:
    """All findings, worst first, with what was looked at."""

    findings: tuple[Finding, ...]
    settings: Settings
    n_estates: int
    n_boundaries: int

    def only(
        self,
        *,
        streets: Collection[str] | None = None,
        kinds: Collection[str] | None = None,
        severities: Collection[Severity] | None = None,
    ) -> Report:
        """The findings of some streets, kinds and severities; ``None`` leaves a filter out."""
        kept = tuple(
            finding
            for finding in self.findings
            if (streets is None or set(finding.streets) & set(streets))
            and (kinds is None or finding.kind in kinds)
            and (severities is None or finding.severity in severities)
        )
        return replace(self, findings=kept)

    def inside(self, city: City, unit_id: str) -> Report:
        """The findings about the estates of a unit, their regions, the unit itself or a unit below it.

        Raises
        ------
        InputError
            If the unit does not exist.
        """
        part = city.inside(Scope(unit_id))
        estates, regions, units = set(part.estates.index), set(part.estates["region_id"]), {unit_id}
        parents = city.units["parent_id"]
        while below := set(parents.index[parents.isin(list(units))]) - units:
            units |= below
        kept = tuple(
            f for f in self.findings if estates & set(f.estates) or regions & set(f.regions) or units & set(f.units)
        )
        return replace(self, findings=kept)


def report(
    city: City, settings: Settings | None = None, *, load: Load | None = None, progress: Progress = SILENT
) -> Report:
    """Check a whole city.

    The whole city is looked at, because a boundary may collide with one in the next street; `Report.only` narrows.

    Parameters
    ----------
    load
        The last load, whose repairs and refusals are put before the rest; ``None`` leaves them out.

    Raises
    ------
    Stopped
        If ``progress`` says stop.
    """
    settings = settings or Settings()
    progress.update(0.0, "准备边界")
    facts = Facts.of(city, settings)
    found: list[Finding] = list(of_load(load, city))
    for step, (text, check) in enumerate(_STEPS):
        if progress.stopped:
            raise Stopped
        progress.update((step + 1) / (len(_STEPS) + 1), text)
        found.extend(check(facts))
    progress.update(1.0, "核对完毕")
    return Report(worst_first(found), settings, len(city.estates), len(facts.ground))


def counts(findings: Sequence[Finding]) -> pd.DataFrame:
    """Findings by kind: index kind (in the order of `KINDS`, only those that occur), columns ``error``, ``warning``,
    ``hint``, ``total``."""
    rows = {key: dict.fromkeys((*Severity, "total"), 0) for key in KINDS}
    for finding in findings:
        rows[finding.kind][finding.severity] += 1
        rows[finding.kind]["total"] += 1
    table = pd.DataFrame.from_dict(
        {key: {str(name): n for name, n in row.items()} for key, row in rows.items() if row["total"]},
        orient="index",
        columns=[*map(str, Severity), "total"],
    )
    return table.rename_axis("kind").astype("int64")


def by_street(findings: Sequence[Finding], city: City) -> pd.DataFrame:
    """Findings by street: index street id ("" for those of no street, last), columns as in `counts`, most errors first.

    A finding about estates of two streets counts in both.
    """
    rows: dict[str, dict[str, int]] = {}
    for finding in findings:
        for street in finding.streets or ("",):
            row = rows.setdefault(street, {**dict.fromkeys(map(str, Severity), 0), "total": 0})
            row[str(finding.severity)] += 1
            row["total"] += 1
    table = pd.DataFrame.from_dict(rows, orient="index", columns=[*map(str, Severity), "total"]).rename_axis(
        "street_id"
    )
    order = sorted(
        table.index,
        key=lambda s: (s == "", -table.at[s, "error"], -table.at[s, "warning"], -table.at[s, "total"], str(s)),
    )
    return table.loc[order].astype("int64")
