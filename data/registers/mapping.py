"""Column mappings (``data/mappings/*.toml`` or a city's own file): which header means which field, read how.

A mapping file is data, checked in full before use; all its faults are told at once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, cast

from data.registers.options import KIND_FIELDS, default_reader, option_problem
from data.registers.result import Kind
from data.registers.text import squeezed
from geo.crs import Datum
from geo.errors import Fault, InputError

UnitRule = Literal["required", "hint"]

_REQUIRED_KEYS: Final = {"name": str, "title": str, "kind": str, "signature": list, "columns": list}
_OPTIONAL_KEYS: Final = {"absent": list, "datum": str, "year": int, "note": str, "units": str}


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column: the field it fills, the headers it may stand under (squeezed), how its cells are read."""

    field: str
    headers: tuple[str, ...]
    reader: str
    required: bool = False
    options: Mapping[str, object] = default(default_factory=dict)


@dataclass(frozen=True)
class ColumnMapping:
    """A table layout.

    ``signature`` are fields, and ``absent`` headers, that must and must not stand in the header for the layout to be
    recognised; ``a|b`` is met by either field. ``units`` says whether rows must name known units (``required``) or may
    only hint at them (``hint``).
    """

    name: str
    title: str
    kind: Kind
    signature: tuple[str, ...]
    columns: tuple[ColumnSpec, ...]
    absent: tuple[str, ...] = ()
    datum: Datum | None = None
    year: int | None = None
    note: str = ""
    units: UnitRule = "required"

    def spec(self, field_name: str) -> ColumnSpec | None:
        """The first column that fills the field (of ``a|b`` the first named)."""
        wanted = field_name.partition("|")[0]
        return next((column for column in self.columns if column.field == wanted), None)

    @cached_property
    def by_header(self) -> Mapping[str, tuple[tuple[int, int], ...]]:
        """Header → (number of the column, rank of the header in it), for all columns but the skipped ones."""
        found: dict[str, list[tuple[int, int]]] = {}
        for number, column in enumerate(self.columns):
            if column.field != "skip":
                for rank, header in enumerate(column.headers):
                    found.setdefault(header, []).append((number, rank))
        return {header: tuple(places) for header, places in found.items()}

    @cached_property
    def skipped_headers(self) -> frozenset[str]:
        """Headers of columns that are not read."""
        return frozenset(header for column in self.columns if column.field == "skip" for header in column.headers)


def header_key(text: str) -> str:
    """The form in which headers are compared: folded, without white space, stars and end punctuation."""
    key = squeezed(text).strip("*★:：").replace("，", "、").replace(",", "、")
    return key.translate(str.maketrans("[]【】〔〕", "()()()"))


@cache
def builtin_mappings() -> tuple[ColumnMapping, ...]:
    """The mappings that come with the program, by name."""
    folder = files("data").joinpath("mappings")
    entries = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)
    return tuple(parse_mapping(entry.read_text(encoding="utf-8"), entry.name) for entry in entries)


def mapping_names() -> tuple[str, ...]:
    """Names that ``find_mapping`` knows without a file."""
    return tuple(mapping.name for mapping in builtin_mappings())


def find_mapping(name_or_path: str) -> ColumnMapping:
    """A mapping by name, or from a .toml file.

    Raises
    ------
    InputError
        If there is no such mapping, or the file has faults (all of them).
    """
    for mapping in builtin_mappings():
        if mapping.name == name_or_path:
            return mapping
    path = Path(name_or_path)
    if path.suffix.lower() != ".toml":
        known = "、".join(mapping_names())
        raise InputError(f"没有名为“{name_or_path}”的列映射", f"可用：{known}；或给出自己的 .toml 文件路径")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError("列映射文件不存在", "请检查路径", file=path.name) from None
    except (OSError, UnicodeDecodeError):
        raise InputError("列映射文件无法读取", "请保存为 UTF-8 编码的文本并检查权限", file=path.name) from None
    return parse_mapping(text, path.name)


