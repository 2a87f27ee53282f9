"""Findings about names: the same estate under two rows, phases, and spellings of one name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
from pypinyin import lazy_pinyin
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cpdist
from scipy.spatial import cKDTree

from data.registers.text import name_key
from planning.quality.facts import Facts, metric_place
from planning.quality.types import Finding, Measure, Place, Severity

_PHASE: Final = re.compile(
    r"^(?P<base>.{2,}?)\(?(?P<phase>(?:\d{1,2}|[a-h]|[东西南北中]|[甲乙丙丁])(?:期|区|组团|标段|地块))\)?$"
)
_SUFFIX: Final = re.compile(r"(?:住宅小区|居住小区|小区|社区|家属院|宿舍)$")
_GENERIC: Final = re.compile(
    r"(?:安置房|公租房|廉租房|保障房|经济适用房|花园|家园|公寓|大厦|新村|新城|豪庭|佳苑|[院苑园城楼村坊里庭])+$"
)
"""Words that say what an estate is, not which one."""
_TELLS_APART: Final = frozenset("0123456789一二三四五六七八九十东西南北中上下左右前后内外里大小新老旧甲乙丙丁abcdefgh")
"""Signs by which two names differ on purpose: 幸福东里 and 幸福西里 are two estates."""
_LONG: Final = 4
"""From so many signs on (generic words left out), one different sign is rather a slip of the pen."""


def name_findings(facts: Facts) -> Iterator[Finding]:
    """All findings of this module."""
    keys = pd.Series({estate: name_key(name) for estate, name in facts.names.items()}, dtype=object)
    yield from _same(facts, keys)
    yield from _phases(facts, keys)
    yield from _similar(facts, keys)


def _same(facts: Facts, keys: pd.Series) -> Iterator[Finding]:
    groups: dict[str, list[str]] = defaultdict(list)
    for estate, key in keys.items():
        groups[key].append(str(estate))
    for key in sorted(groups):
        estates = groups[key]
        if len(estates) < 2:
            continue
        by_street: dict[str, list[str]] = defaultdict(list)
        for estate in estates:
            by_street[facts.street_of[estate] or ""].append(estate)
        for street, members in sorted(by_street.items()):
            if len(members) > 1:
                yield _same_in_street(facts, street, members)
        if len(by_street) > 1:
            nearest = _nearest(facts, [members[0] for members in by_street.values()])
            twin = nearest is not None and nearest <= facts.settings.twin_m
            apart = f"，最近的相距 {nearest:,.0f} 米" if nearest is not None else ""
            streets = "、".join(
                facts.unit_called(street) if street else "未归入街道" for street in sorted(by_street)[:4]
            )
            more = f"等 {len(by_street)} 个街道" if len(by_street) > 4 else ""
            yield _finding(
                facts,
                "same_name_elsewhere",
                Severity.WARNING if twin else Severity.HINT,
                f"{streets}{more}都有“{facts.names[estates[0]]}”{apart}",
                estates,
                nearest,
            )


def _same_in_street(facts: Facts, street: str, members: list[str]) -> Finding:
    """Surely one estate twice within a street, or where two lie side by side; without a street it has to be looked at."""
    nearest = _nearest(facts, members)
    sure = bool(street) or (nearest is not None and nearest <= facts.settings.twin_m)
    apart = f"，最近的相距 {nearest:,.0f} 米" if nearest is not None else ""
    where = f"{facts.unit_called(street)}有" if street else "未归入街道的小区中有"
    text = f"{where} {len(members)} 个小区都叫“{facts.names[members[0]]}”{apart}"
    return _finding(facts, "same_name", Severity.ERROR if sure else Severity.WARNING, text, members, nearest)


def _phases(facts: Facts, keys: pd.Series) -> Iterator[Finding]:
    """一期, 二期, 东区 … of one estate in one street; with the whole estate beside them it is counted twice."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    wholes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for estate, key in keys.items():
        street = facts.street_of[str(estate)] or ""
        match = _PHASE.match(key)
        if match:
            groups[street, _SUFFIX.sub("", match["base"])].append(str(estate))
        else:
            wholes[street, _SUFFIX.sub("", key)].append(str(estate))
    for place in sorted(groups):
        parts, whole = groups[place], wholes.get(place, [])
        if len(parts) + len(whole) < 2:
            continue
        members = [*whole, *parts]
        regions = {facts.region_of[estate] for estate in members}
        if not whole and len(regions) == 1:
            continue
        if whole:
            text = f"{facts.called(whole)}与其分期{facts.called(parts)}同时登记，可能重复计算"
        else:
            text = f"{facts.called(parts)}像是同一小区的几期，分属 {len(regions)} 个物业管理区域"
        yield _finding(facts, "phases", Severity.WARNING if whole else Severity.HINT, text, members)


