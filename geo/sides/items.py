"""One name with what is said of it: which line, which side, included or not, numbers, distance, brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from geo.sides import lexicon as lex
from geo.sides.types import LineKind, PartKind, Side

LONGEST = 60
"""Signs of one name with its attributes; what is longer is a sentence and not a name."""


@dataclass(slots=True)
class Item:
    """What ``text[start:end]`` says. ``offset``: metres, and the direction they are measured in (``None``: outwards)."""

    start: int
    end: int
    name: str = ""
    kind: PartKind = PartKind.OTHER
    line: LineKind = LineKind.UNSTATED
    included: bool | None = None
    width: str | None = None
    planned: bool = False
    number: str | None = None
    far: Side | None = None
    flip: bool = False
    """以东, 东侧: words that could also say where the estate lies."""
    offset_m: float | None = None
    offset_to: Side | str | None = None
    """The direction of the distance; ``"in"`` and ``"out"`` for 退界, 外扩; ``None``: not said."""
    crossing: tuple[str, ...] = ()
    is_crossing: bool = False
    beyond: bool = False
    aliases: list[str] = field(default_factory=list)
    section: tuple[str, ...] = ()
    extended: bool = False
    doubts: list[str] = field(default_factory=list)
    remarks: list[tuple[int, int]] = field(default_factory=list)
    """Brackets at the end that were not understood; not in the span."""

    @property
    def only_attributes(self) -> bool:
        return not self.name and (
            self.included is not None or self.width is not None or self.line is not LineKind.UNSTATED
        )


_SIDE = r"(东北|东南|西北|西南|[东南西北])"
_NUMBER = {sign: value for value, sign in enumerate("零一二三四五六七八九十")} | {"两": 2, "半": 0}
_METRES = r"(\d{1,5}(?:\.\d{1,3})?|[一二两三四五六七八九]?[百十]?[一二三四五六七八九]?十?) ?(米|m|M|公尺|公里|km|KM)(?:处|位置|左右|远|范围|范围内|以内|宽|宽处|线|的位置|内)?"
_OFFSET_SIDE = re.compile(
    rf"(?:以|向|往|朝|之)?{_SIDE}(?:侧|面|边|方向|方)?(?:外扩|外延|延伸|退让|退界|后退|退|推进|平移|偏移|移|外|约|各|,| )*{_METRES}$"
)
_OFFSET_IN = re.compile(
    rf"(?:向内|往内)?(?:退界|退让|后退让|后退|退线|退后|退距|内退|内缩|内移|退|以内|内侧|内)(?:约|各|红线)?{_METRES}$"
)
_OFFSET_OUT = re.compile(rf"(?:向外|往外)?(?:外扩|外延|外移|外侧|以外|向外|外)(?:约|各)?{_METRES}$")
_PLAIN_DISTANCE = re.compile(rf"(?:约|距离|间距)?{_METRES}$")
_FAR = re.compile(
    rf"(?P<how>以|之|的|靠|偏)?(?P<side>东北|东南|西北|西南|[东南西北])(?:(?P<pos>侧边|侧面|侧|面|边|缘|方|部|端|首|沿)(?:的)?)?(?P<line>{lex.either(' '.join((*lex.LINE_RED, *lex.LINE_CENTRE, *lex.LINE_WALL, *lex.LINE_EDGE)))})?$"
)
_LINES = (
    *((word, LineKind.RED_LINE) for word in lex.LINE_RED),
    *((word, LineKind.CENTRE) for word in lex.LINE_CENTRE),
    *((word, LineKind.WALL) for word in lex.LINE_WALL),
    *((word, LineKind.EDGE) for word in lex.LINE_EDGE),
)
_LINE_OF = dict(_LINES)
_LINE_LENGTHS = sorted({len(word) for word in _LINE_OF}, reverse=True)
_COUNT = r"(?:第?[甲乙丙]?[A-Z]?\d{1,5}|[一二三四五六七八九十]{1,3})"
_UNIT = r"(?:号大院|号院|号楼|号|支弄|弄|栋楼|栋|幢楼|幢|座|单元|#楼|#)"
_AND = r"(?:[、,/和及与~-]|至)"
_NUMBERED = re.compile(rf"(?:{_COUNT}(?:{_UNIT}{_AND}?|{_AND})){{0,30}}{_COUNT}(?:{_UNIT}|楼)楼?(?:住宅)?$")
BUILDINGS = re.compile(
    rf"{_COUNT} ?{_UNIT}?(?: ?(?:[、,/和及与~-]|至) ?{_COUNT} ?{_UNIT}?){{1,40}} ?(?:号?楼|#?楼)?(?:住宅|栋|幢|座|号)?"
)
"""1-12号楼, 1#、2#、3#楼: marks inside are no separators."""
_INCLUDED = re.compile(
    r"(?P<no>不含|不包含|不包括|不包|不计|未含|除外|不在内)(?P<no_what>该?(?:道路|路|河|本路|河道|路面|道|街))?$|(?:包含|包括|含)(?P<what>该?(?:道路|路|河|本路|河道|路面|道|街)|在内)?$"
)
_INCLUDED_FIRST = re.compile(
    r"(?P<no>不含|不包含|不包括)|(?:包含|包括|含)(?!光|章|山|笑|英|元|弘|嘉|香|谷|芳|翠|鄱|眉)"
)
_WIDTH = re.compile(
    r"(?:(?P<full>全幅|全路幅|整幅|全宽|全路宽|整条|全路段宽)|(?P<half>半幅|半路幅|一半|半边|半宽|半条|路半))(?:路|道路|路面|河面)?$"
)
_WIDTH_FIRST = re.compile(r"(?:(?P<full>全幅|全路幅|整幅|整条)|(?P<half>半幅|半条|半边))的?")
_PLANNED = re.compile(r"(?:规划中|规划|待建|拟建|在建|新建|未建|远期|近期规划|筹建|建设中|设计)的?")
_UNNAMED_PLAN = re.compile(
    r"(?:路|道路|支路|街|街道|公路|主干道|次干道|干道|城市道路|市政道路|公园|绿地|绿化带|用地|河道|河|水系|学校|小学|中学|幼儿园|地块|住宅|居住|商业|空地|"
    r"区间路|[一二三四五六七八九十]{1,3}(?:路|街|道|支路|纬路|经路)|(?:经|纬|横|纵|支|横向|纵向)[一二三四五六七八九十0-9]{1,3}(?:路|街|道|线)|"
    r"[A-Z]{0,2}\d{0,3}(?:号)?(?:路|街|道|线|地块)|[东南西北]{1,2}(?:路|街)|红线|.{0,6}用地|(?:东西|南北)(?:向|走向)?(?:道)?路)$"
)
_NOW = re.compile(r"(?:现状|现有|既有|已建成?|原有|已有|目前的?)(?:为)?的?")
_APPOSITION = re.compile(
    r"(?:城市|市政)?(?:主干道|次干道|干道|主干路|次干路|支路|道路|城市道路|市政道路|主路|街道)(?:名为)?(?=[一-鿿]{2,8}(?:路|街|大道|道|巷)$)"
)
_ADMIN = re.compile(
    r"(?:[一-鿿]{2,7}?(?:省|自治区|市|州|盟|自治州|地区))?(?:[一-鿿]{1,6}?(?:区|县|旗|市))?(?:[一-鿿]{2,6}?(?:街道|镇|乡|苏木))?"
)
_NOT_ADMIN = re.compile(
    r"(?:小|社|园|厂|校|院|库|景|矿|街|城|地|东|西|南|北|片|校|老|新|军|港|湖|开发|住宅|生活|商业)区|.{0,1}市$|新镇|古镇"
)
_ALIAS = re.compile(r"(?:原名?|又名|又称|也称|亦称|旧称|旧名|曾用名|现名|现称|俗称|别名|即|现|老)(?:为|:)?(.{2,16})$")
_SECTION = re.compile(r"(?:从|自|由)?(.{2,16}?)(?:至|到|-|~|—)(.{2,16}?)(?:之间|之间的?段|段|路段|区间)?$")
_PHASE = re.compile(
    r"(?:[一二三四五六七八九十\d]{1,3}期|[东南西北中ABCDEF甲乙丙丁]{1,2}[区苑园]|[一二三四五六\d]+(?:区|组团)|.{1,8}(?:段|校区|分校|分院|店|组团))$"
)
_NOTE = re.compile(
    r"(?:红线|路幅|道路)?(?:宽度?|路宽|红线宽度?)?(?:约|为)?\d+(?:\.\d+)?(?:米|m)(?:宽|路|红线)?|已建成?|现状|现状道路|建成|城市主干道|主干道|次干道|支路|已通车|"
    r"道路|公路|河道|河流|小区|住宅小区|铁路|围墙|[ESWN]|备注.*"
)
_ROAD_IN_ROAD = re.compile(r"[一-鿿]{2,4}(?:路|大道|街)(?=[一-鿿]{2,4}(?:路|街|大道)$)")
_INNER_OK = re.compile(r"(?:路|街|大道)(?:[东南西北中]|步行|商业|[一二三四五六七八九十]|小|支|辅|延|新村)")
_BAD_NAME = re.compile(
    r"[的其该除须您您吗呢]|或者?|以内|以外|[东南西北](?:至|到)|交叉|分别|依次|[?？]|详见|附图|为界|相邻|因为|所以|进行|管理|面积|平方"
)
_GOOD_SIGNS = re.compile(r"[一-鿿㐀-䶿A-Za-z0-9·\-~#()+&、,.和及与至/ ]+$")


