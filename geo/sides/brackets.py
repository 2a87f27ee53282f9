"""Brackets after a name: （含）, （规划）, （原中正路）, （西围墙）, （人民街至建设路段）."""

from __future__ import annotations

import re

from geo.sides import lexicon as lex
from geo.sides import phrases as ph
from geo.sides.item import Item, name_like
from geo.sides.types import PartKind


def read_bracket(text: str, item: Item, opened: int, closed: int) -> str | None:
    """Take up a bracket. Words to keep in the name (``""``: none); ``None``: not understood."""
    inner = text[opened + 1 : closed - 1].strip(" ,;.、")
    if not inner:
        return ""
    if len(inner) > 30:
        return None
    if ph.INCLUDED.fullmatch(inner) or ph.INCLUDED.fullmatch(inner.rstrip("在内")):
        found = ph.INCLUDED.search(inner)
        item.included = not (found and found.group("no"))
        if item.included and found and found.group("what") not in (None, "在内"):
            item.width = item.width or "full"
        return ""
    width = ph.WIDTH.fullmatch(inner) or re.fullmatch(
        r"含?(?:(?P<full>全幅|整幅|全宽)|(?P<half>半幅|一半|半边|半宽|1/2))(?:道?路|路面|宽)?", inner
    )
    if width:
        item.width = "full" if width.group("full") else "half"
        if inner.startswith("含"):
            item.included = True
        return ""
    if inner in (
        "规划",
        "规划中",
        "待建",
        "拟建",
        "在建",
        "未建",
        "规划路",
        "规划道路",
        "建设中",
        "筹建",
        "新建",
        "尚未建成",
    ):
        item.planned = True
        return ""
    line = re.fullmatch(r"(?:以|至|到|按)?(?:道路)?(.+?)(?:为界|为准|止)?", inner)
    if line and line.group(1) in ph.LINE_OF:
        item.line = ph.LINE_OF[line.group(1)]
        return ""
    if inner in ph.LINE_OF:
        item.line = ph.LINE_OF[inner]
        return ""
    side = ph.FAR.fullmatch(inner)
    if side and (side.group("pos") or side.group("line")):
        item.far = lex.DIRECTIONS[side.group("side")]
        if side.group("line"):
            item.line = ph.LINE_OF[side.group("line")]
        return ""
    if all(ph.NOTE.fullmatch(words.strip()) for words in re.split("[,、;]", inner)):
        return ""
    alias = ph.ALIAS.fullmatch(inner)
    if alias and name_like(alias.group(1)):
        item.aliases.append(alias.group(1))
        return ""
    if lex.CODE.fullmatch(inner) or re.fullmatch(r"[A-Z]{1,2}\d{1,4}(?:线)?", inner):
        item.aliases.append(inner)
        return ""
    section = ph.SECTION.fullmatch(inner)
    if section and lex.has_ending(section.group(1)) and lex.has_ending(section.group(2)):
        item.section = (section.group(1), section.group(2))
        return ""
    if re.fullmatch(r"[东南西北中]{1,2}段", inner) and lex.kind_of(text[max(0, opened - 12) : opened]) is PartKind.ROAD:
        item.section = (inner,)
        return ""
    if ph.PHASE.fullmatch(inner):
        return f"({inner})"
    if inner in lex.DIRECTIONS:
        item.far = lex.DIRECTIONS[inner]
        return ""
    if ph.NUMBERED.fullmatch(inner):
        item.number = inner
        return ""
    remark = inner.startswith(("含", "不含", "包", "不包", "外", "内", "旁", "隔", "对")) or (
        inner[0] in "东南西北" and inner[1:2] in ("侧", "面", "边", "段")
    )
    if (
        not remark
        and lex.kind_of(inner) is not PartKind.OTHER
        and name_like(inner)
        and "、" not in inner
        and "," not in inner
    ):
        item.aliases.append(inner)
        return ""
    return None
