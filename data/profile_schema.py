"""Plain values of a profile file → frozen dataclasses, strictly: nothing is converted, guessed or ignored.

Every fault is collected with its dotted key (``kpis[2].targets[1].value``, counted from 1); a part that is wrong does
not keep the others from being read and checked. ``data.profile_checks`` says what the values must mean.
"""

from __future__ import annotations

import difflib
import math
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from data.profile import Basis
from geo.errors import Fault

Checker = Callable[[Any, str], Iterator[Fault]]
"""Local rules of one built object: (object, dotted key) → faults without a file."""

T = TypeVar("T")
_BAD: Final = object()
_PLAIN: Final[Mapping[type, str]] = {
    str: "文字，写在双引号内",
    int: "整数，不加引号",
    float: "数字，不加引号",
    bool: "true 或 false，不加引号",
    date: "日期，写成 2027-03-31，不加引号",
}


def fault(key: str, problem: str, remedy: str, value: object = None) -> Fault:
    """A fault of a profile file; the reader adds the file and the line."""
    return Fault(problem, remedy, column=key, value=None if value is None else shown(value))


def shown(value: object) -> str:
    """A value as the user wrote it, nearly: booleans and tables in TOML's words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{" + ", ".join(map(str, value)) + "}"
    return str(value)


class Reader:
    """Reads plain values into types and remembers every fault and every object that could be built."""

    def __init__(self, check: Checker) -> None:
        self.faults: list[Fault] = []
        self.built: list[tuple[str, object]] = []
        self._check = check

    def read(self, kind: type[T], raw: object, key: str) -> T | None:
        """The value as ``kind``; ``None`` when it or a part of it is wrong (see ``faults``)."""
        value = self._read(kind, raw, key)
        return None if value is _BAD else value

    def _read(self, kind: Any, raw: object, key: str) -> Any:
        if kind is object or kind is Any:
            return raw
        origin, parts = get_origin(kind), get_args(kind)
        if origin in (Union, types.UnionType):
            inner = next(part for part in parts if part is not type(None))
            return None if raw is None else self._read(inner, raw, key)
        if origin is Literal:
            return (
                raw if raw in parts and isinstance(raw, str) else self._wrong(key, raw, "以下之一：" + "、".join(parts))
            )
        if origin is tuple:
            return self._read_list(parts[0], raw, key)
        if origin is not None and issubclass(origin, Mapping):
            return self._read_table(parts[1], raw, key)
        if is_dataclass(kind):
            return self._read_object(kind, raw, key)
        return self._read_plain(kind, raw, key)

    def _read_plain(self, kind: type, raw: object, key: str) -> object:
        right = isinstance(raw, kind) and (kind is bool or not isinstance(raw, bool)) and not isinstance(raw, datetime)
        if kind is float and isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 1e15:
            return float(raw)
        if isinstance(raw, float) and not math.isfinite(raw):
            right = False
        return raw if right else self._wrong(key, raw, _PLAIN[kind])

    def _read_list(self, kind: Any, raw: object, key: str) -> object:
        if not isinstance(raw, list | tuple):
            return self._wrong(key, raw, "列表，写在方括号内")
        items = [self._read(kind, item, f"{key}[{number}]") for number, item in enumerate(raw, start=1)]
        return _BAD if any(item is _BAD for item in items) else tuple(items)

    def _read_table(self, kind: Any, raw: object, key: str) -> object:
        if not isinstance(raw, Mapping):
            return self._wrong(key, raw, "表，写成 [名称] 或 { 键 = 值 }")
        items = {name: self._read(kind, item, f"{key}.{name}") for name, item in raw.items()}
        return _BAD if any(item is _BAD for item in items.values()) else items

    def _read_object(self, kind: Any, raw: object, key: str) -> object:
        if not isinstance(raw, Mapping):
            return self._wrong(key, raw, "表，写成 [名称] 或 { 键 = 值 }")
        known = {part.name: part for part in fields(kind)}
        self._unknown(key, raw, known)
        values: dict[str, Any] = {}
        for name, part in known.items():
            if name in raw:
                values[name] = self._read(_hints(kind)[name], raw[name], _join(key, name))
            elif _may_be_none(_hints(kind)[name]):
                values[name] = None
            elif _required(part):
                self.faults.append(fault(_join(key, name), "缺少这一项", f"补上“{name}”"))
                values[name] = _BAD
        if any(value is _BAD for value in values.values()):
            return _BAD
        value = kind(**values)
        self.built.append((key, value))
        self.faults.extend(self._check(value, key))
        return value

    def _unknown(self, key: str, raw: Mapping[str, object], known: Mapping[str, object]) -> None:
        for name in raw:
            if name not in known:
                near = difflib.get_close_matches(str(name), known, n=1)
                hint = f"是否想写“{near[0]}”？" if near else ""
                remedy = f"{hint}删去或改名，可用的键：{'、'.join(known)}"
                self.faults.append(fault(_join(key, name), "不认识的键", remedy, raw[name]))

    def _wrong(self, key: str, raw: object, wanted: str) -> object:
        self.faults.append(fault(key, "类型或取值不对", f"应为{wanted}", raw))
        return _BAD


def basis_entries(value: object, key: str = "") -> Iterator[tuple[str, Basis]]:
    """Every entry of a profile that carries a basis, as dotted key and basis, in the order of the fields.

    Parameters
    ----------
    value
        A ``Profile`` or a part of one.
    key
        Dotted key of ``value``; items of lists are named by their id, code or name.
    """
    if isinstance(value, Basis):
        yield key, value
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from basis_entries(getattr(value, part.name), _join(key, part.name))
    elif isinstance(value, tuple):
        for item in value:
            name = next((getattr(item, n) for n in ("id", "code", "name") if hasattr(item, n)), None)
            yield from basis_entries(item, f"{key}[{name}]")
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from basis_entries(item, f"{key}.{name}")


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _required(part: Field[Any]) -> bool:
    return part.default is MISSING and part.default_factory is MISSING


def _may_be_none(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType) and type(None) in get_args(kind)


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
