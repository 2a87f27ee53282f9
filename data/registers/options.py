"""The vocabulary of mapping files: fields per kind of table, readers, and the options that each reader takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from data.codes import COMMITTEES, PARTIES, SERVICE_FORMS

_REGISTER_READERS: Final = {
    "skip": "skip",
    "region_name": "name",
    "name": "name",
    "location": "text",
    "county": "text",
    "street": "text",
    "community": "text",
    "grid": "text",
    "address": "text",
    "four_sides": "text",
    "service_form": "service_form",
    "committee": "committee",
    "party": "party",
    "company": "text",
    "company_person": "company_person",
    "manager": "text",
    "fee_rate": "rate",
    "fee_yuan_m2": "range",
    "households": "count",
    "floor_area_m2": "number",
    "land_area_m2": "number",
    "n_lifts": "count",
    "year_built": "year",
    "estate_type": "text",
    "consent": "consent",
    "consent_rate": "rate",
    "public_income_yuan": "number",
    "income_objection": "yes_no",
    "lost": "yes_no",
    "enclosed": "yes_no",
    "mature": "yes_no",
    "lon_source": "coordinate",
    "lat_source": "coordinate",
}
_CASE_READERS: Final = {
    "skip": "skip",
    "project_name": "name",
    "location": "text",
    "county": "text",
    "street": "text",
    "community": "text",
    "company": "text",
    "categories": "categories",
    "content": "text",
    "measures": "text",
    "responsible": "text",
    "due_date": "date",
    "closed": "yes_no",
}
_TEAM_READERS: Final = {
    "skip": "skip",
    "name": "name",
    "departments": "list",
    "n_people": "count",
    "depot_name": "text",
    "depot_lon": "coordinate",
    "depot_lat": "coordinate",
    "starts_s": "clock",
    "ends_s": "clock",
    "lunch": "lunch",
    "lunch_s": "duration",
    "lunch_from_s": "clock",
    "lunch_to_s": "clock",
    "unit_names": "list",
    "days_off": "date_list",
}
_PLACE_READERS: Final = {
    "skip": "skip",
    "name": "name",
    "former": "list",
    "alias": "list",
    "place_kind": "text",
}
_COMPANY_READERS: Final = {
    "skip": "skip",
    "name": "name",
    "stars": "stars",
    "grade": "grade",
    "credit_list": "credit_list",
    "period": "text",
}
_CONSENT_READERS: Final = {
    "skip": "skip",
    "estate_code": "text",
    "name": "name",
    "street": "text",
    "n_asked": "count",
    "n_agreed": "count",
    "n_refused": "count",
    "consent": "consent",
}
_READERS: Final = (
    _REGISTER_READERS | _CASE_READERS | _TEAM_READERS | _PLACE_READERS | _COMPANY_READERS | _CONSENT_READERS
)
KIND_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "register": tuple(_REGISTER_READERS),
    "cases": tuple(_CASE_READERS),
    "teams": tuple(_TEAM_READERS),
    "places": tuple(_PLACE_READERS),
    "companies": tuple(_COMPANY_READERS),
    "consents": tuple(_CONSENT_READERS),
}


def default_reader(field_name: str) -> str:
    """The reader of a field whose mapping names none."""
    return _READERS[field_name]


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _factors(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(item, int | float) and not isinstance(item, bool) and item > 0 for item in value.values()
    )


def _codes(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(item, int) and not isinstance(item, bool) for item in value.values()
    )


def _rules(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(rule, dict)
        and set(rule) <= {"match", "values", "to", "note"}
        and rule.get("match", "exact") in ("exact", "contains")
        and _texts(rule.get("values"))
        and isinstance(rule.get("to"), int | str)
        for rule in value
    )


def _pattern(value: object) -> bool:
    try:
        return isinstance(value, str) and re.compile(value).groups == 1
    except re.error:
        return False


def _one_of(*words: str) -> Callable[[object], bool]:
    return lambda value: value in words


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_COMMON: Final[Mapping[str, Callable[[object], bool]]] = {
    "null_values": _texts,
    "merged": _one_of("fill", "fault"),
    "note": lambda value: isinstance(value, str),
}
_READER_OPTIONS: Final[dict[str, Mapping[str, Callable[[object], bool]]]] = {
    "skip": {},
    "text": {},
    "name": {},
    "pattern": {"pattern": _pattern},
    "count": {"units": _factors},
    "number": {"units": _factors},
    "range": {"units": _factors, "range": _one_of("fault", "low", "high", "mid")},
    "rate": {"scale": _one_of("auto", "share", "percent")},
    "year": {},
    "date": {"year": _is_int},
    "date_list": {"year": _is_int},
    "service_form": {"aliases": _codes},
    "committee": {"aliases": _codes},
    "party": {"aliases": _codes},
    "map": {"rules": _rules, "otherwise": lambda value: isinstance(value, int | str)},
    "consent": {"yes": _texts, "no": _texts, "unknown": _texts},
    "yes_no": {"yes": _texts, "no": _texts, "empty": lambda value: isinstance(value, bool)},
    "company_person": {},
    "categories": {},
    "list": {},
    "clock": {},
    "duration": {},
    "lunch": {"window": lambda value: isinstance(value, str), "length": lambda value: isinstance(value, str)},
    "coordinate": {},
    "stars": {},
    "grade": {},
    "credit_list": {},
}


_ALIKE: Final = (frozenset({"text", "name", "pattern"}), frozenset({"number", "range"}))
_CHOICES: Final = {"service_form": SERVICE_FORMS, "committee": COMMITTEES, "party": PARTIES}


def _wrong_target(field_name: str, options: Mapping[str, object]) -> str:
    """Why a value table gives values that the field cannot hold, or ""."""
    rules = options.get("rules")
    targets = [rule["to"] for rule in rules] if isinstance(rules, list) else []
    targets += [options["otherwise"]] if "otherwise" in options else []
    aliases = options.get("aliases")
    targets += list(aliases.values()) if isinstance(aliases, dict) else []
    choices = _CHOICES.get(field_name)
    if choices is not None:
        bad = [target for target in targets if target not in choices]
        return f"{field_name} 没有代码 {bad[0]}，可用：{'、'.join(map(str, choices))}" if bad else ""
    if default_reader(field_name) not in ("text", "name"):
        return f"field “{field_name}” 不能用 reader “map”"
    return "" if all(isinstance(target, str) for target in targets) else f"field “{field_name}” 的取值应是文字"


def option_problem(field_name: str, reader: str, options: Mapping[str, object]) -> str:
    """What is wrong with the reader or options of a column (Chinese), or ""."""
    known = _READER_OPTIONS.get(reader)
    if known is None:
        return f"不认识 reader “{reader}”，可用：{'、'.join(_READER_OPTIONS)}"
    usual = default_reader(field_name)
    alike = any({reader, usual} <= group for group in _ALIKE)
    if reader not in (usual, "skip", "map") and not alike:
        return f"field “{field_name}” 不能用 reader “{reader}”"
    for key, value in options.items():
        check = known.get(key) or _COMMON.get(key)
        if check is None:
            return f"reader “{reader}” 没有选项“{key}”，可用：{'、'.join([*known, *_COMMON])}"
        if not check(value):
            return f"选项“{key}”的取值不对"
    wrong = _wrong_target(field_name, options) if reader in ("map", *_CHOICES) else ""
    if wrong:
        return wrong
    missing = {"map": "rules", "pattern": "pattern"}.get(reader)
    return f"reader “{reader}” 需要选项“{missing}”" if missing and missing not in options else ""
