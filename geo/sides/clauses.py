"""The words after a head, cut into names: 解放路、中山路 / 解放路转中山路 / 解放路与人民街交叉口 / 解放路隔河与幸福小区相望."""

from __future__ import annotations

import re
from dataclasses import replace

from geo.sides import lexicon as lex
from geo.sides.filler import wrapped
from geo.sides.item import Item
from geo.sides.items import LONGEST, read_item
from geo.sides.phrases import BUILDINGS
from geo.sides.types import LineKind, PartKind

CLAUSE_LIMIT = 400
_OPPOSITE = re.compile(
    r"(?:隔)(?P<over>.{0,20}?)(?:(?:与|和|同|为|是|对|邻|至|即)(?P<behind>.{2,24}?))?(?:为邻|相望|相邻|相对|对望|相接)?$"
)
_FACING = re.compile(r"(?P<behind>.{2,24}?)(?:隔)(?P<over>.{1,20}?)(?:为邻|相望|相邻|相对|对望)$")
_WALL = re.compile(r"(?P<behind>.{2,24}?)一(?P<over>墙|路|街|河|巷|沟|江|桥|道|渠)之隔")
_BORDER = re.compile(r"(?P<behind>.{2,24}?)以(?P<over>.{2,24}?)(?:为界|为边界|相隔|分界|隔开|为隔)")
_JOINTS = re.compile(
    r"以及其?|及其|和其|与其|并沿|再沿|再转|再接|再至|(?:转|折|拐|改)(?:而)?(?:向|往)?[东南西北]{0,2}(?:至|接|沿|到|入)?|接至|连接|连|转至|折至|以及|"
    r"[和与及同接至到并兼]"
)
_LEAD = re.compile(r"[ :]*(?:紧邻|毗邻|相邻|紧靠|邻近|靠近|临近|毗连|直至|以(?=.{2,40}为(?:界|边|限)))")
_ALONG = re.compile(
    r"[ :]*(?:自|从|由)?[东南西北](?:侧|面|端|边)?(?:向|往|至|到)[东南西北](?:侧|面|端|边)?"
    r"(?:依次|分别|顺次)?(?:为|是|至|临|邻|:)?(?=[一-鿿A-Z0-9]{2})"
)
"""东侧自北向南依次为……: the way along one side says no other side."""
_LEAD_WITH = re.compile(r"[与和同](?=.{2,40}(?:相[邻接连交望隔毗]|毗邻|毗连|接壤|交界|为界|为邻))")
_LEAD_SHORT = re.compile(r"[邻临靠接至到抵近]{1,2}")
_LABEL_VERBS = frozenset((":", "()", "-", " ", "(", "为", "是", ""))
_HARD = frozenset("、/;+&\n")
_CROSS_WORD = re.compile(lex.either(" ".join(lex.CROSSING)) + r"(?:处|附近)?(?:[东南西北]{1,2}(?:侧|角|面))?$")


def depth_marks(text: str, start: int, end: int) -> list[bool]:
    """For each sign whether it stands inside brackets."""
    inside: list[bool] = []
    depth = 0
    for sign in text[start:end]:
        if sign == "(":
            depth += 1
        inside.append(depth > 0)
        if sign == ")":
            depth = max(depth - 1, 0)
    return inside


def read_clause(text: str, start: int, end: int, verb: str = "", commas: bool = False) -> list[Item]:
    """Names of ``text[start:end]``, which stands after a head with ``verb``. ``commas``: commas stand between names too."""
    if end - start > CLAUSE_LIMIT:
        return [Item(start, end)]
    lead = _ALONG.match(text, start, end) or _LEAD.match(text, start, end)
    if lead and lead.group().strip(" :") == "以" and text[lead.end() - 1 : lead.end() + 1] in lex.NAME_HEADS and verb:
        lead = None
    start = lead.end() if lead else start
    if verb in _LABEL_VERBS and not lead:
        start = _after_verb(text, start, end)
    opposite = _over(text, start, end, verb)
    if opposite is not None:
        return opposite
    pieces = _pieces(text, start, end, commas)
    items: list[Item] = []
    joints: list[str] = []
    for place, (first, last) in enumerate(pieces):
        joined = _LEAD_WITH.match(text, first, last) if place else None
        first = joined.end() if joined and text[first : first + 2] not in lex.NAME_HEADS else first
        for number, (a, b, joint) in enumerate(_split(text, first, last)):
            item = read_item(text, a, b)
            if not item.name and not item.only_attributes and not text[a:b].strip(" \n、,"):
                continue
            if item.only_attributes and items:
                _merge(items[-1], item)
                continue
            items.append(item)
            joints.append("、" if place and not number else joint)
    return _crossings(text, items, joints)


