"""Names of units in cells, resolved against the table of units; never taken silently when they are not in it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from rapidfuzz import fuzz, process

from data.codes import UnitKind
from data.registers.problem import Problem
from data.registers.result import Record
from data.registers.text import folded, is_null, key_id, squeezed
from data.registers.unit_forms import LEVELS, full_forms, kind_by_ending, run_on_parts, short_forms, standard_name

_SEPARATORS = re.compile(r"[、,/;\s\-—>→\\|·]+")
_CITY = re.compile(r"^(?:[一-鿿]{2,8}?(?:省|自治区))?(?:[一-鿿]{2,6}?市)?")
_FUZZY = 50


@dataclass(frozen=True)
class UnitPath:
    """The units of one row, each null where the row does not name it, with the names that make the row's key."""

    ids: Mapping[UnitKind, str]
    county: str = ""
    street: str = ""

    @cached_property
    def record(self) -> Record:
        """``county_id``, ``street_id``, ``community_id``, ``grid_id``."""
        return {f"{kind}_id": self.ids.get(kind) for kind in LEVELS}


@dataclass(frozen=True, slots=True)
class _Unit:
    id: str
    name: str
    kind: UnitKind
    parent: str | None


class UnitResolver:
    """Units by name, level by level.

    A level counts as given when the table has a unit of it with a code or a shape: a name of that level that is not in
    the table is then a fault. Otherwise the units are made from the names and listed in ``created``.

    Parameters
    ----------
    units
        Frame of the ``UNITS`` table; may be empty.
    city
        Name of the city, which may stand before the county.
    """

    def __init__(self, units: pd.DataFrame, city: str, source_file: str = "") -> None:
        self.created: dict[str, Record] = {}
        self._source_file = source_file
        self._city = squeezed(city)
        self._units: dict[str, _Unit] = {}
        self._full: dict[UnitKind, dict[str, list[str]]] = {kind: defaultdict(list) for kind in LEVELS}
        self._short: dict[UnitKind, dict[str, list[str]]] = {kind: defaultdict(list) for kind in LEVELS}
        self._given: set[UnitKind] = set()
        self._cache: dict[tuple[str, ...], UnitPath | Problem] = {}
        codes = units["code"].notna()
        shapes = units["geometry"].notna()
        columns = (units.index, units["name"], units["kind"], units["parent_id"], units["aliases"], codes | shapes)
        for unit_id, name, kind, parent, aliases, official in zip(*columns, strict=True):
            unit = _Unit(str(unit_id), str(name), UnitKind(kind), None if pd.isna(parent) else str(parent))
            self._add(unit, aliases)
            if official:
                self._given.add(unit.kind)

    @property
    def given(self) -> frozenset[UnitKind]:
        """Levels that the table gives: their names must be in it."""
        return frozenset(self._given)

    def _add(self, unit: _Unit, aliases: Iterable[str] = ()) -> None:
        self._units[unit.id] = unit
        name = squeezed(unit.name)
        for form in full_forms(name, unit.kind) | {squeezed(alias) for alias in aliases}:
            self._full[unit.kind][form].append(unit.id)
        for form in short_forms(name, unit.kind):
            self._short[unit.kind][form].append(unit.id)

    def resolve(self, location: str, parts: Mapping[UnitKind, str]) -> UnitPath | Problem:
        """Units of a row from one cell with several names and from cells with one name each (which come first)."""
        key = (location, *(parts.get(kind, "") for kind in LEVELS))
        if key not in self._cache:
            self._cache[key] = self._resolve(location, parts)
        return self._cache[key]

    def hint(self, name: str, kind: UnitKind) -> str | None:
        """Id of the one unit of the level with that name, in full or short; null if none or several fit."""
        found = self._named(squeezed(name), kind, None)
        return found[0] if len(found) == 1 else None

    def any_level(self, name: str) -> str | Problem:
        """Id of the one unit of whatever level with that name."""
        key = squeezed(name)
        for level in LEVELS:
            found = self._named(key, level, None)
            if len(found) == 1:
                return found[0]
            if found:
                return Problem(f"“{name}”不止一个", "请在前面写上它所属的县区，如“金安区东市街道”的写法")
        path = self.resolve(name, {}) if self._units else None
        if isinstance(path, UnitPath) and path.ids:
            return [path.ids[kind] for kind in LEVELS if kind in path.ids][-1]
        return Problem(f"行政单元表里没有“{name}”", self._suggestion(key, list(LEVELS), None))

    def _resolve(self, location: str, parts: Mapping[UnitKind, str]) -> UnitPath | Problem:
        named: dict[UnitKind, str] = {}
        for kind in LEVELS:
            text = squeezed(parts.get(kind, ""))
            if text and not is_null(text):
                named[kind] = text
        for piece in _SEPARATORS.split(folded(location)):
            text = squeezed(piece)
            if not text or is_null(text) or text == self._city:
                continue
            read = self._read_piece(text, named)
            if isinstance(read, Problem):
                return read
            for kind, name in read.items():
                if kind in named and not self._same(named[kind], name, kind):
                    return Problem(f"写了两个{kind.label}（{named[kind]}、{name}）", f"每个小区只写一个{kind.label}")
                named.setdefault(kind, name)
        return self._path(named)

    def _same(self, one: str, other: str, kind: UnitKind) -> bool:
        return one == other or bool(set(self._named(one, kind, None)) & set(self._named(other, kind, None)))

    def _read_piece(self, text: str, named: Mapping[UnitKind, str]) -> dict[UnitKind, str] | Problem:
        """Names of a piece of text by level: one known name, a run of them, or names told by their endings."""
        for kind in LEVELS:
            if kind not in named and self._full[kind].get(text):
                return {kind: text}
        run = self._walk(text) or self._walk(self._without_city(text))
        if run:
            return run
        narrowest = max((LEVELS.index(kind) for kind in named), default=-1)
        open_levels = [kind for kind in LEVELS if kind not in named]
        above = self._anchor(named)
        for kind in LEVELS[narrowest + 1 :]:
            if len([i for i in self._short[kind].get(text, ()) if self._below(i, above)]) == 1:
                return {kind: text}
        bare = self._without_city(text)
        by_endings = run_on_parts(bare) or run_on_parts(text)
        if by_endings:
            return by_endings
        ending = kind_by_ending(text)
        if ending is not None:
            return {ending: text}
        if not self._given and open_levels and len(text) >= 2:
            return Problem("看不出是哪一级的名称", "请写全称，如“××区、××街道、××社区”")
        return Problem(f"行政单元表里没有“{text}”", self._suggestion(text, open_levels, above))

    def _anchor(self, named: Mapping[UnitKind, str]) -> str | None:
        """The narrowest unit named so far, as far as the names lead to one."""
        above: str | None = None
        for kind in LEVELS:
            found = self._named(named[kind], kind, above) if kind in named else []
            above = found[0] if len(found) == 1 else above
        return above

    def _without_city(self, text: str) -> str:
        if self._city and text.startswith(self._city) and len(text) > len(self._city):
            return text[len(self._city) :]
        match = _CITY.match(text)
        rest = text[match.end() :] if match else text
        return rest or text

    def _walk(self, text: str) -> dict[UnitKind, str] | None:
        """A run of known full names from wide to narrow that uses the whole text; null if there is none."""

        def step(rest: str, level: int, above: str | None) -> dict[UnitKind, str] | None:
            if not rest:
                return {}
            for index in range(level, len(LEVELS)):
                kind = LEVELS[index]
                for length in range(len(rest), 1, -1):
                    found = [i for i in self._full[kind].get(rest[:length], ()) if self._below(i, above)]
                    for unit_id in found:
                        tail = step(rest[length:], index + 1, unit_id)
                        if tail is not None:
                            return {kind: rest[:length], **tail}
            return None

        return step(text, 0, None)

    def _path(self, named: Mapping[UnitKind, str]) -> UnitPath | Problem:
        ids: dict[UnitKind, str] = {}
        above: str | None = None
        for kind in LEVELS:
            if kind not in named:
                continue
            found = self._named(named[kind], kind, above)
            if len(found) > 1:
                narrowed = [i for i in found if self._narrowed_by(i, named)]
                if len(narrowed) != 1:
                    return Problem(f"{kind.label}“{named[kind]}”不止一个", "请在前面写上它所属的上级名称")
                found = narrowed
            if not found:
                made = self._make(named[kind], kind, above)
                if isinstance(made, Problem):
                    return made
                found = [made]
            ids[kind] = above = found[0]
        self._add_ancestors(ids)
        names = {kind: self._units[unit_id].name for kind, unit_id in ids.items()}
        return UnitPath(ids, names.get(UnitKind.COUNTY, ""), names.get(UnitKind.STREET, ""))

    def _narrowed_by(self, unit_id: str, named: Mapping[UnitKind, str]) -> bool:
        """Whether some narrower unit that the row names lies in this one."""
        narrower = LEVELS[LEVELS.index(self._units[unit_id].kind) + 1 :]
        return any(self._named(named[kind], kind, unit_id) for kind in narrower if kind in named)

    def _add_ancestors(self, ids: dict[UnitKind, str]) -> None:
        for unit_id in list(ids.values()):
            parent = self._units[unit_id].parent
            while parent is not None and parent in self._units:
                ids.setdefault(self._units[parent].kind, parent)
                parent = self._units[parent].parent

    def _named(self, name: str, kind: UnitKind, above: str | None) -> list[str]:
        for forms in (self._full[kind], self._short[kind]):
            found = [unit_id for unit_id in dict.fromkeys(forms.get(name, ())) if self._below(unit_id, above)]
            if found:
                return found
        return []

    def _below(self, unit_id: str, above: str | None) -> bool:
        """Whether ``above`` is the unit or one of its ancestors; units without a parent fit anywhere."""
        if above is None:
            return True
        current: str | None = unit_id
        while current is not None and current in self._units:
            if current == above:
                return True
            parent = self._units[current].parent
            if parent is None:
                return LEVELS.index(self._units[current].kind) > LEVELS.index(self._units[above].kind)
            current = parent
        return False

    def _make(self, name: str, kind: UnitKind, above: str | None) -> str | Problem:
        if kind in self._given:
            where = f"“{self._units[above].name}”下" if above else "行政单元表里"
            return Problem(f"{where}没有{kind.label}“{name}”", self._suggestion(name, [kind], above))
        title = standard_name(name)
        unit_id = key_id("U", kind.value, above or "", title)
        if unit_id not in self._units:
            self._add(_Unit(unit_id, title, kind, above))
            self.created[unit_id] = {
                "unit_id": unit_id,
                "name": title,
                "kind": kind.value,
                "parent_id": above,
                "source_file": self._source_file,
            }
        return unit_id

    def _suggestion(self, name: str, kinds: Iterable[UnitKind], above: str | None) -> str:
        names = {u.name for u in self._units.values() if u.kind in set(kinds) and self._below(u.id, above)}
        near = process.extractOne(name, sorted(names), scorer=fuzz.ratio, score_cutoff=_FUZZY)
        question = f"是否为“{near[0]}”？" if near else ""
        return f"{question}请改正名称，或在行政单元表中补上它（或它的别名）"
