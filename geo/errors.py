"""Faults of input: what is wrong, where, and what to do about it.

The lowest layer owns these types so that every layer can raise them. Texts are Chinese because users read them;
programming faults stay ``ValueError`` or ``TypeError`` in English.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

_VALUE_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Fault:
    """One place of one file that a person can mend (错误行).

    Parameters
    ----------
    problem
        What is wrong, one Chinese sentence without the place (the other fields say the place).
    remedy
        What to do about it, one Chinese sentence.
    file, sheet, row, column, value
        The place: file name, sheet, row as the spreadsheet shows it (1 = first), column header, text of the cell.
    """

    problem: str
    remedy: str
    file: str = ""
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def __post_init__(self) -> None:
        if self.value is not None and len(self.value) > _VALUE_SHOWN:
            object.__setattr__(self, "value", self.value[:_VALUE_SHOWN] + "…")

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON, in the order a reader wants them."""
        row = asdict(self)
        order = ("file", "sheet", "row", "column", "value", "problem", "remedy")
        return {key: row[key] for key in order}

    def __str__(self) -> str:
        place = [self.file] if self.file else []
        if self.sheet:
            place.append(f"工作表“{self.sheet}”")
        if self.row is not None:
            place.append(f"第{self.row}行")
        if self.column:
            place.append(f"“{self.column}”列")
        where = "，".join(place)
        value = f"值“{self.value}”" if self.value is not None else ""
        return f"{where}{'：' if where else ''}{value}{self.problem}。{self.remedy}"


class InputError(Exception):
    """Input that cannot be used at all: nothing was changed, the user can mend it (exit code 2).

    Parameters
    ----------
    problem
        A Chinese sentence, or the faults themselves.
    remedy
        What to do about it; used when ``problem`` is a sentence.
    """

    def __init__(
        self, problem: str | Iterable[Fault], remedy: str = "", *, file: str = "", sheet: str | None = None
    ) -> None:
        if isinstance(problem, str):
            self.faults: tuple[Fault, ...] = (Fault(problem, remedy, file=file, sheet=sheet),)
        else:
            self.faults = tuple(problem)
        super().__init__("\n".join(str(fault) for fault in self.faults))