def _after_verb(text: str, start: int, end: int) -> int:
    """东边：邻解放路: the verb stands behind the colon."""
    found = _LEAD_WITH.match(text, start, end) or _LEAD_SHORT.match(text, start, end)
    if not found or text[found.end() - 1 : found.end() + 1] in lex.NAME_HEADS or end - found.end() < 2:
        return start
    rest = text[found.end() : end]
    return found.end() if len(rest) - len(lex.has_ending(rest)) >= 2 or rest in lex.UNNAMED_ROADS else start


def _merge(item: Item, more: Item) -> None:
    """解放路、不含: the attribute belongs to the name before it."""
    item.included = more.included if more.included is not None else item.included
    item.width = more.width or item.width


def _pieces(text: str, start: int, end: int, commas: bool) -> list[tuple[int, int]]:
    inside = depth_marks(text, start, end)
    held = [False] * (end - start)
    for first, last in _numbers(text, start, end):
        held[first - start : last - start] = [True] * (last - first)
    cuts = []
    for place in range(start, end):
        sign = text[place]
        if inside[place - start] or held[place - start] or (sign == "\n" and wrapped(text, place, start, end)):
            continue
        if (
            sign in _HARD
            or (commas and sign == ",")
            or (sign in "-~" and _dash_cuts(text, start, place, end))
            or (sign == " " and _blank_cuts(text, start, place, end))
        ):
            cuts.append(place)
    pieces, at = [], start
    for cut in [*cuts, end]:
        if text[at:cut].strip(" \n"):
            pieces.append((at, cut))
        at = cut + 1
    return pieces


