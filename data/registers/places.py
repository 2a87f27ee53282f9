"""Rows of a table of place names (地名对照表) as pairs of old and present name; rows that contradict each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, cast

from data.registers.header import Header
from data.registers.place_pairs import (
    PlaceKind,
    PlacePair,
    ambiguity_note,
    ambiguous_aliases,
    pair_problem,
    place_name_records,
)
from data.registers.result import RegisterResult
from data.registers.sheet_rows import RowReading
from data.registers.text import name_key, squeezed
from geo.errors import Fault

_KINDS: Final[dict[str, PlaceKind]] = {
    **dict.fromkeys(("曾用名", "旧名", "旧称", "原名", "历史名称", "老地名"), "former"),
    **dict.fromkeys(("别名", "别称", "俗称", "俗名", "又名", "亦称", "简称"), "alternative"),
}
"""Words of a column of kinds; others (道路, 河流 …) say what the place is and change nothing."""
_COLUMNS: Final[tuple[tuple[str, PlaceKind], ...]] = (("former", "former"), ("alias", "alternative"))


@dataclass(slots=True)
class _Row:
    """Where a pair was first written."""

    pair: PlacePair
    sheet: str
    row: int
    column: str | None
    opposed: str = ""

    @property
    def place(self) -> str:
        return f"工作表“{self.sheet}”第{self.row}行"


@dataclass(slots=True)
class PlaceRows:
    """The pairs of one file. Of two rows that say the opposite of each other neither is taken: no table tells which is
    right."""

    file: str
    _rows: dict[tuple[str, str], _Row] = field(default_factory=dict)
    _n_again: int = 0

    def add(self, sheet: str, header: Header, row: RowReading) -> None:
        """Take the pairs of a row, or give it its faults."""
        stated = _KINDS.get(squeezed(str(row.fields.get("place_kind", ""))))
        name = cast(str, row.fields["name"])
        found = [
            _Row(PlacePair(alias, name, stated or kind), sheet, row.row, header.titles_of(column))
            for column, kind in _COLUMNS
            for alias in cast(list[str], row.fields.get(column, []))
        ]
        if not found:
            column = header.titles_of("former") or header.titles_of("alias")
            row.faults.append(self._fault(sheet, row.row, column, None, "没有旧名或别名", "请补填，或删除这一行"))
        for one in found:
            problem = pair_problem(one.pair)
            opposite = self._rows.get((name_key(name), name_key(one.pair.alias)))
            if problem is None and opposite is not None:
                opposite.opposed = opposite.opposed or one.place
                problem = _contradiction(one.pair, opposite.place)
            if problem is not None:
                row.faults.append(self._fault(sheet, row.row, one.column, one.pair.alias, *problem))
        if row.faults:
            return
        for one in found:
            key = (name_key(one.pair.alias), name_key(name))
            self._n_again += key in self._rows
            self._rows.setdefault(key, one)

    def finish(self, result: RegisterResult) -> int:
        """Write records, notes and the faults that later rows brought upon earlier ones; the number of rows refused so."""
        opposed = [row for row in self._rows.values() if row.opposed]
        for row in opposed:
            problem = _contradiction(row.pair, row.opposed)
            result.faults.append(self._fault(row.sheet, row.row, row.column, row.pair.alias, *problem))
        refused = {(row.sheet, row.row) for row in opposed}
        kept = [row.pair for row in self._rows.values() if (row.sheet, row.row) not in refused]
        result.places.extend(place_name_records(kept, self.file))
        ambiguous = ambiguous_aliases(result.places)
        if ambiguous:
            result.notes.append(ambiguity_note(ambiguous))
        if self._n_again:
            result.notes.append(f"{self._n_again} 组旧名与现名写了不止一次，只保留一份")
        return len(refused)

    def _fault(self, sheet: str, row: int, column: str | None, value: str | None, problem: str, remedy: str) -> Fault:
        return Fault(problem, remedy, self.file, sheet, row, column, value)


def _contradiction(pair: PlacePair, place: str) -> tuple[str, str]:
    text = f"写“{pair.alias}”是旧名、“{pair.name}”是现名，{place}写的正好相反"
    return text, "请核对哪个是现名，改正其中一行；改正前两行都不读入"
