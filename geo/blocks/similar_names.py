"""How alike two names are: by sound (同音字, 近音字) and by characters (错别字), each with its quality."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from pypinyin import Style, lazy_pinyin
from rapidfuzz.distance import Editop, Levenshtein

from geo.blocks.names import form, normal
from geo.blocks.types import MatchKind

SOUND_QUALITY: Final = 0.88
NEAR_SOUND_QUALITY: Final = 0.78
_EDIT_BEST: Final = 0.95
"""Quality of a name of which nearly nothing differs; falls with the share of characters that do."""
LEAST_QUALITY: Final = 0.55
_MOST_EDITS: Final = 2
_TELLING: Final = frozenset("东南西北中上下前后内外新老大小支横纵经纬一二三四五六七八九十甲乙丙丁0123456789")
"""Characters that tell one road from the next: where only these differ, another road is meant more often than a slip."""
_TELLING_LOSS: Final = 0.75
_PLACE_ENDINGS: Final = (
    "公租房小区", "廉租房小区", "保障房小区", "安置小区", "安置房", "公租房", "家属小区", "家属院", "生活区", "职工宿舍",
    "住宅小区", "住宅楼", "居民小区", "花园小区", "小区", "社区", "花园", "家园", "佳苑", "嘉园", "公寓", "新村", "新城", "新苑",
    "宿舍", "大厦", "广场", "公园", "小学", "中学", "医院", "一期", "二期", "三期", "四期", "里", "苑", "园", "村", "院",
)  # fmt: skip
"""Words that hundreds of places end in: they make no two of them alike."""
_SHORT_CORE: Final = 4
_BLURRED_STARTS: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("h", "f"))
_BLURRED_ENDS: Final = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@lru_cache(maxsize=65536)
def sound(name: str) -> tuple[str, ...]:
    """Syllables of a name without tones; digits and letters as they are."""
    return tuple(lazy_pinyin(normal(name), style=Style.NORMAL, errors="default"))


@lru_cache(maxsize=65536)
def blurred_sound(name: str) -> tuple[str, ...]:
    """`sound` with what many speakers do not tell apart made equal: zh/z, ch/c, sh/s, n/l, h/f, ang/an, eng/en, ing/in."""
    return tuple(_blurred(syllable) for syllable in sound(name))


def likeness(name: str, other: str) -> tuple[MatchKind, float] | None:
    """How ``other`` may be meant by ``name``, and how well; ``None`` where they are too different.

    Same sound, nearly the same sound, or one or two characters' difference (Levenshtein distance, Levenshtein 1966). Two
    characters may differ only in names of six or more; the ending (路, 街, 小区, 花园) does not count as likeness.
    """
    mine, theirs = normal(name), normal(other)
    if len(mine) < 2 or len(theirs) < 2 or abs(len(mine) - len(theirs)) > _MOST_EDITS:
        return None
    if sound(name) == sound(other):
        return MatchKind.SOUND, SOUND_QUALITY
    if blurred_sound(name) == blurred_sound(other):
        return MatchKind.NEAR_SOUND, NEAR_SOUND_QUALITY
    longest = max(len(mine), len(theirs))
    allowed = 1 if longest < 6 else _MOST_EDITS
    distance = Levenshtein.distance(mine, theirs, score_cutoff=allowed)
    if distance > allowed:
        return None
    base, their_base = form(name).base, form(other).base
    for ending in _PLACE_ENDINGS:
        if base.endswith(ending) and their_base.endswith(ending):
            base, their_base = base.removesuffix(ending), their_base.removesuffix(ending)
            if min(len(base), len(their_base)) < _SHORT_CORE and Levenshtein.distance(base, their_base) > 1:
                return None
            break
    if not set(base) & set(their_base):
        return None
    quality = _EDIT_BEST * (1 - distance / longest)
    differing = {c for op in Levenshtein.editops(mine, theirs) for c in _changed(op, mine, theirs)}
    if differing <= _TELLING:
        quality *= _TELLING_LOSS
    return (MatchKind.EDIT, quality) if quality >= LEAST_QUALITY else None


def _changed(op: Editop, mine: str, theirs: str) -> str:
    """Characters that an edit takes away and puts in."""
    away = mine[op.src_pos] if op.tag != "insert" else ""
    put = theirs[op.dest_pos] if op.tag != "delete" else ""
    return away + put


def _blurred(syllable: str) -> str:
    for wide, narrow in _BLURRED_STARTS:
        if syllable.startswith(wide):
            syllable = narrow + syllable[len(wide) :]
            break
    for wide, narrow in _BLURRED_ENDS:
        if syllable.endswith(wide):
            return syllable[: -len(wide)] + narrow
    return syllable