def _similar(facts: Facts, keys: pd.Series) -> Iterator[Finding]:
    ids = keys.index.to_numpy(dtype=object)
    i, j = _candidates(facts, ids)
    bare = np.array([_SUFFIX.sub("", key) or key for key in keys], dtype=object)
    different = keys.to_numpy()[i] != keys.to_numpy()[j]
    i, j = i[different], j[different]
    if not len(i):
        return
    steps = cpdist(bare[i], bare[j], scorer=Levenshtein.distance, score_cutoff=2)
    for at in np.flatnonzero(steps <= 2):
        a, b = int(i[at]), int(j[at])
        how = _spelling(bare[a], bare[b], int(steps[at]))
        if how is None:
            continue
        pair = [str(ids[a]), str(ids[b])]
        nearest = _nearest(facts, pair)
        apart = f"，相距 {nearest:,.0f} 米" if nearest is not None else ""
        severity = Severity.WARNING if how != "只差一个字" else Severity.HINT
        text = f"“{facts.names[pair[0]]}”和“{facts.names[pair[1]]}”{how}{apart}"
        yield _finding(facts, "similar_name", severity, text, pair, nearest)


def _candidates(facts: Facts, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of rows worth comparing: near each other, or in one street where a position is missing."""
    x, y = facts.points["x"].to_numpy(), facts.points["y"].to_numpy()
    placed = np.flatnonzero(np.isfinite(x))
    near = np.empty((0, 2), dtype=np.int64)
    if len(placed) > 1:
        tree = cKDTree(np.column_stack([x[placed], y[placed]]))
        near = placed[tree.query_pairs(facts.settings.similar_m, output_type="ndarray")]
    streets: dict[str, list[int]] = defaultdict(list)
    for row, estate in enumerate(ids):
        street = facts.street_of[str(estate)]
        if street is not None:
            streets[street].append(row)
    blind = ~np.isfinite(x)
    pairs = [near]
    for rows in streets.values():
        members = np.array(rows, dtype=np.int64)
        lost = members[blind[members]]
        if len(lost):
            a, b = np.repeat(lost, len(members)), np.tile(members, len(lost))
            pairs.append(np.column_stack([np.minimum(a, b), np.maximum(a, b)])[a != b])
    together = np.unique(np.sort(np.concatenate(pairs), axis=1), axis=0)
    return together[:, 0], together[:, 1]


def _spelling(a: str, b: str, steps: int) -> str | None:
    """In what two different names are one, or ``None``: they are two names."""
    if a == b:
        return "只差后缀"
    edits = Levenshtein.editops(a, b)
    signs = {a[e.src_pos] for e in edits if e.tag != "insert"} | {b[e.dest_pos] for e in edits if e.tag != "delete"}
    if signs & _TELLS_APART or any(sign.isascii() and sign.isalnum() for sign in signs):
        return None
    if len(a) == len(b) and lazy_pinyin(a) == lazy_pinyin(b):
        return "读音相同、写法不同"
    if steps == 1 and min(len(_own(a)), len(_own(b))) >= _LONG:
        return "只差一个字"
    return None


def _own(name: str) -> str:
    """The part of a bare name that is its own: 青穗 of 青穗社区安置房."""
    return _SUFFIX.sub("", _GENERIC.sub("", name))


def _nearest(facts: Facts, estates: list[str]) -> float | None:
    """Metres between the two nearest of the estates; ``None`` where fewer than two have a position."""
    at = np.column_stack(facts.spread(estates))
    if len(at) < 2:
        return None
    if len(at) == 2:
        return float(np.hypot(*(at[0] - at[1])))
    distance, _ = cKDTree(at).query(at, k=2)
    return float(distance[:, 1].min())


def _finding(
    facts: Facts, kind: str, severity: Severity, text: str, estates: list[str], nearest: float | None = None
) -> Finding:
    x, y = facts.spread(estates)
    place: Place | None = metric_place(x, y, facts.ground.crs) if len(x) else None
    measures = [Measure("小区", float(len(estates)), "个")]
    measures += [Measure("最近相距", nearest, "米")] if nearest is not None else []
    weight = facts.households(estates)
    return facts.finding(kind, severity, text, estates=estates, measures=measures, place=place, weight=weight)
