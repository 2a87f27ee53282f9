"""Company and person in one cell (物业服务企业及项目负责人): split only where there is no doubt."""

from __future__ import annotations

import re
from typing import NamedTuple

from data.registers.text import Cell, clean, is_null

_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞"
    "任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成"
    "戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪"
    "干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯"
    "宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双"
    "闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步"
    "都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓"
    "公仉督岳帅缑亢况郈有琴归海晋楚闫法汝鄢涂钦商牟佘佴伯赏墨哈谯笪年爱阳佟肖覃邸代候付"
)
_COMPOUND = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "令狐",
    "慕容",
    "司徒",
    "夏侯",
    "端木",
    "轩辕",
)
_COMPANY_END = re.compile(
    r"(公司|物业|物管|中心|集团|服务部|服务处|管理处|管理部|管理所|项目部|分公司|企业|服务站|合作社|居委会|村委会|业委会|物管会|"
    r"委员会|社区|街道|街道办|办事处|房管所|局|处|所|单位|小组|管理组|自管组|厂|学校|医院)(\([^)]*\))?$"
)
_TITLE = re.compile(r"(项目)?(负责人|经理|主任|联系人|先生|女士|同志)$")
_LABEL = re.compile(r"^(项目)?(负责人|经理|主任|联系人|法人)[:：]?")
_PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d[\d\-\s]{8,10}|0\d{2,3}-?\d{7,8})(?!\d)")
_SEPARATOR = re.compile(r"[\n/／、,，;；|]+|\s+|[:：]")
_BRACKETED = re.compile(r"^(.+?)[(（]([^()（）]+)[)）]$")


class CompanyPerson(NamedTuple):
    """The parts of a cell; ``doubt`` is set where the cell was kept whole though it has several parts."""

    company: str | None
    person: str | None
    doubt: bool
    phone_dropped: bool


def looks_like_person(text: str) -> bool:
    """Whether a text has the form of a Chinese person's name: surname and one or two signs (某, *, X included)."""
    bare = _TITLE.sub("", _LABEL.sub("", text)) or text
    given = next((bare[len(name) :] for name in _COMPOUND if bare.startswith(name)), None)
    if given is None:
        if not bare or bare[0] not in _SURNAMES:
            return False
        given = bare[1:]
    if given == "" and bare != text:
        return True
    return re.fullmatch(r"[一-鿿*×xX某]{1,2}", given) is not None and _COMPANY_END.search(bare) is None


def split_company_person(value: Cell) -> CompanyPerson:
    """Company and person of a cell: "甲物业公司 王某某", with "/", a line break or brackets between them.

    Split only if exactly two parts remain, the first ends like an organisation and the second has the form of a name.
    Telephone numbers are not taken.
    """
    text = clean(value)
    if is_null(text):
        return CompanyPerson(None, None, False, False)
    without_phone = _PHONE.sub(" ", text).strip()
    dropped = without_phone != text
    bracketed = _BRACKETED.match(without_phone)
    if bracketed and looks_like_person(bracketed[2].strip()) and _COMPANY_END.search(bracketed[1].strip()):
        return CompanyPerson(bracketed[1].strip(), _name(bracketed[2]), False, dropped)
    parts = [part.strip() for part in _SEPARATOR.split(without_phone) if part.strip()]
    parts = [part for part in parts if not is_null(part) and _LABEL.sub("", part)]
    whole = re.sub(r"\s+", " ", without_phone) or None
    if len(parts) == 2 and _COMPANY_END.search(parts[0]) and looks_like_person(parts[1]):
        return CompanyPerson(parts[0], _name(parts[1]), False, dropped)
    if len(parts) == 1:
        return CompanyPerson(parts[0], None, False, dropped)
    return CompanyPerson(whole, None, whole is not None, dropped)


def _name(text: str) -> str:
    return _LABEL.sub("", text.strip())
