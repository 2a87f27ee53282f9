"""Words that the fictional city's names are made of. No real city, company or person is meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

CITY: Final = "云栖市"
CENTRE: Final = (112.30, 30.20)
"""``(lon, lat)``, EPSG:4490: the middle of the fictional city, on farmland."""

RIVER: Final = "云溪河"
LAKE: Final = "栖霞湖"
RAILWAY: Final = "云清铁路"

MAIN_ROADS: Final = (
    "人民", "解放", "青年", "建设", "中山", "和平", "胜利", "新华", "文化", "团结", "友谊", "劳动", "朝阳", "光明",
    "东风", "红旗", "前进", "振兴", "迎宾", "长江", "黄河", "泰山", "华山", "北京", "南京", "上海", "西安", "广州",
    "云溪", "凤凰", "金山", "银河", "希望", "长征", "延安", "井冈山", "南湖", "北苑", "东方", "西湖",
)  # fmt: skip
"""Direction characters stand inside some names on purpose (南湖, 北苑, 西安, 东方): readers of 四至 must survive them."""

TECH_ROADS: Final = ("科技", "创新", "创业", "高新", "智慧", "光谷", "云谷", "软件", "未来", "星火", "启航", "腾飞")

_FIRST: Final = "安宁康泰福兴隆昌盛永长春秋晨星月清明景秀文德仁义信礼和顺祥瑞嘉宝金银玉翠青碧云霞松柏竹梅兰桂荷柳杨枫"
_SECOND: Final = "民乐华平定远达庆丰源泉林园苑庭居里湾桥塘井坊门台亭山岭岗坡溪湖江河海洲屿沙石田禾穗"

ESTATE_FIRST: Final = (
    "阳光", "幸福", "金色", "锦绣", "碧水", "翠湖", "江南", "世纪", "银河", "凤凰", "东方", "滨江", "紫荆", "香樟", "丹桂",
    "水岸", "星河", "龙腾", "御景", "华庭", "康乐", "祥和", "富康", "宏达", "名仕", "书香", "清华", "文苑", "学府", "中央",
    "天鹅", "绿洲", "蓝天", "盛世", "皇冠", "时代", "未来", "云栖", "栖霞", "半山", "怡和", "嘉和", "恒泰", "万和", "明珠",
)  # fmt: skip
ESTATE_LAST: Final = ("花园", "家园", "嘉园", "新城", "名都", "佳苑", "华府", "雅居", "公馆", "豪庭", "小区", "新村")
WORKPLACES: Final = (
    "棉纺厂", "机械厂", "化肥厂", "粮食局", "供销社", "税务局", "中医院", "一中", "师范", "邮电局", "百货公司", "农机厂",
    "水泥厂", "造纸厂", "运输公司", "建筑公司", "物资局", "印刷厂", "电力局", "教育局", "林业局", "轴承厂", "酒厂", "丝绸厂",
)  # fmt: skip
OLD_SUFFIX: Final = ("宿舍", "家属院", "职工住宅楼", "生活区")

STREETS: Final = (
    "解放", "新华", "东风", "文峰", "鼓楼", "城隍", "西关", "北门", "南湖", "朝阳", "青山", "望江", "桥头", "石牌", "凤鸣",
    "龙泉", "白云", "金桥", "花园", "梅园", "柳林", "丰收", "兴隆", "永安", "长乐", "太平", "双塔", "云台", "霞光", "栖凤",
)  # fmt: skip
TOWNS: Final = ("城关", "石桥", "柳河", "大塘", "双河", "三元", "杨店", "马坪", "沙岗", "青溪", "太平", "古井")
COMMUNITIES: Final = (
    "幸福", "光明", "和平", "团结", "胜利", "前进", "友谊", "东升", "向阳", "曙光", "春晖", "锦绣", "康宁", "民主", "富强",
    "文明", "和谐", "诚信", "友善", "平安", "新风", "红星", "五一", "七一", "八一", "清水", "桂园", "竹园", "荷花", "银杏",
)  # fmt: skip

COMPANIES: Final = (
    "安居", "恒信", "宏泰", "康达", "万嘉", "瑞丰", "德诚", "和兴", "众合", "博远", "金管家", "优家", "盛世", "百事顺",
    "绿源", "嘉美", "鸿福", "佳和", "天润", "云栖城投", "国惠", "同心", "乐居", "悦家", "广厦", "汇通", "永泰", "鑫源",
)  # fmt: skip
SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"


def pairs(rng: np.random.Generator) -> Iterator[str]:
    """Endless two-character words in random order, each once before any comes back with a number."""
    words = [a + b for a in _FIRST for b in _SECOND]
    rng.shuffle(words)
    yield from words
    round_ = 2
    while True:
        yield from (f"{word}{chinese_number(round_)}" for word in words)
        round_ += 1


def cycle(words: Sequence[str], rng: np.random.Generator) -> Iterator[str]:
    """The words in random order, then made-up ones for ever; nothing twice."""
    order = list(words)
    rng.shuffle(order)
    yield from order
    seen = set(order)
    yield from (word for word in pairs(rng) if word not in seen)


def chinese_number(number: int) -> str:
    """1–999 in Chinese figures, as names use them (第十二检查组)."""
    digits = "零一二三四五六七八九"
    if not 1 <= number <= 999:
        raise ValueError(f"{number} is not between 1 and 999")
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{digits[hundreds]}百" if hundreds else ""
    if hundreds and not tens and ones:
        text += "零"
    elif tens:
        text += "十" if tens == 1 and not hundreds else f"{digits[tens]}十"
    return text + (digits[ones] if ones else "")
