"""Quality report (质量报告): what is wrong with boundaries, places, names and records, with figures and a remedy (L09)."""

from planning.quality.kinds import GROUPS, KINDS, Kind
from planning.quality.of_load import of_load
from planning.quality.report import Report, by_street, counts, report
from planning.quality.settings import Settings
from planning.quality.types import Finding, Measure, Place, Severity, worst_first

__all__ = [
    "GROUPS",
    "KINDS",
    "Finding",
    "Kind",
    "Measure",
    "Place",
    "Report",
    "Settings",
    "Severity",
    "by_street",
    "counts",
    "of_load",
    "report",
    "worst_first",
]