def parse_mapping(text: str, file: str) -> ColumnMapping:
    """A mapping from TOML text.

    Raises
    ------
    InputError
        With every fault of the text.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"不是有效的 TOML（{error}）", "请对照 data/mappings 里的例子修改", file=file) from None
    faults = [Fault(problem, remedy, file=file, column=place) for place, problem, remedy in _problems(raw)]
    if faults:
        raise InputError(faults)
    return ColumnMapping(
        name=raw["name"],
        title=raw["title"],
        kind=cast(Kind, raw["kind"]),
        signature=tuple(raw["signature"]),
        columns=tuple(_column(entry) for entry in raw["columns"]),
        absent=tuple(header_key(header) for header in raw.get("absent", [])),
        datum=Datum(raw["datum"]) if "datum" in raw else None,
        year=raw.get("year"),
        note=raw.get("note", ""),
        units=cast(UnitRule, raw.get("units", "required")),
    )


def _column(entry: dict) -> ColumnSpec:
    options = {key: value for key, value in entry.items() if key not in ("field", "headers", "reader", "required")}
    return ColumnSpec(
        field=entry["field"],
        headers=tuple(header_key(header) for header in entry["headers"]),
        reader=entry.get("reader") or default_reader(entry["field"]),
        required=entry.get("required", False),
        options=options,
    )


def _problems(raw: dict) -> list[tuple[str, str, str]]:
    """All faults as (place, problem, remedy)."""
    found: list[tuple[str, str, str]] = []
    for key, kind in _REQUIRED_KEYS.items():
        if not isinstance(raw.get(key), kind) or not raw[key]:
            found.append((key, "缺少这一项，或类型不对", f"请写上 {key}"))
    for key, value in raw.items():
        if key in _OPTIONAL_KEYS and not isinstance(value, _OPTIONAL_KEYS[key]):
            found.append((key, "类型不对", "请对照 data/mappings 里的例子修改"))
        elif key not in _REQUIRED_KEYS and key not in _OPTIONAL_KEYS:
            found.append((key, "不认识这一项", f"可用：{'、'.join([*_REQUIRED_KEYS, *_OPTIONAL_KEYS])}"))
    if found:
        return found
    if raw["kind"] not in KIND_FIELDS:
        return [("kind", f"没有“{raw['kind']}”这一类", f"可用：{'、'.join(KIND_FIELDS)}")]
    if "datum" in raw and raw["datum"] not in tuple(Datum):
        found.append(("datum", f"不认识坐标系“{raw['datum']}”", f"可用：{'、'.join(Datum)}"))
    if raw.get("units", "required") not in ("required", "hint"):
        found.append(("units", "取值不对", "可用：required、hint"))
    for number, entry in enumerate(raw["columns"], start=1):
        found += _column_problems(f"columns 第{number}项", entry, raw["kind"])
    fields = {entry.get("field") for entry in raw["columns"] if isinstance(entry, dict)}
    for name in raw["signature"]:
        if not isinstance(name, str) or not fields.issuperset(name.split("|")):
            found.append(("signature", f"“{name}”不在 columns 的 field 之中", "请改为已写的 field"))
    return found


def _column_problems(place: str, entry: object, kind: str) -> list[tuple[str, str, str]]:
    if not isinstance(entry, dict):
        return [(place, "不是表", "请用 [[columns]]")]
    name = entry.get("field")
    if name not in KIND_FIELDS[kind]:
        return [(place, f"不认识 field “{name}”", f"可用：{'、'.join(KIND_FIELDS[kind])}")]
    headers = entry.get("headers")
    if not isinstance(headers, list) or not headers or not all(isinstance(item, str) and item for item in headers):
        return [(place, "headers 应是一个或多个列名", '例如 headers = ["小区名称"]')]
    if not isinstance(entry.get("required", False), bool):
        return [(place, "required 应是 true 或 false", "请改正")]
    reader = entry.get("reader") or default_reader(str(name))
    options = {key: value for key, value in entry.items() if key not in ("field", "headers", "reader", "required")}
    problem = option_problem(str(name), str(reader), options)
    return [(place, problem, "请对照 data/mappings 里的例子修改")] if problem else []