def read_item(text: str, start: int, end: int, position: str = "") -> Item:
    """Read ``text[start:end]`` as one name with attributes. An empty ``name`` means that no name is left."""
    while start < end and text[start] in " \n、,:;.-~/+的":
        start += 1
    while end > start and text[end - 1] in " \n、,:;-~/+.":
        end -= 1
    item = Item(start, end)
    if end - start > LONGEST:
        return item
    begin, stop = _front(text, item, start, end)
    _back(text, item, begin, stop)
    return item


def _front(text: str, item: Item, start: int, end: int) -> tuple[int, int]:
    changed = True
    while changed and start < end:
        changed = False
        found = _INCLUDED_FIRST.match(text, start, end)
        if found and end - found.end() >= 2:
            item.included = not found.group("no")
            start, changed = found.end(), True
            continue
        found = _WIDTH_FIRST.match(text, start, end)
        if found and end - found.end() >= 2:
            item.width = "full" if found.group("full") else "half"
            start, changed = found.end(), True
            continue
        found = _NOW.match(text, start, end)
        if found and end - found.end() >= 2 and text[found.end() : end] not in ("道路", "路"):
            start, changed = found.end(), True
            continue
        found = _PLANNED.match(text, start, end)
        if found and found.end() < end:
            item.planned = True
            if not _UNNAMED_PLAN.match(text, found.end(), end):
                start, changed = found.end(), True
                continue
        found = _APPOSITION.match(text, start, end)
        if found and lex.has_ending(text[found.end() : end]):
            start, changed = found.end(), True
            continue
        if text[start] in "沿紧近靠临" and end - start >= 4 and text[start : start + 2] not in lex.NAME_HEADS:
            if (
                lex.kind_of(text[start + 1 : end]) in (PartKind.ROAD, PartKind.WATER, PartKind.RAILWAY)
                and text[start] in "沿紧"
            ):
                start, changed = start + 1, True
    return start, end


