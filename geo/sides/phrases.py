"""Patterns of what is said about a name: distance, side, line, inclusion, width, numbers, remarks in brackets."""

from __future__ import annotations

import re

from geo.sides import lexicon as lex
from geo.sides.types import LineKind

SIDE = r"(东北|东南|西北|西南|[东南西北])"
NUMBER = {sign: value for value, sign in enumerate("零一二三四五六七八九十")} | {"两": 2, "半": 0}
METRES = (
    r"(\d{1,5}(?:\.\d{1,3})?|[一二两三四五六七八九]?[百十]?[一二三四五六七八九]?十?) ?(米|m|M|公尺|公里|km|KM)"
    r"(?:处|位置|左右|远|范围|范围内|以内|宽|宽处|线|的位置|内)?"
)
OFFSET_SIDE = re.compile(
    rf"(?:以|向|往|朝|之)?{SIDE}(?:侧|面|边|方向|方)?"
    rf"(?:外扩|外延|延伸|退让|退界|后退|退|推进|平移|偏移|移|外|约|各|,| ){{0,4}}{METRES}$"
)
OFFSET_IN = re.compile(
    rf"(?:向内|往内)?(?:退界|退让|后退让|后退|退线|退后|退距|内退|内缩|内移|退|以内|内侧|内)(?:约|各|红线)?{METRES}$"
)
OFFSET_OUT = re.compile(rf"(?:向外|往外)?(?:外扩|外延|外移|外侧|以外|向外|外)(?:约|各)?{METRES}$")
PLAIN_DISTANCE = re.compile(rf"(?:约|距离|间距)?{METRES}$")
_ANY_LINE = lex.either(" ".join((*lex.LINE_RED, *lex.LINE_CENTRE, *lex.LINE_WALL, *lex.LINE_EDGE)))
FAR = re.compile(
    r"(?P<how>以|之|的|靠|偏)?(?P<side>东北|东南|西北|西南|[东南西北])"
    rf"(?:(?P<pos>侧边|侧面|侧|面|边|缘|方|部|端|首|沿)(?:的)?)?(?:现状|既有)?(?P<line>{_ANY_LINE})?$"
)
"""南岸, 西侧道路红线, 以东. Not 南 + 路红线: that is the end of 梅山南路 and 红线."""
FEATURE_SIGNS = frozenset("路街道河江湖海沟塘渠村县市区镇乡厂铁巷")
ALIKE = ("路街道巷速架线桥", "河江湖海沟塘渠溪浜泾港", "村", "县", "市", "区", "镇", "乡", "厂", "铁路")
"""Signs after which a line word may begin with one of the same kind: 文昌街 + 道路中线, 淮河 + 河岸."""
LINES = (
    *((word, LineKind.RED_LINE) for word in lex.LINE_RED),
    *((word, LineKind.CENTRE) for word in lex.LINE_CENTRE),
    *((word, LineKind.WALL) for word in lex.LINE_WALL),
    *((word, LineKind.EDGE) for word in lex.LINE_EDGE),
)
LINE_OF = dict(LINES)
LINE_LENGTHS = sorted({len(word) for word in LINE_OF}, reverse=True)
COUNT = r"(?:第?[甲乙丙]?[A-Z]?\d{1,5}|[A-Z](?=座|栋|幢|号楼|楼)|[一二三四五六七八九十]{1,3})"
UNIT = r"(?:号大院|号院|号楼|号|支弄|弄|栋楼|栋|幢楼|幢|座|单元|#楼|#)"
AND = r"(?:[、,/和及与~-]|至)"
NUMBERED = re.compile(
    rf"(?:{COUNT}(?:{UNIT}{AND}?|{AND})){{0,30}}{COUNT}(?:{UNIT}|楼)楼?(?:住宅)?(?:之[\d一二三四五六七八九]{{1,2}})?$"
)
BUILDINGS = re.compile(
    rf"{COUNT} ?{UNIT}?(?: ?(?:[、,/和及与~-]|至) ?{COUNT} ?{UNIT}?){{1,40}} ?(?:号?楼|#?楼)?(?:住宅|栋|幢|座|号)?"
)
"""1-12号楼, 1#、2#、3#楼: marks inside are no separators."""
INCLUDED = re.compile(
    r"(?P<no>不含|不包含|不包括|不包|不计|未含|除外|不在内)(?P<no_what>(?:全幅|整幅|半幅)?该?(?:道路|路|河|本路|河道|路面|道|街))?$|(?:包含|包括|含)(?P<what>(?:全幅|整幅)?该?(?:道路|路|河|本路|河道|路面|道|街)|在内)?$"
)
INCLUDED_FIRST = re.compile(r"(?P<no>不含|不包含|不包括)|(?:包含|包括|含)(?!光|章|山|笑|英|元|弘|嘉|香|谷|芳|翠|鄱|眉)")
WIDTH = re.compile(
    r"(?:(?P<full>全幅|全路幅|整幅|全宽|全路宽|整条|全路段宽)|(?P<half>半幅|半路幅|一半|半边|半宽|半条|路半))(?:路|道路|路面|河面)?$"
)
WIDTH_FIRST = re.compile(r"(?:(?P<full>全幅|全路幅|整幅|整条)|(?P<half>半幅|半条|半边))的?")
PLANNED = re.compile(r"(?:规划中的|建设中的|规划在建|(?:近期规划|规划|待建|拟建|在建|未建|远期|筹建|设计)的?)")
UNNAMED_PLAN = re.compile(
    r"(?:\d{1,3}(?:米|m)宽?的?(?:路|道路|支路|城市道路|市政道路|主干道|次干道)|路|道路|支路|街|街道|公路|主干道|次干道|干道|城市道路|市政道路|公园|绿地|绿化带|用地|河道|河|水系|学校|小学|中学|幼儿园|地块|住宅|居住|商业|空地|"
    r"区间路|[一二三四五六七八九十]{1,3}(?:路|街|道|支路|纬路|经路)|(?:经|纬|横|纵|支|横向|纵向)[一二三四五六七八九十0-9]{1,3}(?:路|街|道|线)|"
    r"[A-Z]{0,2}\d{0,3}(?:号)?(?:路|街|道|线|地块)|[东南西北]{1,2}(?:路|街)|红线|.{0,6}用地|(?:东西|南北)(?:向|走向)?(?:道)?路)$"
)
NOW = re.compile(r"(?:现状|现有|既有|已建成?|原有|已有|目前的?)(?:为)?的?")
WIDE_FIRST = re.compile(r"(?:宽)?\d{1,3}(?:\.\d)?(?:米|m)(?:宽)?的?(?=[一-鿿]{2})")
APPOSITION = re.compile(
    r"(?:城市|市政)?(?:主干道|次干道|干道|主干路|次干路|支路|道路|城市道路|市政道路|主路|街道)(?:名为)?(?=[一-鿿]{2,8}(?:路|街|大道|道|巷)$)"
)
ADMIN = re.compile(
    r"(?:[一-鿿]{2,7}?(?:省|自治区|市|州|盟|自治州|地区))?(?:[一-鿿]{1,6}?(?:区|县|旗|市))?(?:[一-鿿]{2,6}?(?:街道|镇|乡|苏木))?"
)
NOT_ADMIN = re.compile(
    r"(?:小|社|园|厂|校|院|库|景|矿|街|城|地|(?<!城)[东西南北]|片|校|老|新|军|港|湖|开发|住宅|生活|商业)区|^.市$|[城超门夜早]市$|新镇|古镇"
)
ALIAS = re.compile(r"(?:原名?|又名|又称|也称|亦称|旧称|旧名|曾用名|现名|现称|俗称|别名|即|现|老)(?:为|:)?(.{2,16})$")
SECTION = re.compile(r"(?:从|自|由)?(.{2,16}?)(?:至|到|-|~|—)(.{2,16}?)(?:之间|之间的?段|段|区间)?$")
PHASE = re.compile(
    r"(?:[一二三四五六七八九十\d]{1,3}期|[东南西北中ABCDEF甲乙丙丁]{1,2}[区苑园]|[一二三四五六\d]+(?:区|组团)|.{1,8}(?:段|校区|分校|分院|店|组团))$"
)
NOTE = re.compile(
    r"(?:规划|道路|现状){0,2}(?:红线|路幅|道路|路面)?(?:宽度?|路宽|红线宽度?)?(?:约|为|:)?\d{1,4}(?:\.\d{1,2})?(?:米|m|M)(?:宽|路|红线|道路)?|"
    r"已建成?|现状|现状道路|建成|城市主干道|主干道|次干道|支路|已通车|道路|公路|河道|河流|小区|住宅小区|铁路|围墙|[ESWN]"
)
ROAD_IN_ROAD = re.compile(r"[一-鿿]{2,4}(?:路|大道|街)(?=[一-鿿]{2,4}(?:路|街|大道)$)")
INNER_OK = re.compile(r"(?:路|街|大道)(?:[东南西北中]|步行|商业|[一二三四五六七八九十]|小|支|辅|延|新村)")
BAD_NAME = re.compile(
    r"(?:路|街|大道)[东南西北]$|对面$|^[东南西北中]段$|[侧外墙线边界段]为|为[东南西北]|[以之][东南西北]|(?<!^.)[东南西北]侧(?!.{0,4}(?:墙|线|边|界)|(?:内部|规划|现状)?(?:道路|小路|路|通道|便道|河道|水沟|空地|绿地|绿化带|停车场|小河|巷道|马路|小区|围墙)$).|^[东南西北]侧(?!.{0,4}(?:墙|线|边|界)|(?:路|街|大道|巷)$).|^为(?!民|政)|^是(?!非)|^从(?![化善文])|^不过|^没有|^不超|路起$|[路街巷道学][东南西北][临邻靠抵]..|[的其该除须您您吗呢]|或者?|以内|以外|[东南西北](?:至(?!(?<=^.至)(?:[东南西北中新老]?(?:路|街|大道|大街|巷)$|县))|到(?!家))|交叉|分别|依次|[?？]|详见|附图|为界|相邻|因为|所以|进行|管理|面积|平方"
)
SIDE_INSIDE = re.compile(r"(?<=.)[东南西北](?:[临邻靠抵接为是起]|面[临为是])(?=.)")
"""万达西临春晖路: two sides written together."""
GOOD_SIGNS = re.compile(r"[一-鿿㐀-䶿A-Za-z0-9·\-~#()+&、,.和及与至/ ]+$")


def metres(count: str, unit: str) -> float | None:
    if not count:
        return None
    if count[0].isdigit():
        value = float(count)
    else:
        hundreds, rest = count.split("百", 1) if "百" in count else ("", count)
        tens, ones = rest.split("十", 1) if "十" in rest else ("", rest)
        value = 100.0 * (NUMBER.get(hundreds, 1) if "百" in count else 0)
        value += 10.0 * (NUMBER.get(tens, 1) if "十" in rest else 0) + NUMBER.get(ones, 0)
    return value * 1000 if unit in ("公里", "km", "KM") else value
