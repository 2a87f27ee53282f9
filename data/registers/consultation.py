"""Rows of the owners' answers (征询意见结果) as records: whether they agree to be bundled, and what share does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from data.registers.header import Header
from data.registers.result import Record, RegisterResult
from data.registers.sheet_rows import RowReading
from data.registers.text import name_key, squeezed
from geo.errors import Fault

_ANSWERS = ("consent", "n_agreed", "n_refused")


@dataclass(slots=True)
class ConsentRows:
    """The answers of one file.

    Records hold ``estate_id`` (null where the file gives no code), ``name``, ``street`` (a name), ``consent`` and
    ``consent_rate`` as far as the row states them. Rows without any answer give no record.
    """

    file: str
    _first: dict[tuple[str, ...], str] = field(default_factory=dict)
    _records: list[Record] = field(default_factory=list)
    _n_unanswered: int = 0

    def add(self, sheet: str, header: Header, row: RowReading) -> None:
        """Take the answer of a row, or give it its faults."""
        if row.faults:
            return
        fields = row.fields
        if not any(name in fields for name in _ANSWERS):
            self._n_unanswered += 1
            return
        name, code = cast(str, fields["name"]), cast("str | None", fields.get("estate_code"))
        street = cast("str | None", fields.get("street"))
        key = (code,) if code else (squeezed(street or ""), name_key(name))
        place = f"工作表“{sheet}”第{row.row}行"
        first = self._first.setdefault(key, place)
        if first != place:
            row.faults.append(self._fault(sheet, header, row, "name", f"与{first}是同一个小区", "请只保留一行"))
        counts = {name: cast("int | None", fields.get(name)) for name in ("n_asked", "n_agreed", "n_refused")}
        for count, number in counts.items():
            if number is not None and number < 0:
                row.faults.append(self._fault(sheet, header, row, count, "户数是负数", "请核对，填 0 或正整数"))
        asked, agreed, refused = counts.values()
        answered = (agreed or 0) + (refused or 0)
        if (agreed is not None or refused is not None) and not asked:
            row.faults.append(self._fault(sheet, header, row, "n_asked", "没有应征询户数", "请补填应征询户数"))
        elif asked is not None and answered > asked:
            problem = f"同意和不同意共{answered}户，多于应征询的{asked}户"
            row.faults.append(self._fault(sheet, header, row, "n_agreed", problem, "请核对三个户数"))
        if row.faults:
            return
        record: Record = {"estate_id": code, "name": name, "street": street}
        if "consent" in fields:
            record["consent"] = fields["consent"]
        if agreed is not None and asked:
            record["consent_rate"] = round(agreed / asked, 4)
        source: Record = {"source_file": self.file, "source_sheet": sheet, "source_row": row.row}
        self._records.append({**record, **source})

    def finish(self, result: RegisterResult) -> None:
        """Write records and notes."""
        result.consents.extend(self._records)
        if self._n_unanswered:
            result.notes.append(f"{self._n_unanswered} 个小区没有填写结论和户数，业主意愿没有改动")

    def _fault(self, sheet: str, header: Header, row: RowReading, field: str, problem: str, remedy: str) -> Fault:
        value = row.fields.get(field)
        shown = None if value is None else str(value)
        return Fault(problem, remedy, self.file, sheet, row.row, header.titles_of(field), shown)
