"""Names and telephone numbers of persons as those see them who may not know them (脱敏)."""

from __future__ import annotations

import re
from typing import Final

_SEPARATORS: Final = re.compile(r"([\s、，,；;/／|（）()：:]+)")
_NUMBER: Final = re.compile(r"(?<!\d)\d[\d\- ]{5,}\d(?!\d)")
_MOBILE: Final = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d)[- ]?\d{4}[- ]?(\d{4})(?!\d)")
_ORGAN: Final = re.compile(
    r"^.*(?:公司|集团|街道|社区|委员会|中心|政府|物业|单位|大队|支队|中队|办公室|办事处|居委会|业委会|管委会|街道办|"
    r"党委|支部|管理处|管理所|派出所|..局)"
)
_PERSON_KEY: Final = re.compile(r"负责人|联系人|姓名|经理|主任|书记|电话|手机|联系方式|身份证")


def mask_person(text: str) -> str:
    """The text with each name cut to its first character and each number to its ends.

    Names of organs stay: 附件2 asks for 责任单位/人 in one cell.

    Examples
    --------
    >>> mask_person("王某某")
    '王**'
    >>> mask_person("住建局、李某 13900000000")
    '住建局、李* 139****0000'
    """
    return "".join(_piece(part) for part in _SEPARATORS.split(_numbers(text)))


def _piece(part: str) -> str:
    if not part or _SEPARATORS.fullmatch(part) or "*" in part:
        return part
    organ = _ORGAN.match(part)
    kept = organ.group() if organ else ""
    name = part[len(kept) :]
    return kept + name[:1] + "*" * (len(name) - 1)


def _numbers(text: str) -> str:
    def cut(found: re.Match[str]) -> str:
        number = re.sub(r"[\- ]", "", found.group())
        return f"{number[:3]}****{number[-4:]}" if len(number) >= 11 else f"{number[:2]}****{number[-2:]}"

    return _NUMBER.sub(cut, text)


def mask_mobiles(text: str) -> str:
    """The text with the middle of each mobile number hidden; everything else stays.

    Examples
    --------
    >>> mask_mobiles("请联系 13900000000")
    '请联系 139****0000'
    """
    return _MOBILE.sub(r"\1****\2", text)


def mask_extra(extra: dict[str, object]) -> dict[str, object]:
    """A city's own columns (其他列) with those masked that speak of persons."""
    return {
        key: mask_person(str(value))
        if value is not None and _PERSON_KEY.search(key)
        else mask_mobiles(value)
        if isinstance(value, str)
        else value
        for key, value in extra.items()
    }