def _back(text: str, item: Item, start: int, end: int) -> None:
    suffix = ""
    for _ in range(12):
        while end > start and text[end - 1] in " \n、,-的":
            end -= 1
        if end <= start:
            break
        if text[end - 1] == ")":
            opened = text.rfind("(", start, end)
            if opened >= start:
                kept = _bracket(text, item, opened, end)
                if kept is not None:
                    if kept:
                        suffix = kept + suffix
                    end = opened
                    continue
                if not suffix and item.end == end:
                    item.remarks.append((opened, end))
                    item.end = opened
                else:
                    item.doubts.append(f"括号里的“{text[opened + 1 : end - 1]}”没有读")
                end = opened
                continue
        step = _strip(text, item, start, end)
        if step == end:
            break
        end = step
    _settle(text, item, start, end, suffix)


def _strip(text: str, item: Item, start: int, end: int) -> int:
    """The new end after one attribute at the end was read; ``end`` if there is none."""
    for pattern, to in ((_OFFSET_SIDE, None), (_OFFSET_IN, "in"), (_OFFSET_OUT, "out")):
        found = pattern.search(text, max(start, end - 24), end)
        if found and item.offset_m is None and found.start() > start and not text[found.start() - 1].isdigit():
            metres = _metres(
                found.group(found.lastindex - 1 if found.lastindex else 1), found.group(found.lastindex or 2)
            )
            if metres is None:
                continue
            item.offset_m = metres
            item.offset_to = lex.DIRECTIONS[found.group(1)] if to is None else to
            item.flip = item.flip or to is None
            return found.start()
    found = _PLAIN_DISTANCE.search(text, max(start, end - 14), end)
    if found and found.group(1) and item.offset_m is None and found.start() > start:
        metres = _metres(found.group(1), found.group(2))
        if metres is not None:
            item.offset_m = metres
            return found.start()
    found = _INCLUDED.search(text, max(start, end - 8), end)
    if found and found.end() > found.start():
        item.included = not found.group("no")
        if item.included and found.group("what") not in (None, "在内"):
            item.width = item.width or "full"
        return found.start()
    found = _WIDTH.search(text, max(start, end - 8), end)
    if found:
        item.width = "full" if found.group("full") else "half"
        return found.start()
    found = lex.TAIL.search(text, max(start, end - 12), end)
    if found and (found.start() == start or not _name_needs(text, found, start)):
        if item.end == end:
            item.end = found.start()
        return found.start()
    crossing = _longest(text, start, end, lex.CROSSING)
    if crossing and lex.has_ending(text[start : end - len(crossing)]) and not item.is_crossing:
        item.is_crossing = True
        return end - len(crossing)
    if text.endswith(("延长线", "延伸线", "延伸段", "延长段"), start, end) and end - start > 4:
        item.extended = True
        return end - 3
    return _line_or_side(text, item, start, end)


