"""Results as JSON documents: dataclasses in, plain values out, and back, checked on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from geo.errors import InputError

T = TypeVar("T")


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """The adapter of a dataclass, built once."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def dump(value: object) -> dict[str, Any]:
    """A dataclass as plain JSON values; dates become ISO texts, sets become sorted lists."""
    body: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json")
    return body


def parse(kind: type[T], body: Mapping[str, Any]) -> T:
    """The dataclass again.

    Raises
    ------
    InputError
        If the document was written by a version that shaped it otherwise.
    """
    try:
        value: T = _adapter(kind).validate_python(body)
    except ValidationError as error:
        raise InputError("保存的结果是另一个版本写的，无法读取", "请重新计算一次") from error
    return value