def _numbers(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Places of number lists that are one name (1#、2#、3#楼, 解放路35弄、38弄); 1号楼、2号楼 are two."""
    out = []
    for found in BUILDINGS.finditer(text, start, end):
        words = found.group()
        whole = re.fullmatch(r"(?:[^、,/和及与]{1,8}(?:楼|栋|幢|座|院)[、,/和及与]){1,40}[^、,/和及与]{1,10}", words)
        before = text[start : found.start()].rstrip()
        if re.search(r"[#号栋幢座楼弄]", words) and (not whole or (before and before[-1] not in "、,/;+& ")):
            out.append((found.start(), found.end()))
    return out


def _dash_cuts(text: str, start: int, place: int, end: int) -> bool:
    left, right = text[start:place].rstrip(), text[place + 1 : end].lstrip()
    if not left or not right:
        return False
    if re.search(r"[A-Za-z\d#]$", left) and re.match(r"[A-Za-z\d]", right):
        return False
    return bool(lex.has_ending(left[-12:])) or left[-1] in ")线侧"


def _blank_cuts(text: str, start: int, place: int, end: int) -> bool:
    left, right = text[start:place].rstrip(), text[place + 1 : end].lstrip()
    return (
        bool(lex.has_ending(left[-12:]) or (left and left[-1] in ")线侧墙"))
        and len(right) > 1
        and not _CROSS_WORD.match(right)
        and not (_HOUSE.match(right) and lex.kind_of(left[-12:]) is PartKind.ROAD)
    )


def _split(text: str, start: int, end: int) -> list[tuple[int, int, str]]:
    """Cut a piece at joining words: ``(start, end, joint before it)``."""
    inside = depth_marks(text, start, end)
    held = _numbers(text, start, end)
    out: list[tuple[int, int, str]] = []
    at, joint = start, ""
    for found in _JOINTS.finditer(text, start, end):
        if found.start() < at or inside[found.start() - start] or any(a < found.start() < b for a, b in held):
            continue
        if _joins(text, at, found, end):
            out.append((at, found.start(), joint))
            at, joint = _name_start(text, found), found.group()
    out.append((at, end, joint))
    return out


def _name_start(text: str, joint: re.Match[str]) -> int:
    """Where the name behind a joining word begins: 转 + 北京西路, 转向西 + 解放路."""
    at = joint.end()
    turned = text[at - 1] in lex.DIRECTIONS and joint.group()[0] in "转折拐改" and text[at - 2] not in "向往"
    return at - 1 if turned and text[at - 1 : at + 1] in lex.DIRECTION_NAMES else at


_HOUSE = re.compile(r"(?:[甲乙丙]|第)?\d{1,5}(?:-\d{1,4})? ?(?:号|弄|支弄|栋|幢|#)")


def _joins(text: str, start: int, found: re.Match[str], end: int) -> bool:
    left, word, right = text[start : found.start()].rstrip(), found.group(), text[found.end() : end].lstrip()
    if len(left) < 2 or len(right) < 2 or (word == "转" and right[0] in "角弯"):
        return False
    left_tail = left[-12:]
    ending = lex.has_ending(left_tail)
    attribute = left[-1] in ")侧#" or left.endswith(("红线", "中心线", "中线", "围墙", "边线"))
    if not ending and not attribute and not re.search(r"\d(?:号|弄|栋|幢)$", left_tail):
        return False
    if ending == "期" or (len(ending) == 1 and len(left) <= 2 and ending not in "河江湖海路街山"):
        return False
    if len(word) > 1:
        return True
    if word == "与":
        return True
    pair = word + right[0]
    bare = re.split(r"[(、,]", right)[0]
    own = lex.has_ending(bare)
    core = len(bare) - len(own)
    if pair in lex.NAME_HEADS and core <= 1:
        return False
    if word in "接至到并兼同":
        known = lex.kind_of(_plain(bare)) is not PartKind.OTHER or bool(_CROSS_WORD.search(bare))
        return known and pair not in lex.NAME_HEADS and (core >= 1 or bare in lex.UNNAMED_WATER | lex.UNNAMED_ROADS)
    if word in "和及":
        return core >= 1 and not (core == 1 and ending not in lex.ROAD_ENDS)
    return True


def _plain(words: str) -> str:
    """Words without line and side words, to judge their kind."""
    item = read_item(words, 0, len(words)) if len(words) <= LONGEST else Item(0, 0)
    return item.name


def _crossings(text: str, items: list[Item], joints: list[str]) -> list[Item]:
    """Join 解放路 + 人民街交叉口 to one crossing."""
    out: list[Item] = []
    for number, item in enumerate(items):
        joint = joints[number]
        if item.is_crossing and out and not out[-1].is_crossing:
            pairs = joint[:1] in ("与", "和", "及", "同", "-", "~", "至", "到") or (joint == "、" and len(items) == 2)
            if pairs and out[-1].kind is not PartKind.PLACE:
                first = out.pop()
                item = replace(
                    item, start=first.start, name=first.name, kind=first.kind, crossing=(item.name,), aliases=first.aliases,
                    number=first.number, planned=first.planned,
                )  # fmt: skip
        elif item.is_crossing:
            item = _glued(item)
        out.append(item)
    return out


_GLUED = re.compile(r"(.{1,8}?(?:路|街|大道|巷|胡同|公路))(.{2,8}(?:路|街|大道|巷|胡同|公路|道))$")


def _glued(item: Item) -> Item:
    """解放路人民街交叉口: two names without a joining word."""
    found = _GLUED.match(item.name)
    if found and not found.group(2).startswith(("东", "西", "南", "北", "中")):
        return replace(
            item, name=found.group(1), kind=lex.kind_of(found.group(1)), crossing=(found.group(2),), doubts=[]
        )
    return item


def _over(text: str, start: int, end: int, verb: str) -> list[Item] | None:
    """隔解放路与幸福小区相望, 与幸福小区以解放路为界: the road is the border, the estate lies behind it."""
    words = text[start:end].rstrip(" ,、.\n")
    shift = start
    if verb == "隔":
        words, shift = "隔" + words, start - 1
    if "隔" in words:
        patterns: tuple[re.Pattern[str], ...] = (
            (_WALL, _OPPOSITE) if words.startswith("隔") else (_WALL, _BORDER, _FACING)
        )
    elif "以" in words[1:]:
        patterns = (_BORDER,)
    else:
        return None
    found = next((match for match in (pattern.fullmatch(words) for pattern in patterns) if match), None)
    if not found:
        return None
    groups = found.groupdict()
    behind = _named(text, found, "behind", shift) if groups.get("behind") else []
    over = _named(text, found, "over", shift) if groups.get("over") else []
    if behind and over and all(item.kind is PartKind.WALL or item.name in ("墙", "围墙") for item in over):
        for item in behind:
            item.line = LineKind.WALL
        return behind
    for item in behind:
        item.beyond = bool(over)
    return sorted([*over, *behind], key=lambda item: item.start) or None


def _named(text: str, found: re.Match[str], group: str, shift: int) -> list[Item]:
    a, b = found.span(group)
    items = [read_item(text, *cut) for cut in _pieces(text, a + shift, b + shift, False)]
    for item in items:
        item.name = item.name or text[item.start : item.end]
    return items