def _name_needs(text: str, found: re.Match[str], start: int) -> bool:
    """Whether a tail word is rather part of the name: 处 in 办事处, 区域 of 开发区域."""
    word = found.group()
    if word in ("处", "止", "等", "内", "范围", "一线", "区域", "地区", "区块", "合围", "围合"):
        rest = text[start : found.start()]
        if word == "处" and text[found.start() - 1] in "事办管理":
            return True
        return not lex.has_ending(rest) and not _ends_in_line(rest) and not re.search(r"[)\d号侧]$", rest)
    return False


def _ends_in_line(words: str) -> bool:
    return any(words.endswith(word) for word in ("红线", "中心线", "围墙", "边线"))


def _longest(text: str, start: int, end: int, endings: tuple[str, ...]) -> str:
    return next((e for e in endings if text.endswith(e, start, end)), "")


def _metres(count: str, unit: str) -> float | None:
    if not count:
        return None
    if count[0].isdigit():
        value = float(count)
    else:
        hundreds, rest = count.split("百", 1) if "百" in count else ("", count)
        tens, ones = rest.split("十", 1) if "十" in rest else ("", rest)
        value = 100.0 * (_NUMBER.get(hundreds, 1) if "百" in count else 0)
        value += 10.0 * (_NUMBER.get(tens, 1) if "十" in rest else 0) + _NUMBER.get(ones, 0)
    return value * 1000 if unit in ("公里", "km", "KM") else value


def _line_or_side(text: str, item: Item, start: int, end: int) -> int:
    """西侧道路红线, 南岸, 西围墙, 以东, 东侧, 中心线."""
    options: list[tuple[int, str, re.Match[str] | None]] = []
    if item.far is None:
        for at in range(max(start, end - 14), end):
            if text[at] not in "以之的靠偏东南西北":
                continue
            found = _FAR.match(text, at, end)
            if found and (at > start or found.group("line")):
                options.append((at, found.group("line") or "", found))
    for length in _LINE_LENGTHS:
        if end - length >= start and text[end - length : end] in _LINE_OF:
            options.append((end - length, text[end - length : end], None))
    for at, line, found in sorted(options, key=lambda o: (o[0], o[2] is None)):
        rest = text[start:at].rstrip(" 的")
        if not _stands(text, item, rest, line, found):
            continue
        if found:
            item.far = lex.DIRECTIONS[found.group("side")]
            item.flip = not line
        if line:
            if item.line is LineKind.UNSTATED:
                item.line = _LINE_OF[line]
            elif found is None and item.line is _LINE_OF[line]:
                pass
        if not rest:
            return end if not found and item.name else _unnamed(text, item, start, end)
        return at
    return end


