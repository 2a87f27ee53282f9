"""Code cells (L15): ``1``, ``(1)``, ``①``, "1.", "1专业化物业服务", bare text; unknown is a problem, not a guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from data.codes import COMMITTEES, PARTIES, SERVICE_FORMS
from data.profile import Profile
from data.registers.problem import Problem
from data.registers.text import Cell, clean, folded, is_null, squeezed

_NUMBERED = re.compile(r"\(?(\d+)\)?[.、．:：,;/\-]*(.*)", re.S)
_TRAILING = re.compile(r"(.+?)\((\d+)\)")
_PART = re.compile(r"[、,;/\s和及]+|(?<=\))(?=\()|(?<=\.)(?=\d)")
_FUZZY = 60


@dataclass(frozen=True, slots=True)
class CodeList:
    """A code list as its users write it: typed number → canonical code, wording → canonical code, names to show."""

    title: str
    numbers: Mapping[int, int]
    words: Mapping[str, int]
    names: Mapping[int, str]

    def remedy(self) -> str:
        """What may be written (Chinese)."""
        return "可填：" + "、".join(f"{number} {name}" for number, name in sorted(self.names.items()))


def service_forms(profile: Profile, aliases: Mapping[str, int]) -> CodeList:
    """Service forms (L12) as the city numbers and words them; ``aliases`` are the mapping's own words."""
    typed = {int(form.code): form for form in profile.service_forms if form.code.isdecimal()}
    numbers = {number: form.canonical for number, form in typed.items()} or {code: code for code in SERVICE_FORMS}
    names = {number: form.name for number, form in typed.items()} or dict(SERVICE_FORMS)
    words = {squeezed(name): code for code, name in SERVICE_FORMS.items()}
    for form in profile.service_forms:
        words.update({squeezed(word): form.canonical for word in (form.name, *form.aliases)})
    return CodeList("物业服务形态", numbers, words | _squeezed(aliases), names)


def committees(profile: Profile, aliases: Mapping[str, int]) -> CodeList:
    """Owners' committees (L13)."""
    return _fixed("业主委员会组建情况", COMMITTEES, profile.committee_codes, aliases)


def parties(profile: Profile, aliases: Mapping[str, int]) -> CodeList:
    """Party coverage (L14)."""
    return _fixed("党的工作覆盖情况", PARTIES, profile.party_codes, aliases)


def problem_codes(profile: Profile) -> CodeList:
    """Problem categories (L16, L17): the profile's numbers are kept as they are."""
    names = {problem.code: problem.name for problem in profile.problem_codes}
    words = {squeezed(name): code for code, name in names.items()}
    return CodeList("问题类别", {code: code for code in names}, words, names)


def _fixed(title: str, canonical: Mapping[int, str], own: Mapping[str, int], aliases: Mapping[str, int]) -> CodeList:
    words = {squeezed(name): code for code, name in canonical.items()} | _squeezed(own) | _squeezed(aliases)
    return CodeList(title, {code: code for code in canonical}, words, canonical)


def _squeezed(words: Mapping[str, int]) -> dict[str, int]:
    return {squeezed(word): code for word, code in words.items()}


def read_code(value: Cell, codes: CodeList, own_nulls: Mapping[str, int]) -> int | Problem | None:
    """The canonical code in a cell; null for null words, unless ``own_nulls`` (the mapping's aliases) reads them.

    A number with a text must agree with it: the text is the code's wording or a part of it.
    """
    text = clean(value)
    key = squeezed(text)
    if key in own_nulls:
        return own_nulls[key]
    if is_null(text):
        return None
    if key in codes.words:
        return codes.words[key]
    numbered = _NUMBERED.fullmatch(key)
    if numbered is None:
        trailing = _TRAILING.fullmatch(key)
        if trailing is None:
            return _unknown_word(key, codes)
        number, word = int(trailing[2]), trailing[1]
    else:
        number, word = int(numbered[1]), numbered[2]
    if word and re.fullmatch(r"[\d()、,;.和及/]+", word):
        return Problem("一格写了多个代码", f"每个小区只填一个；{codes.remedy()}")
    if number not in codes.numbers:
        return Problem(f"没有代码 {number}", codes.remedy())
    code = codes.numbers[number]
    if word and not _agrees(word, code, codes):
        return Problem(f"代码 {number} 与文字“{word[:20]}”不一致", codes.remedy())
    return code


def _agrees(word: str, code: int, codes: CodeList) -> bool:
    exact = codes.words.get(word)
    if exact is not None:
        return exact == code
    if re.search(r"\d", word):
        return False
    return any(word in known or known in word for known, other in codes.words.items() if other == code)


def _unknown_word(key: str, codes: CodeList) -> Problem:
    near = process.extractOne(key, list(codes.words), scorer=fuzz.ratio, score_cutoff=_FUZZY)
    question = f"是否为“{near[0]}”？" if near else ""
    return Problem("不在代码表中", f"{question}{codes.remedy()}")


def read_categories(value: Cell, codes: CodeList) -> tuple[int, ...] | Problem | None:
    """All problem categories in a cell ("1、3", "1,3;5", "（1）（3）"), in order, each once."""
    if isinstance(value, float) and not value.is_integer():
        return Problem("小数，分不清是几个类别", "多个类别请写成“1、3”")
    text = clean(value)
    if is_null(text):
        return None
    whole = squeezed(text)
    single = read_code(text, codes, {}) if len(re.findall(r"\d+", folded(text))) <= 1 else None
    if isinstance(single, int):
        return (single,)
    if re.fullmatch(r"\d+[.\-~至到]\d+", whole):
        return Problem("分不清是几个类别", "多个类别请写成“1、3”")
    found: list[int] = []
    for part in _PART.split(folded(text)):
        if not part.strip("() ."):
            continue
        code = read_code(part, codes, {})
        if isinstance(code, Problem):
            return code
        if code is not None and code not in found:
            found.append(code)
    return tuple(found) or Problem("没有类别编号", codes.remedy()[:200])
