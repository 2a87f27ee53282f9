"""From rows of one file to records with stable ids: estates and regions, cases, teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from data.codes import Consent, UnitKind
from data.registers.companies import CompanyRows
from data.registers.consultation import ConsentRows
from data.registers.header import Header
from data.registers.places import PlaceRows
from data.registers.problem import Problem
from data.registers.result import Record, RegisterResult
from data.registers.sheet_rows import RowReading
from data.registers.text import estate_id, key_id, name_key, region_id, squeezed
from data.registers.unit_forms import LEVELS, kind_by_ending
from data.registers.unit_names import UnitPath, UnitResolver
from geo.errors import Fault

_NOON: Final = 12 * 3600
_LUNCH: Final = {"lunch_s": 3600, "lunch_from_s": _NOON, "lunch_to_s": _NOON}
_WHOLE_CITY: Final = frozenset({"全市", "全县", "全区", "全域", "全部"})


@dataclass(slots=True)
class Builder:
    """Collects the records of one file; the first row of a key stays, a second one is a fault that names the first."""

    file: str
    result: RegisterResult
    resolver: UnitResolver
    n_rows_read: int = 0
    n_rows_refused: int = 0
    places: PlaceRows = field(init=False)
    companies: CompanyRows = field(init=False)
    consents: ConsentRows = field(init=False)
    _first: dict[str, str] = field(default_factory=dict)
    _regions: set[str] = field(default_factory=set)
    _hints: dict[str, int] = field(default_factory=lambda: {"known": 0, "unknown": 0})
    _teams_without_lunch: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.places = PlaceRows(self.file)
        self.companies = CompanyRows(self.file)
        self.consents = ConsentRows(self.file)

    def add(self, sheet: str, header: Header, rows: list[RowReading]) -> None:
        """Turn the rows of a sheet into records or faults."""
        default = self._street_of(sheet, header)
        with_units = {"register": self._estate, "cases": self._case, "teams": self._team}
        plain = {"places": self._place, "companies": self.companies.add, "consents": self.consents.add}
        for row in rows:
            self.n_rows_read += 1
            if header.mapping.kind in plain:
                plain[header.mapping.kind](sheet, header, row)
            else:
                with_units[header.mapping.kind](sheet, header, row, default)
            if row.faults:
                self.n_rows_refused += 1
                self.result.faults.extend(row.faults)

    def finish(self) -> None:
        """Write the notes that concern the whole file, and the units that had to be made."""
        notes = self.result.notes
        self.n_rows_refused += self.places.finish(self.result)
        self.companies.finish(self.result)
        self.consents.finish(self.result)
        if self._hints["unknown"]:
            notes.append(f"{self._hints['unknown']} 行的区名在行政单元表中没有对应，县区留空，由位置决定")
        if self._teams_without_lunch:
            notes.append(f"没有写午休，按 12:00–13:00：{'、'.join(self._teams_without_lunch)}")
        self.result.units.extend(self.resolver.created.values())
        if self.resolver.created:
            kinds = [str(unit["kind"]) for unit in self.resolver.created.values()]
            counts = "、".join(f"{UnitKind(k).label} {kinds.count(k)} 个" for k in dict.fromkeys(kinds))
            notes.append(f"行政单元表没有给出这些级别，已按台账中的名称建立：{counts}")

    def _street_of(self, sheet: str, header: Header) -> str:
        """The sheet's name as street where the table has no column for it; "" if it is none."""
        fields = {spec.field for column in header.columns for spec in column.specs}
        if (
            header.mapping.kind not in ("register", "cases")
            or header.mapping.units != "required"
            or fields & {"location", "street"}
        ):
            return ""
        name = squeezed(sheet)
        if self.resolver.hint(name, UnitKind.STREET) or kind_by_ending(name) is UnitKind.STREET:
            self.result.notes.append(f"工作表“{sheet}”没有街道列，以工作表名为街道")
            return name
        if header.mapping.kind == "register":
            self.result.notes.append(f"工作表“{sheet}”没有街道列，工作表名也不是街道，街道留空")
        return ""

    def _fault(self, sheet: str, row: RowReading, problem: Problem, column: str | None, value: str | None) -> None:
        row.faults.append(Fault(problem.text, problem.remedy, self.file, sheet, row.row, column, value))

    def _units(self, sheet: str, header: Header, row: RowReading, default: str, needed: bool) -> UnitPath | None:
        """The row's units; null (and a fault) if they cannot be told."""
        location = str(row.fields.pop("location", ""))
        parts = {kind: str(row.fields.pop(kind.value, "")) for kind in LEVELS}
        if header.mapping.units == "hint":
            return self._hinted(parts)
        if default and not parts[UnitKind.STREET]:
            parts[UnitKind.STREET] = default
        column = header.titles_of("location") if location else None
        column = column or header.titles_of("street") or header.titles_of("location") or header.titles_of("county")
        value = location or "".join(parts.values()) or None
        path = self.resolver.resolve(location, parts)
        if isinstance(path, Problem):
            self._fault(sheet, row, path, column, value)
            return None
        has_column = header.titles_of("location") is not None or header.titles_of("street") is not None
        if needed and has_column and UnitKind.STREET not in path.ids:
            self._fault(sheet, row, Problem("没有写街道", "请写明县区、街道和社区"), column, value)
            return None
        return path

    def _hinted(self, parts: Mapping[UnitKind, str]) -> UnitPath:
        ids = {}
        for kind in LEVELS:
            if parts[kind]:
                unit_id = self.resolver.hint(parts[kind], kind)
                self._hints["known" if unit_id else "unknown"] += 1
                if unit_id:
                    ids[kind] = unit_id
        return UnitPath(ids, parts[UnitKind.COUNTY], parts[UnitKind.STREET])

    def _is_new(self, key: str, sheet: str, row: RowReading, column: str | None, value: str, what: str) -> bool:
        """Whether the key was not seen in this file before; otherwise a fault that names the first place."""
        place = f"工作表“{sheet}”第{row.row}行"
        if key in self._first:
            remedy = "请删去重复的一行；若确是两个，请在名称上区分（如一期、二期）"
            self._fault(sheet, row, Problem(f"与{self._first[key]}的{what}重复", remedy), column, value)
            return False
        self._first[key] = place
        return True

    def _source(self, sheet: str, row: RowReading) -> Record:
        return {"source_file": self.file, "source_sheet": sheet, "source_row": row.row}

    def _estate(self, sheet: str, header: Header, row: RowReading, default: str) -> None:
        fields = row.fields
        path = self._units(sheet, header, row, default, needed=True)
        if ("lon_source" in fields) != ("lat_source" in fields) and not row.faults:
            self._fault(sheet, row, Problem("经度和纬度只填了一个", "请两个都填，或都留空"), "经度/纬度", None)
        if row.faults or path is None:
            return
        name = cast(str, fields["name"])
        key = estate_id(path.county, path.street, name)
        if not self._is_new(key, sheet, row, header.titles_of("name"), name, "小区"):
            return
        region_name = cast(str, fields.pop("region_name", name))
        region = region_id(path.county, path.street, region_name)
        source = self._source(sheet, row)
        if region not in self._regions:
            self._regions.add(region)
            units = {k: v for k, v in path.record.items() if k in ("county_id", "street_id")}
            self.result.regions.append({"region_id": region, "name": region_name, **units, **source})
        if "lon_source" in fields:
            datum = header.datum or header.mapping.datum
            fields["datum"] = None if datum is None else datum.value
        fields.setdefault("consent", Consent.UNKNOWN.value)
        self.result.estates.append({"estate_id": key, "region_id": region, **path.record, **fields, **source})

    def _case(self, sheet: str, header: Header, row: RowReading, default: str) -> None:
        fields = row.fields
        path = self._units(sheet, header, row, default, needed=False)
        if row.faults or path is None:
            return
        fields.setdefault("closed", False)
        project, categories = cast(str, fields["project_name"]), cast(list[int], fields["categories"])
        due = str(fields.get("due_date") or fields.get("due_text") or "")
        content = squeezed(str(fields["content"]))
        codes = "、".join(map(str, sorted(categories)))
        key = key_id("C", squeezed(path.county), squeezed(path.street), name_key(project), codes, content, due)
        if not self._is_new(key, sheet, row, header.titles_of("project_name"), project, "问题"):
            return
        units = {name: value for name, value in path.record.items() if name != "grid_id"}
        self.result.cases.append({"case_id": key, **units, **fields, **self._source(sheet, row)})

    def _team(self, sheet: str, header: Header, row: RowReading, default: str) -> None:
        fields = row.fields
        unit_ids: list[str] = []
        for name in cast(list[str], fields.pop("unit_names", [])):
            if squeezed(name) in _WHOLE_CITY:
                continue
            unit = self.resolver.any_level(name)
            if isinstance(unit, Problem):
                self._fault(sheet, row, unit, header.titles_of("unit_names"), name)
            else:
                unit_ids.append(unit)
        starts, ends = fields.get("starts_s"), fields.get("ends_s")
        if isinstance(starts, int) and isinstance(ends, int) and starts >= ends:
            self._fault(sheet, row, Problem("上班不早于下班", "请核对两个时刻"), header.titles_of("starts_s"), None)
        if row.faults:
            return
        name = cast(str, fields["name"])
        key = key_id("T", name_key(name))
        if not self._is_new(key, sheet, row, header.titles_of("name"), name, "检查组"):
            return
        if not set(_LUNCH) <= set(fields):
            self._teams_without_lunch.append(name)
            fields.update({k: v for k, v in _LUNCH.items() if not {"lunch_s", "lunch_from_s"} <= set(fields)})
        source = {k: v for k, v in self._source(sheet, row).items() if k != "source_sheet"}
        self.result.teams.append({"team_id": key, **fields, "unit_ids": unit_ids, **source})

    def _place(self, sheet: str, header: Header, row: RowReading) -> None:
        if not row.faults:
            self.places.add(sheet, header, row)
