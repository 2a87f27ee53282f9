"""What reading a register gives: raw records ready for the canonical tables, and everything that was not taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from geo.crs import Datum
from geo.errors import Fault

Kind = Literal["register", "cases", "teams", "places", "companies", "consents"]
Record = dict[str, object]


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """Rows that carry no record (合计, 填表说明, 空行 …): listed, so that nothing vanishes in silence."""

    file: str
    sheet: str
    row: int
    last_row: int
    reason: str
    text: str = ""

    def as_dict(self) -> Record:
        return {
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "last_row": self.last_row,
            "reason": self.reason,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class SkippedSheet:
    """A sheet that was not read, and why (隐藏, 没有可识别的表头 …)."""

    file: str
    sheet: str
    reason: str

    def as_dict(self) -> Record:
        return {"file": self.file, "sheet": self.sheet, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class RegisterResult:
    """Records of one register file.

    ``regions``, ``estates``, ``cases``, ``units`` hold rows for ``REGIONS.frame`` and its like, index included.
    Positions are not converted here: estates carry ``lon_source``, ``lat_source`` and ``datum`` (null when neither the
    file nor the mapping states one), and ``lon``, ``lat`` stay unset; ``teams`` carry ``depot_lon`` and ``depot_lat``
    as the file has them. Both are in ``datum`` where it is known. ``cases`` have no ``estate_id`` yet:
    ``data.registers.match.match_cases`` finds it when all estates are known. ``places`` holds rows for
    ``PLACE_NAMES.frame``, ``companies`` for ``COMPANIES.frame``. ``consents`` are answers of owners (see
    ``data.registers.consultation``), to be joined to estates by ``data.load_consents``.

    Attributes
    ----------
    kind, mapping
        What the file was read as, and by which column mapping.
    units
        Units that the register names and the given table does not list, where that level of the table is empty.
    faults
        Refused rows: all faults of a row, all rows. A row with any fault gives no record.
    notes
        Chinese sentences for the report: what was assumed, split, ignored.
    n_rows_read, n_rows_refused
        Data rows seen (skipped rows do not count), and those of them that gave no record.
    datum
        Datum that the whole file states or the mapping fixes; null if none or if sheets differ.
    """

    kind: Kind
    mapping: str
    regions: list[Record] = field(default_factory=list)
    estates: list[Record] = field(default_factory=list)
    cases: list[Record] = field(default_factory=list)
    teams: list[Record] = field(default_factory=list)
    places: list[Record] = field(default_factory=list)
    companies: list[Record] = field(default_factory=list)
    consents: list[Record] = field(default_factory=list)
    units: list[Record] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped_rows: list[SkippedRow] = field(default_factory=list)
    skipped_sheets: list[SkippedSheet] = field(default_factory=list)
    n_rows_read: int = 0
    n_rows_refused: int = 0
    datum: Datum | None = None
