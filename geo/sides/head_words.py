"""Read the words of one head: direction, position word, verb; directions in lists, letters and brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from geo.sides import lexicon as lex
from geo.sides.head import Head, Strength
from geo.sides.style import PLAIN, Style, short_name
from geo.sides.types import PartKind, Side

_FIRM = ("为", "是", "系", "至", "到", "临", "邻", "靠", "接", "抵", ":", "紧邻", "毗邻", "直至")
_ACROSS = re.compile(r"[东南西北](?:$|[、,;.: \n为是]|走向|方向)")
"""东至西: from east to west, no side."""
RUN = re.compile(r"[东南西北]{1,4}")
_BETWEEN = re.compile(r" ?(?:[、/]|以?及|和|与) ?(?=[东南西北])")
_LETTER = re.compile(r"([ESWN])(?: ?[:\-] ?| ?至)(?=[一-鿿A-Z0-9(])")
_POSITION = re.compile(lex.either(lex.POSITION))
_MANY = re.compile(
    r" ?(?:(?:的)?(?:[二两三四]|四个?)(?:侧边界|侧|面|边|至|界|方|方向|个方向|个方位|处)|各方向|"
    r"四至边界|四至界线|方向|方位|四至|侧|面|边|界)?"
)
_ALL = re.compile(r" ?(?:均|都|皆|全|一律|同)(?:以)?")
_EACH = re.compile(r" ?(?:的)?(?:顺序|次序)? ?(?:边界)?(?:分别|依次|分別|依序|顺次|各自|逐次|分|各)(?:依次|分别)?")
_FILL = re.compile(r" ?(?:依次|分别|顺次|就|则|也|亦|又|紧|直|主要|现状|现|应|所|为现状|用地|范围|边界)?")
_NOUN = re.compile(
    r" ?(?:侧)?(?:红线外?|用地红线|道路|临路|相邻道路|相邻地块|用地|边界|界线|界址|围墙外?|墙外|外侧|外|"
    r"红线|四至|现状|规划|地块|相邻|临街)"
    r"(?=[:=为是])"
)
_TOGETHER = re.compile(
    r"[^,;.\n]{0,60}?(?:相[邻接连交望对隔毗依靠临]|毗邻|毗连|接壤|交界|为界|为邻|搭界|接界|隔|连接|紧邻|比邻|衔接|分界)"
)
_LETTER_NOTE = re.compile(r" ?\([ESWNeswn]\)")
_DISTANCE = re.compile(
    r" ?(?:约|外|向外|以外|距离|方向)? ?\d{1,5}(?:\.\d{1,3})? ?(?:米|m|公里|km)(?:处|外|左右|开外|范围|范围内)?"
)
_STRONG = re.compile(lex.either(lex.STRONG))
_WEAK = re.compile(lex.either(lex.WEAK) + r"|(?:自(?!来水|行车)|[从由])(?![东南西北](?:侧|面|端|边)?(?:[向往至到]))")
_COLON = re.compile(r" ?[:=>]+ ?(?:至(?![善诚德尊正真美])|为(?![民政])|是|到(?!家))?")
_DASH = re.compile(r" ?[-~]+ ?(?=[一-鿿A-Z0-9(])")
_AFTER_VERB = re.compile(r" ?(?:[:=]|[-~](?=[一-鿿]))? ?(?:为(?![民政])|是(?!非)|于(?![家庄]))?[: ]?")
_ORDER = re.compile(
    r"(?:按照?|依照?|以|从|沿)? ?([东南西北](?: ?[、/,\-至到→]? ?[东南西北]){3}) ?(?:的)?(?:方位|方向|边界)?"
    r"(?:顺序|次序|为序|依次|分别|方向|方位|四至|四面|四侧){1,3}(?:排列|依次|分别){0,2}(?:为(?![民政])|是|至(?![善诚德尊正真美])|到(?!家)|:|,){0,3}"
)
_AROUND = re.compile(
    r"(?:四周|四面|四侧|四邻|四至|周围|周边|四边)(?:均|都|皆|全)?(?:为|是|以|至|临|邻|靠|有)(?=[一-鿿])(?![东南西北])"
)
GENERIC = re.compile(
    r"(?:[东南西北中一二三四五六七八九十]{0,3}(?:路|街|大道|道|巷|大街|桥|花园|花苑|小区|家园|苑|园|府|村|新村|广场|公园|小学|中学|大厦|湾|庭|城|号|社区|屯|寨|庄|胡同)"
    r"|[东南西北](?:路|街)|$|[、,;.: \n()])"
)


def sides_of(run: str) -> tuple[Side, ...] | None:
    """Sides of a run of direction signs: 东南 is one side, 南北 and 东南西北 are several; ``None``: cannot be told."""
    if len(run) == 1 or run in lex.DIRECTIONS:
        return (lex.DIRECTIONS[run],)
    if len(set(run)) != len(run):
        return None
    if len(run) == 2 and run not in ("东西", "西东", "南北", "北南"):
        return None
    return tuple(lex.DIRECTIONS[sign] for sign in run)


def _direction_lists(text: str, at: int) -> list[tuple[int, tuple[Side, ...]]]:
    """``(end, sides)`` of the direction words at ``at``, longest first."""
    out: list[tuple[int, tuple[Side, ...]]] = []
    sides: tuple[Side, ...] = ()
    groups = 0
    while groups < 8:
        run = RUN.match(text, at)
        if not run:
            break
        found = sides_of(run.group())
        if found is None or set(found) & set(sides):
            break
        sides += found
        groups += 1
        end = run.end()
        position = _POSITION.match(text, end)
        out.append((end, sides))
        after = position.end() if position and _BETWEEN.match(text, position.end()) else end
        between = _BETWEEN.match(text, after)
        if not between:
            break
        at = between.end()
    return out[::-1]


_FIXED = re.compile(r"临空(?=经济|港|产业)|接待|部队")
"""Words that no reading cuts."""


def _named_by_verb(text: str, verb: re.Match[str], style: Style) -> bool:
    """Whether the sign that looks like a verb begins the name: 东临江路 stands for 东 + 临江路."""
    word = verb.group()
    if len(word) > 1 or (verb.start() in style.verbs and not _FIXED.match(text, verb.start())):
        return False
    if verb.start() in style.names:
        return True
    pair = text[verb.start() : verb.start() + 2]
    if _FIXED.match(text, verb.start()):
        return True
    if pair not in lex.NAME_HEADS:
        return False
    if short_name(text, verb.start() + 1):
        return True
    generic = GENERIC.match(text, verb.start() + 2)
    if not generic:
        return False
    if not generic.group() or generic.group() in "、,;.: \n()":
        # 东临江, 东沿河: the verb and an unnamed river. In 东和平 no verb is left.
        return lex.kind_of(pair[1:]) not in (PartKind.WATER, PartKind.LAND)
    return True


def _tail(text: str, start: int, end: int, sides: tuple[Side, ...], style: Style) -> Head | None:
    """The head whose direction words end at ``end``, if words of a head follow."""
    many = len(sides) > 1
    at = end
    position = ""
    respectively = shared = False
    if many:
        if text[at : at + 1] == ")" and text[start - 1 : start] == "(":
            at += 1
        match = _MANY.match(text, at)
        at = match.end() if match else at
        each, every = _EACH.match(text, at), _ALL.match(text, at)
        if each:
            respectively, at = True, each.end()
        elif every:
            shared, at = True, every.end()
    best: Head | None = None
    found = None if many else _POSITION.match(text, at)
    if found and found.group() == "侧面" and text[found.end() : found.end() + 1] in tuple("向临朝对"):
        found = _POSITION.match(text, at, at + 1)
    stops = [(found.end(), found.group())] if found else []
    stops.append((at, ""))
    for stop, position in stops:
        head = _verb(text, start, stop, sides, (position, respectively, shared), style)
        if head and (best is None or head.strength > best.strength):
            best = head
            if head.strength == Strength.STRONG:
                break
    return best


_SHORT_NAME = re.compile(r"[一-鿿](?:路|街|巷|大道)(?=$|[、,;.: \n()])")


def _shorter(text: str, verb: re.Match[str]) -> str:
    """The verb without its last sign where that begins the name: 靠 + 至善路, not 靠至 + 善路."""
    word = verb.group()
    name = text[verb.end() - 1 : verb.end() + 1] in lex.NAME_HEADS or bool(_SHORT_NAME.match(text, verb.end()))
    if len(word) > 1 and name and _STRONG.fullmatch(word[:-1]):
        return word[:-1]
    return word


def _verb(
    text: str, start: int, at: int, sides: tuple[Side, ...], words: tuple[str, bool, bool], style: Style
) -> Head | None:
    position, respectively, shared = words
    note = _LETTER_NOTE.match(text, at)
    at = note.end() if note else at
    fill = _FILL.match(text, at)
    distance = _DISTANCE.match(text, at)
    spans = (distance.start(), distance.end()) if distance else None
    at = distance.end() if distance else at

    def head(end: int, verb: str, strength: Strength, bracket: int | None = None) -> Head:
        more = _AFTER_VERB.match(text, end) if verb else None
        end = more.end() if more else end
        return Head(start, end, sides, verb, strength, position, respectively, shared, spans, open_bracket=bracket)

    noun = _NOUN.match(text, at)
    at = noun.end() if noun else at
    for stop in dict.fromkeys((fill.end() if fill and fill.group().strip() else at, at)):
        spaced = stop + 1 if text[stop : stop + 1] == " " else stop
        strong = _STRONG.match(text, spaced)
        if strong and not _named_by_verb(text, strong, style):
            word = _shorter(text, strong)
            return head(strong.start() + len(word), word, Strength.STRONG)
        colon = _COLON.match(text, stop)
        if colon:
            back = text[colon.end() - 1 : colon.end() + 1] in lex.NAME_HEADS
            return head(colon.end() - back, ":", Strength.STRONG)
        weak = _WEAK.match(text, spaced)
        if (
            weak
            and not _named_by_verb(text, weak, style)
            and _has_tail(text, weak)
            and not _BACK.match(text, weak.start())
        ):
            firm = (
                Strength.STRONG
                if (position and weak.group() in ("为", "是", "系", "以")) or respectively
                else Strength.WEAK
            )
            return head(weak.end(), weak.group(), firm)
        dash = _DASH.match(text, stop)
        if dash:
            return head(dash.end(), "-", Strength.WEAK)
    if spans:
        return head(at, "", Strength.WEAK)
    following = text[at : at + 1]
    if respectively or shared:
        return head(at, "", Strength.STRONG)
    if following == "(":
        return head(at + 1, "(", Strength.WEAK, at)
    if following in (" ", "\n", "、", "/", ";") and len(sides) == 1 and not _LIST_GOES_ON.match(text, at + 1):
        return head(at + 1, " ", Strength.WEAK)
    if position in lex.POSITION_ALONE and NAME_SIGN.match(text, at) and text[at - 1 : at + 1] not in lex.NAME_HEADS:
        return head(at, "", Strength.WEAK)
    return None


_LIST_GOES_ON = re.compile(r"[东南西北](?:[、/ ][东南西北]|[二两三四]|均|都|各|皆|分别)")
"""东、西、北三面……: no head of its own."""
_MARK = re.compile(r"\( ?([东南西北](?:[南北])?) ?(?:侧|面|边|至|界|部|方|向)? ?(?:[:\-])?\)")
_LETTER_MARK = re.compile(r"\(([ESWN])\)")
NAME_SIGN = re.compile(r"[一-鿿A-Za-z0-9]")
_AFTER_MARK = re.compile(r" ?[:\-]?[ ]?")


_BACK = re.compile(r"以[东南西北](?=$|[、,;. \n)\d])")
"""西边线以西: 以 belongs to the direction behind it."""


def _has_tail(text: str, verb: re.Match[str]) -> bool:
    """与, 和, 同 need 相邻 or the like behind the name; without it 和 belongs to the name (东和平里)."""
    return verb.group() not in ("与", "和", "同", "跟") or bool(_TOGETHER.match(text, verb.end()))


def _bracketed(text: str, at: int, style: Style) -> Head | None:
    """（东）, 【东至】."""
    mark = _MARK.match(text, at) or _LETTER_MARK.match(text, at)
    if not mark:
        return None
    word = mark.group(1)
    sides = (lex.LETTERS[word],) if word in lex.LETTERS else sides_of(word)
    if not sides or len(sides) != 1:
        return None
    end = mark.end()
    colon = _AFTER_MARK.match(text, end)
    end = colon.end() if colon else end
    if not NAME_SIGN.match(text, end):
        return None
    strong = _STRONG.match(text, end)
    if strong and not _named_by_verb(text, strong, style):
        end = strong.end()
    more = _AFTER_VERB.match(text, end)
    return Head(at, more.end() if more else end, sides, "()", Strength.STRONG)


def candidates(text: str, at: int, style: Style = PLAIN) -> Iterator[Head]:
    """Readings of the words at ``at`` as a head, the likeliest first."""
    order = _ORDER.match(text, at)
    if order:
        run = re.sub(r"[^东南西北]", "", order.group(1))
        if len(set(run)) == 4:
            yield Head(
                at, order.end(), tuple(lex.DIRECTIONS[sign] for sign in run), "分别", Strength.STRONG, respectively=True
            )
    around = _AROUND.match(text, at)
    if around:
        yield Head(at, around.end(), tuple(lex.DIRECTIONS[s] for s in "东南西北"), "为", Strength.STRONG, shared=True)
    bracketed = _bracketed(text, at, style)
    if bracketed:
        yield bracketed
    start = at
    if text[at] in "向往朝以" and RUN.match(text, at + 1):
        at += 1
    for end, sides in _direction_lists(text, at):
        found = _tail(text, start, end, sides, style)
        if found and found.verb in ("至", "到") and _ACROSS.match(text, found.end):
            found = None
        if found and text[start] == "以" and found.verb not in _FIRM:
            found = None
        if found:
            yield found
    letter = _LETTER.match(text, at)
    if letter:
        yield Head(at, letter.end(), (lex.LETTERS[letter.group(1)],), ":", Strength.STRONG)
