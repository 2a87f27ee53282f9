"""Pairs of an old and a present name (地名对照): as rows of the canonical table, what is wrong with them, what is doubtful."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from data.registers.text import clean, is_null, key_id, name_key, squeezed

Record = dict[str, Any]
PlaceKind = Literal["former", "alternative"]

LONGEST_NAME: Final = 60
"""Characters; longer texts are sentences, not names."""
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class PlacePair:
    """One alias with the name that the map uses now, as written."""

    alias: str
    name: str
    kind: PlaceKind = "former"


def pair_problem(pair: PlacePair) -> tuple[str, str] | None:
    """Problem and remedy (Chinese) of a pair that cannot be used, or ``None``."""
    for what, text in (("旧名或别名", pair.alias), ("现名", pair.name)):
        plain = clean(text)
        if not plain or is_null(plain):
            return f"没有{what}", f"请补填{what}，或删除这一行"
        if len(plain) > LONGEST_NAME:
            return f"{what}长达 {len(plain)} 个字，不是名称", f"请只填名称（不超过 {LONGEST_NAME} 个字）"
    if name_key(pair.alias) == name_key(pair.name):
        return "旧名（别名）与现名相同", "请改正其中一个，或删除这一行"
    return None


def place_name_records(pairs: Iterable[PlacePair | tuple[str, str]], source_file: str) -> list[Record]:
    """Rows for ``PLACE_NAMES.frame``; pairs that say nothing (empty, or both names the same) are left out.

    The id is made of the two names, so that the same pair from two sources is one row; of its kinds ``former`` stays.

    Parameters
    ----------
    pairs
        Alias and present name; plain tuples count as former names.
    source_file
        File that says so.
    """
    records: dict[str, Record] = {}
    for given in pairs:
        pair = given if isinstance(given, PlacePair) else PlacePair(*given)
        if pair_problem(pair) is not None:
            continue
        alias, name = squeezed(clean(pair.alias)), squeezed(clean(pair.name))
        alias_id = key_id("N", name_key(alias), name_key(name))
        old = records.get(alias_id)
        kind = "former" if old is not None and old["kind"] == "former" else pair.kind
        records[alias_id] = {
            "alias_id": alias_id, "alias": alias, "name": name, "kind": kind, "source_file": source_file
        }  # fmt: skip
    return list(records.values())


def ambiguous_aliases(records: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Aliases that stand for several present names, with these names sorted.

    A road that was cut in two makes this right, a slip of the pen makes it wrong; which of the two no table can say. All
    pairs are therefore kept, and whoever reads a text with such an alias must look at the place too.
    """
    names: dict[str, dict[str, str]] = defaultdict(dict)
    shown: dict[str, str] = {}
    for record in records:
        key = name_key(str(record["alias"]))
        shown.setdefault(key, str(record["alias"]))
        names[key][name_key(str(record["name"]))] = str(record["name"])
    return {shown[key]: sorted(found.values()) for key, found in sorted(names.items()) if len(found) > 1}


def ambiguity_note(ambiguous: Mapping[str, list[str]]) -> str:
    """One Chinese sentence on `ambiguous_aliases`."""
    some = "；".join(f"“{alias}”对应{'、'.join(names)}" for alias, names in list(ambiguous.items())[:_SHOWN])
    more = f"等 {len(ambiguous)} 个" if len(ambiguous) > _SHOWN else ""
    return f"有旧名（别名）对应几个现名，全部保留，使用时按位置判断，请核对：{some}{more}"
