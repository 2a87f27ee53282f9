"""Cases find their estates: by name within street, county, city; only where exactly one fits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import cast

import pandas as pd
from rapidfuzz import fuzz, process

from data.registers.result import Record
from data.registers.text import name_key
from geo.errors import Fault

_FUZZY = 60
_SUFFIX = "小区"


def match_cases(cases: Sequence[Record], estates: pd.DataFrame) -> tuple[list[Record], list[Fault], list[str]]:
    """Cases with ``estate_id``, faults of those that found none, notes.

    A case that names its street looks there first, then in its county, then in the whole city; the first of these with
    exactly one estate of the same name (see :func:`data.registers.text.name_key`) wins. A case without an estate is
    kept with a null ``estate_id``; its fault suggests the nearest name and refuses nothing. Where no estate bears the
    very name, one that differs only by the word 小区 at its end is taken if it is the only one, and a note counts these.

    Parameters
    ----------
    cases
        Records of ``RegisterResult.cases``.
    estates
        Frame of the ``ESTATES`` table.
    """
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    names: dict[str, dict[str, str]] = defaultdict(dict)
    columns = (estates.index, estates["name"], estates["street_id"], estates["county_id"])
    for estate, name, street, county in zip(*columns, strict=True):
        key = name_key(name)
        scopes = [""] + [str(unit) for unit in (street, county) if pd.notna(unit)]
        for scope in scopes:
            places[scope, key].append(str(estate))
            names[scope][key] = str(name)
    matched: list[Record] = []
    faults: list[Fault] = []
    n_by_suffix = 0
    for case in cases:
        estate, fault, by_suffix = _find(case, places, names)
        matched.append({**case, "estate_id": estate})
        n_by_suffix += by_suffix
        if fault is not None:
            faults.append(fault)
    notes = [f"{len(faults)} 条问题没有对上小区，已载入但未挂到小区，请核对项目名称"] if faults else []
    if n_by_suffix:
        notes.append(f"{n_by_suffix} 条问题的项目名称与小区名称只差“小区”二字，已对上唯一的小区")
    return matched, faults, notes


def _find(
    case: Record, places: dict[tuple[str, str], list[str]], names: dict[str, dict[str, str]]
) -> tuple[str | None, Fault | None, bool]:
    project = cast(str, case["project_name"])
    key = name_key(project)
    scopes = [str(unit) for unit in (case.get("street_id"), case.get("county_id")) if unit] + [""]
    for scope in scopes:
        found = places.get((scope, key), [])
        alike = found or [estate for other in _without_suffix(key) for estate in places.get((scope, other), [])]
        if len(alike) == 1:
            return alike[0], None, not found
        if len(alike) > 1:
            return None, _fault(case, "有几个同名小区", "请在“所在市县(区)、街道、社区”中写明街道"), False
    near = next((n for n in (_near(key, names[scope]) for scope in scopes if scope in names) if n), None)
    question = f"是否为“{near}”？" if near else ""
    return None, _fault(case, "没有对上小区（这条问题已载入）", f"{question}请按台账中的小区名称填写项目名称"), False


def _without_suffix(key: str) -> list[str]:
    """The same name with the word 小区 at its end taken off or put on."""
    return [key.removesuffix(_SUFFIX)] if key.endswith(_SUFFIX) and key != _SUFFIX else [key + _SUFFIX]


def _near(key: str, names: dict[str, str]) -> str | None:
    best = process.extractOne(key, list(names), scorer=fuzz.ratio, score_cutoff=_FUZZY)
    return names[best[0]] if best else None


def _fault(case: Record, problem: str, remedy: str) -> Fault:
    return Fault(
        problem,
        remedy,
        file=str(case.get("source_file") or ""),
        sheet=cast(str | None, case.get("source_sheet")),
        row=cast(int | None, case.get("source_row")),
        column="项目名称",
        value=str(case["project_name"]),
    )
