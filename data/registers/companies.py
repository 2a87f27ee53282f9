"""Rows of a list of companies' grades as records; of several periods of one company the latest counts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, cast

from data.registers.header import Header
from data.registers.result import Record, RegisterResult
from data.registers.sheet_rows import RowReading
from data.registers.text import company_id, squeezed
from geo.errors import Fault

_GRADE: Final = ("stars", "credit_list", "grade_text")
_YEAR: Final = re.compile(r"(?:19|20)\d{2}")
_PARTS: Final = (
    (re.compile(r"(?:第?一|1|首)季度|Q1", re.I), 3),
    (re.compile(r"上半年|(?:第?二|2)季度|Q2", re.I), 6),
    (re.compile(r"(?:第?三|3)季度|Q3", re.I), 9),
)
_DATE: Final = re.compile(r"(?:19|20)\d{2}[年\-./](\d{1,2})")


def period_key(period: str | None) -> tuple[int, int]:
    """Order of periods by their end (2024年上半年 before 2024年度): year and month; (0, 0) where none is stated."""
    text = squeezed(period or "")
    years = _YEAR.findall(text)
    if not years:
        return 0, 0
    months = [int(month) for month in _DATE.findall(text) if 1 <= int(month) <= 12]
    month = months[-1] if months else next((end for words, end in _PARTS if words.search(text)), 12)
    return max(map(int, years)), month


@dataclass(slots=True)
class CompanyRows:
    """The companies of one file."""

    file: str
    _latest: dict[str, tuple[Record, str]] = field(default_factory=dict)
    _n_older: int = 0
    _n_again: int = 0

    def add(self, sheet: str, header: Header, row: RowReading) -> None:
        """Take the grade of a row, or give it its faults: two grades of one company and period contradict each other."""
        if row.faults:
            return
        fields = dict(row.fields)
        texts = [str(fields.pop(name)) for name in ("stars_text", "grade_text") if name in fields]
        if texts:
            fields["grade_text"] = "、".join(dict.fromkeys(texts))
        name = cast(str, fields["name"])
        key, place = company_id(name), f"工作表“{sheet}”第{row.row}行"
        source: Record = {"source_file": self.file, "source_sheet": sheet, "source_row": row.row}
        record: Record = {"company_id": key, **fields, **source}
        old, old_place = self._latest.get(key, (None, ""))
        if old is None:
            self._latest[key] = record, place
            return
        mine, theirs = (period_key(cast("str | None", one.get("period"))) for one in (record, old))
        if mine != theirs:
            self._n_older += 1
            if mine > theirs:
                self._latest[key] = record, place
        elif any(record.get(part) != old.get(part) for part in _GRADE):
            remedy = "请核对后删去一行；若是不同周期的等级，请写明评定周期"
            column = header.titles_of("name")
            row.faults.append(Fault(f"与{old_place}的等级不同", remedy, self.file, sheet, row.row, column, name))
        else:
            self._n_again += 1

    def finish(self, result: RegisterResult) -> None:
        """Write records and notes."""
        records = [record for record, _ in self._latest.values()]
        result.companies.extend(records)
        if self._n_older:
            result.notes.append(f"{self._n_older} 行是同一企业较早周期的等级，只采用最近一期")
        if self._n_again:
            result.notes.append(f"{self._n_again} 行与前面的行内容相同，只保留一份")
        bare = sum(not any(record.get(part) for part in _GRADE) for record in records)
        if bare:
            result.notes.append(f"{bare} 家企业没有填写等级，按未评级读入")
