"""Sections of a profile that come from the annex (``_annex.toml``): code lists, ways of bundling, costs.

A profile names them in ``annex = [...]``; its own entries come before those of the annex. What a profile takes over from
another city's paper is marked as assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from data.profile_schema import fault
from geo.errors import Fault

_LISTS: Final = ("service_forms", "problem_codes")
_CODES: Final = ("committee_codes", "party_codes")
_WAYS: Final = "bundle_ways"
_COSTS: Final = "bundle_costs"
SECTIONS: Final = (*_LISTS, *_CODES, _WAYS, _COSTS)


def with_annex(raw: Mapping[str, Any], annex: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """The file's tables with the sections of the annex that it asks for.

    Parameters
    ----------
    raw, annex
        The tables of both files.
    faults
        Takes the faults of ``annex = [...]``.
    """
    merged = deepcopy(dict(raw))
    wanted = merged.pop("annex", [])
    if not isinstance(wanted, list):
        faults.append(fault("annex", "类型不对", '写成列表，如 annex = ["problem_codes"]', wanted))
        return merged
    for section in wanted:
        if section not in SECTIONS:
            faults.append(fault("annex", "附表没有这一部分", f"可用：{'、'.join(SECTIONS)}", section))
    own = merged.get("document")
    for section in SECTIONS:
        if section not in wanted:
            continue
        if section in _LISTS:
            _add_entries(merged, section, [_marked(entry, annex["document"], own) for entry in annex[section]])
        elif section in _CODES:
            _add_keys(merged, section, annex[section])
            basis = _marked({"basis": annex["bases"][section]}, annex["document"], own)["basis"]
            bases = merged.setdefault("bases", {})
            if isinstance(bases, dict):
                bases.setdefault(section, basis)
        elif section == _COSTS:
            _add_keys(merged, section, _of_paper(annex[section], own))
        else:
            ways = merged.setdefault(section, {})
            for way, rules in annex[section].items() if isinstance(ways, dict) else ():
                _add_keys(ways, way, _of_paper(rules, own))
    return merged


def _add_entries(merged: dict[str, Any], section: str, given: list[dict[str, Any]]) -> None:
    own = merged.get(section)
    if own is None or isinstance(own, list):
        codes = [entry.get("code") for entry in own or [] if isinstance(entry, dict)]
        merged[section] = [*(own or []), *(entry for entry in given if entry["code"] not in codes)]


def _add_keys(merged: dict[str, Any], section: str, given: Mapping[str, Any]) -> None:
    own = merged.get(section)
    if own is None or isinstance(own, dict):
        merged[section] = {**given, **(own or {})}


def _of_paper(table: Mapping[str, Any], own: object) -> dict[str, Any]:
    """A table of the annex that names its own paper."""
    return _marked({name: value for name, value in table.items() if name != "document"}, table["document"], own)


def _marked(value: Any, document: str, own: object) -> Any:
    """Every basis in the value with its document; assumed where the profile stands on another one."""
    if not isinstance(value, dict):
        return value
    result = {name: _marked(item, document, own) for name, item in value.items()}
    for name, basis in result.items():
        if name == "basis" or name.endswith("_basis"):
            result[name] = {"document": document, **basis} if own == document else _taken_over(basis, document)
    return result


def _taken_over(basis: Mapping[str, Any], document: str) -> dict[str, Any]:
    note = f"本方案未作规定，参照{document}，可修改"
    more = f"；{basis['note']}" if basis.get("note") else ""
    return {"document": document, **basis, "assumed": True, "note": note + more}