def _unnamed(text: str, item: Item, start: int, end: int) -> int:
    """围墙, 南围墙, 用地红线: the words themselves are the name."""
    item.name = text[start:end]
    item.kind = PartKind.WALL if item.line is LineKind.WALL else PartKind.OTHER
    if item.kind is PartKind.OTHER and item.line is LineKind.EDGE:
        item.kind = lex.kind_of(item.name)
    return start


def _stands(text: str, item: Item, rest: str, line: str, found: re.Match[str] | None) -> bool:
    """Whether what remains before a line or side word can be a name."""
    if not rest:
        return bool(line) and (found is not None or len(line) > 1 or line == "墙")
    ending = lex.has_ending(rest)
    closes = bool(ending) or rest[-1] in ")号#栋幢" or rest in lex.OWN or bool(lex.CODE.match(rest))
    if item.is_crossing or rest.endswith(lex.CROSSING[:8]):
        closes = True
    if found:
        if found.group("how") in ("以", "之") or found.group("pos"):
            return len(rest) >= 2 and (
                closes or found.group("pos") in ("侧", "侧面", "侧边") or found.group("how") == "以"
            )
        if line:
            return closes or (len(rest) >= 2 and len(line) >= 2)
        return closes and len(rest) > max(len(ending), 2) - (ending in lex.UNNAMED_ROADS and len(rest) > len(ending))
    if line in ("中心",):
        return ending in ("路", "街", "道", "大道", "河", "铁路", "渠", "沟", "江") and len(rest) > len(ending)
    if line in ("墙", "边", "界", "堤", "岸", "沿", "坎", "口", "路中", "上口"):
        return closes and (line != "岸" or bool(ending)) and (line not in ("沿",) or ending != "")
    if line in ("沿线", "沿岸"):
        return closes
    if line[0] in "路河江湖海沟塘渠街村县市区镇乡厂墙铁道" and not closes:
        return False
    if line in ("绿化带", "挡墙", "大堤", "人行道", "地界", "边界") and not closes:
        return len(rest) >= 2
    return closes or len(rest) >= 2


