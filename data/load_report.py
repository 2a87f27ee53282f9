"""What a load gives back: how much came in, what was refused and why, and what a person should look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from geo.errors import Fault, InputError


@dataclass(frozen=True, slots=True)
class LoadReport:
    """Result of `data.load.load`.

    Attributes
    ----------
    rows_read, rows_loaded, rows_refused
        Table rows and features of all files. Rows left out on purpose (totals, offices in an estate layer) count as
        read only.
    faults
        Places to mend: refused rows, unusable files, and shapes that were repaired and should be looked at.
    warnings
        Chinese sentences on what is probably wrong as a whole, e.g. the datum.
    notes
        Chinese sentences on what was assumed, joined or dropped on the way.
    skipped
        Files, sheets, layers and rows that were not read, each with its reason.
    files
        One entry a file: name, kind, rows.
    counts
        Rows of each table after reading, and joins made (Chinese titles stay with the screen).
    changed
        Rows added or changed in the store; 0 when it held all of it already.
    control_points
        Residual of each common point by which files of an old system were carried over: point, residual_m, suspect.
    datum_checks
        One entry a check that could be made: place, check (what was counted), datum (as read), of (how many were looked
        at), hits (for each datum), likely (another datum that fits far better, or null).
    """

    rows_read: int
    rows_loaded: int
    rows_refused: int
    faults: list[Fault]
    warnings: list[str]
    notes: list[str]
    skipped: list[dict[str, Any]]
    files: list[dict[str, Any]]
    counts: dict[str, int]
    changed: int
    control_points: list[dict[str, object]] = field(default_factory=list)
    datum_checks: list[dict[str, object]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "rows_read": self.rows_read,
            "rows_loaded": self.rows_loaded,
            "rows_refused": self.rows_refused,
            "changed": self.changed,
            "counts": self.counts,
            "faults": [fault.as_dict() for fault in self.faults],
            "warnings": self.warnings,
            "notes": self.notes,
            "skipped": self.skipped,
            "files": self.files,
            "control_points": self.control_points,
            "datum_checks": self.datum_checks,
        }


@dataclass(slots=True)
class Findings:
    """What the steps of a load find, gathered as they go; the only thing that they change."""

    faults: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    rows_read: int = 0
    rows_refused: int = 0
    rows_left_out: int = 0
    control_points: list[dict[str, object]] = field(default_factory=list)
    datum_checks: list[dict[str, object]] = field(default_factory=list)

    def refuse(self, faults: Iterable[Fault]) -> None:
        """Note refused rows: faults of one place count as one row."""
        found = list(faults)
        self.faults.extend(found)
        self.rows_refused += len({(fault.file, fault.sheet, fault.row) for fault in found})

    def unusable(self, error: InputError) -> None:
        """Note a file that cannot be used at all (no rows are counted)."""
        self.faults.extend(error.faults)

    def skip(self, file: str, reason: str, **where: object) -> None:
        """Note something that was not read."""
        self.skipped.append({"file": file, **where, "reason": reason})

    def note(self, text: str) -> None:
        """Note once."""
        if text not in self.notes:
            self.notes.append(text)

    def warn(self, text: str) -> None:
        """Warn once."""
        if text not in self.warnings:
            self.warnings.append(text)

    def count(self, name: str, n: int) -> None:
        """Add to a count."""
        self.counts[name] = self.counts.get(name, 0) + n

    def report(self, changed: int) -> LoadReport:
        """The report of these findings."""
        loaded = self.rows_read - self.rows_refused - self.rows_left_out
        return LoadReport(
            self.rows_read,
            max(loaded, 0),
            self.rows_refused,
            self.faults,
            self.warnings,
            self.notes,
            self.skipped,
            self.files,
            self.counts,
            changed,
            self.control_points,
            self.datum_checks,
        )
