"""Forms of unit names: which level a name belongs to, and what else the same unit is called (XX街道办, XX办 …)."""

from __future__ import annotations

import re
from typing import Final

from data.codes import UnitKind

LEVELS: Final = (UnitKind.COUNTY, UnitKind.STREET, UnitKind.COMMUNITY, UnitKind.GRID)

_STREET_OFFICE = ("街道办事处", "街道办", "街道", "办事处", "办")
_TOWN_OFFICE = ("镇人民政府", "镇政府", "镇")
_TOWNSHIP_OFFICE = ("乡人民政府", "乡政府", "乡")
_COMMUNITY = ("社区居民委员会", "社区居委会", "社区委员会", "居民委员会", "居委会", "社区")
_VILLAGE = ("村民委员会", "村委会", "村")
_COUNTY = ("新区", "区", "县", "市", "旗", "自治县")
_FAMILIES: Final[dict[UnitKind, tuple[tuple[str, ...], ...]]] = {
    UnitKind.COUNTY: (),
    UnitKind.STREET: (_STREET_OFFICE, _TOWN_OFFICE, _TOWNSHIP_OFFICE),
    UnitKind.COMMUNITY: (_COMMUNITY, _VILLAGE),
    UnitKind.GRID: (("网格",),),
}
_STANDARD: Final = (
    (re.compile(r"(街道办事处|街道办)$"), "街道"),
    (re.compile(r"(镇人民政府|镇政府)$"), "镇"),
    (re.compile(r"(乡人民政府|乡政府)$"), "乡"),
    (re.compile(r"社区(居民委员会|居委会|委员会)$"), "社区"),
    (re.compile(r"(村民委员会|村委会)$"), "村"),
    (re.compile(r"(人民政府|管理委员会)$"), ""),
)
_ENDINGS: Final[dict[UnitKind, re.Pattern[str]]] = {
    UnitKind.COUNTY: re.compile(r"(区|县|市|旗|管委会|管理区|示范区|新城)$"),
    UnitKind.STREET: re.compile(
        r"(街道办事处|街道办|街道|办事处|办|镇|乡|镇人民政府|乡人民政府|镇政府|乡政府|园区|开发区|苏木)$"
    ),
    UnitKind.COMMUNITY: re.compile(r"(社区|居委会|居民委员会|村|村委会|村民委员会|嘎查|家委会)$"),
    UnitKind.GRID: re.compile(r"网格$"),
}
_RUN: Final = re.compile(
    r"(?P<county>.{2,}?(?:(?<![社小片])区|县|旗|管委会|市)(?!街道|镇|乡|社区|村|场|办|居委会))?"
    r"(?P<street>.{1,}?(?:街道办事处|街道办|街道|镇人民政府|镇政府|镇(?!街道|[一-鿿]{0,2}街道)|乡(?!街道)|办事处|开发区|园区))?"
    r"(?P<community>.{1,}?(?:社区居民委员会|社区居委会|社区|居委会|村民委员会|村委会|村))?"
    r"(?P<grid>.{1,}?网格)?"
)


def standard_name(name: str) -> str:
    """The name under which a unit is created: 三里桥街道办事处 → 三里桥街道."""
    for pattern, ending in _STANDARD:
        changed = pattern.sub(ending, name)
        if changed != name and len(changed) > 1:
            return changed
    return name


def full_forms(name: str, kind: UnitKind) -> set[str]:
    """The name and its forms with another official ending (街道办, 镇人民政府 …), which run-on text may hold."""
    forms = {name}
    for family in _FAMILIES[kind]:
        ending = next((end for end in family if name.endswith(end) and len(name) > len(end)), None)
        if ending is not None:
            stem = name[: -len(ending)]
            forms.update(stem + end for end in family)
            break
    return forms


def short_forms(name: str, kind: UnitKind) -> set[str]:
    """Forms without the ending (三里桥, 金安), accepted only where the level is known and one unit fits."""
    endings = _COUNTY if kind is UnitKind.COUNTY else tuple(end for family in _FAMILIES[kind] for end in family)
    return {name[: -len(end)] for end in endings if name.endswith(end) and len(name) - len(end) >= 2}


def kind_by_ending(name: str) -> UnitKind | None:
    """The level that the end of a name tells, narrowest first; null if none does."""
    for kind in reversed(LEVELS):
        if _ENDINGS[kind].search(name):
            return kind
    return None


def run_on_parts(text: str) -> dict[UnitKind, str] | None:
    """Unit names in a run-on text (金安区三里桥街道红旗社区) by their endings; null if the text does not fit."""
    match = _RUN.fullmatch(text)
    if match is None:
        return None
    return {UnitKind(key): value for key, value in match.groupdict().items() if value}