def _bracket(text: str, item: Item, opened: int, closed: int) -> str | None:
    """Take up a bracket. Words to keep in the name (``""``: none); ``None``: not understood."""
    inner = text[opened + 1 : closed - 1].strip(" ,;.、")
    if not inner:
        return ""
    if len(inner) > 30:
        return None
    if _INCLUDED.fullmatch(inner) or _INCLUDED.fullmatch(inner.rstrip("在内")):
        found = _INCLUDED.search(inner)
        item.included = not (found and found.group("no"))
        if item.included and found and found.group("what") not in (None, "在内"):
            item.width = item.width or "full"
        return ""
    width = _WIDTH.fullmatch(inner) or re.fullmatch(
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
    if line and line.group(1) in _LINE_OF:
        item.line = _LINE_OF[line.group(1)]
        return ""
    if inner in _LINE_OF:
        item.line = _LINE_OF[inner]
        return ""
    side = _FAR.fullmatch(inner)
    if side and (side.group("pos") or side.group("line")):
        item.far = lex.DIRECTIONS[side.group("side")]
        if side.group("line"):
            item.line = _LINE_OF[side.group("line")]
        return ""
    if _NOTE.fullmatch(inner):
        return ""
    alias = _ALIAS.fullmatch(inner)
    if alias and _name_like(alias.group(1)):
        item.aliases.append(alias.group(1))
        return ""
    if lex.CODE.fullmatch(inner) or re.fullmatch(r"[A-Z]{1,2}\d{1,4}(?:线)?", inner):
        item.aliases.append(inner)
        return ""
    if _PHASE.fullmatch(inner):
        return f"({inner})"
    section = _SECTION.fullmatch(inner)
    if section and lex.has_ending(section.group(1)) and lex.has_ending(section.group(2)):
        item.section = (section.group(1), section.group(2))
        return ""
    if _NUMBERED.fullmatch(inner):
        item.number = inner
        return ""
    if lex.kind_of(inner) is not PartKind.OTHER and _name_like(inner) and "、" not in inner and "," not in inner:
        item.aliases.append(inner)
        return ""
    return None


def _name_like(words: str) -> bool:
    return bool(words) and len(words) <= 24 and bool(_GOOD_SIGNS.match(words)) and not _BAD_NAME.search(words)


def _settle(text: str, item: Item, start: int, end: int, suffix: str) -> None:
    """Name, number and kind from what is left between ``start`` and ``end``."""
    if item.name:
        return
    name = text[start:end].replace(" ", "").replace("\n", "")
    numbered = _NUMBERED.search(name)
    if numbered and numbered.start() > 0 and not suffix and _before_number(name[: numbered.start()]):
        item.number = item.number or numbered.group()
        name = name[: numbered.start()]
    elif numbered and numbered.start() == 0:
        item.number = numbered.group()
        item.kind = PartKind.PLACE
    if not name and item.line is not LineKind.UNSTATED:
        return
    place = _admin(name)
    name = name[place:]
    if name in lex.OWN and item.line is not LineKind.UNSTATED:
        item.name = text[start : item.end if not item.remarks else item.remarks[-1][0]].strip(" ,;、")
        item.kind = PartKind.WALL if item.line is LineKind.WALL else PartKind.OTHER
        return
    item.name = name + suffix
    if item.kind is PartKind.OTHER:
        item.kind = lex.kind_of(name)
    if item.kind is PartKind.WALL and item.line is LineKind.UNSTATED:
        item.line = LineKind.WALL
    inner = _ROAD_IN_ROAD.match(name)
    if inner and not _INNER_OK.search(name, max(inner.end() - 2, 0), inner.end() + 2) and not item.is_crossing:
        item.doubts.append(f"“{name}”可能是两条路，中间缺少顿号")


def _before_number(words: str) -> bool:
    return len(words) >= 2 and not words[-1].isdigit() and not words.endswith(("地铁", "轻轨", "规划", "第"))


def _admin(name: str) -> int:
    """Length of the administrative words before a road's name: 某某市某某区 of 某某市某某区解放路."""
    if not name.endswith(("路", "街", "大道", "道", "巷", "弄")):
        return 0
    found = _ADMIN.match(name)
    if not found or found.end() < 3 or len(name) - found.end() < 3 or _NOT_ADMIN.search(found.group()):
        return 0
    if found.group().endswith("街道") or found.group()[-1] in "市区县镇乡旗":
        rest = name[found.end() :]
        return found.end() if len(rest) - len(lex.has_ending(rest)) >= 2 else 0
    return 0


def plausible(item: Item, certain: bool) -> str:
    """``""`` if the item can stand as a part, else the Chinese reason why not.

    ``certain``: a verb or colon stands before it, so that a name without a known ending may be believed.
    """
    name = item.name
    if not name:
        return "没有读出名称"
    if name in lex.NOTHING or not re.search(r"[一-鿿A-Za-z0-9]", name):
        return "没有写明界线"
    if len(name) > 24:
        return "文字太长，不像一个名称"
    if not _GOOD_SIGNS.match(name):
        return "含有读不懂的符号"
    if name in lex.DIRECTIONS or (len(name) == 1 and lex.kind_of(name) is PartKind.OTHER):
        return "没有读出名称"
    if _BAD_NAME.search(name):
        return "不像一个名称"
    if not re.search(r"[一-鿿]", name) and not lex.CODE.match(name) and not item.number:
        return "不是中文名称"
    if re.fullmatch(r"[\d.\-]+", name):
        return "只有数字，没有名称"
    if not certain and item.kind is PartKind.OTHER and item.line is LineKind.UNSTATED:
        return "没有方向词，也不像道路、河流或小区的名称"
    return ""
