"""Before the heads are sought: drawings taken out, marks behind directions made colons, numbers of statements."""

from __future__ import annotations

import re

from geo.sides import lexicon as lex
from geo.sides.normal import Normal
from geo.sides.state import Reading

_NUMBER = re.compile(
    r"(?:(?<=[\s,;.、:])|^)\(?(?:\d{1,2}|[一二三四五六七八九十])[、.,:)]? ?$|\((?:\d{1,2}|[一二三四五六七八九十])\) ?$"
)


_JOINT = re.compile(r"(?:以及|及|和|与|并|且|而) ?$")


def before_number(words: str, start: int, stop: int) -> int:
    """The end of a statement without the number of the next one or the word between: 2. in 「东至解放路；2.南至……」."""
    if stop >= len(words):
        return stop
    found = _NUMBER.search(words, max(start, stop - 6), stop) or _JOINT.search(words, max(start, stop - 3), stop)
    return (
        found.start()
        if found and (found.re is _NUMBER or lex.has_ending(words[max(start, stop - 12) : found.start()]))
        else stop
    )


def without_drawings(normal: Normal, reading: Reading) -> str:
    """The text with the words for an attached drawing (详见附图) taken out."""
    words = normal.text
    if "图" not in words and "附" not in words:
        return words
    out = list(words)
    for found in lex.ATTACHED.finditer(words):
        reading.attached = True
        reading.use(found.start(), found.end())
        for place in range(found.start(), found.end()):
            out[place] = ";"
    return "".join(out)


_TOKEN = re.compile(r"(?:(?<=[,;.、\n ])|^)([东南西北])[,.](?=[一-鿿A-Z0-9]{2})")
_TOTAL = re.compile(r"(?<=[路街道巷河村园苑墙线])共(?=(?:计|有)?\d)")


def with_colons(words: str) -> str:
    """东，明德路；西，春晖路: marks behind directions read as colons; 共计8栋 begins another clause."""
    words = _TOTAL.sub(";", words)
    found = [match.group(1) for match in _TOKEN.finditer(words)]
    return _TOKEN.sub(r"\1:", words) if len(found) >= 3 and len(set(found)) == len(found) else words
