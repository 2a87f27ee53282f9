"""What the entries of a profile must be to each other: unique ids, known departments and classes, a joint check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from data.codes import COMMITTEES, PARTIES
from data.profile import FallbackWay, Kpi, Phase, ProblemCode, Report, ServiceForm, StatedTarget, VisitRule
from data.profile_bundle_checks import way_faults
from data.profile_ranges import ID
from data.profile_schema import fault
from geo.errors import Fault

T = TypeVar("T")

_UNIQUE: Final[Mapping[type, tuple[str, ...]]] = {
    ServiceForm: ("code",),
    ProblemCode: ("code", "name"),
    Kpi: ("id", "name"),
    StatedTarget: ("id", "name"),
    VisitRule: ("id", "name"),
    FallbackWay: ("id", "name"),
    Report: ("id", "name"),
    Phase: ("name",),
}
"""What may stand only once in the file; names of service forms are checked together with their aliases."""
_BASES: Final = ("organs", "levels", "committee_codes", "party_codes", "departments")
_FURTHER_BASES: Final = (
    "tender.open", "tender.single", "tender.staff", "tender.five_star", "tender.credit_list", "audit.exempt",
)  # fmt: skip
"""Sentences that papers quote besides the rules, where the city's paper has them: on tenders, companies' grades, audits."""


def cross_check(raw: Mapping[str, object], built: Sequence[tuple[str, object]]) -> Iterator[Fault]:
    """Faults between the entries.

    Parameters
    ----------
    raw
        The file's tables, the annex merged in.
    built
        Dotted key and object of every entry that could be read; broken ones have their own faults already.
    """
    yield from _unique(built)
    yield from _service_forms(raw, built)
    yield from _codes(raw, "committee_codes", COMMITTEES)
    yield from _codes(raw, "party_codes", PARTIES)
    yield from _departments(raw, built)
    yield from _classes(raw, built)
    yield from _bases(raw)
    yield from way_faults(raw.get("bundle_ways"), raw.get("bundle_way", "service"))
    ways = _of(FallbackWay, built)
    if all(way.scope for _, way in ways) and len(ways) == _length(raw, "fallback_ways"):
        yield fault("fallback_ways", "没有一种方式适用于其余小区", "给最后一种兜底方式写空条件 scope = {}")
    rules = _of(VisitRule, built)
    complete = len(rules) == _length(raw, "visit_rules")
    if complete and not any(rule.kind == "joint" and rule.share == 1 for _, rule in rules):
        problem = "没有覆盖全部小区的联合执法检查项目，无法编制季度计划"
        yield fault("visit_rules", problem, '加一项 kind = "joint"、share = 1.0')


def _unique(built: Sequence[tuple[str, object]]) -> Iterator[Fault]:
    seen: dict[tuple[type, str, object], str] = {}
    for key, entry in built:
        for attribute in _UNIQUE.get(type(entry), ()):
            value = getattr(entry, attribute)
            first = seen.setdefault((type(entry), attribute, value), key)
            if first != key:
                yield fault(f"{key}.{attribute}", f"与 {first} 重复", f"每个 {attribute} 只能用一次", value)


def _service_forms(raw: Mapping[str, object], built: Sequence[tuple[str, object]]) -> Iterator[Fault]:
    meaning: dict[str, tuple[str, str]] = {}
    forms = _of(ServiceForm, built)
    for key, form in forms:
        for name in (form.name, *form.aliases):
            other = meaning.setdefault(name, (form.code, key))
            if other[0] != form.code:
                yield fault(f"{key}.aliases", f"这个叫法已用于 {other[1]}", "同一叫法只能对应一个代码", name)
    counted: dict[int, tuple[bool, str]] = {}
    for key, form in forms:
        covered, other_key = counted.setdefault(form.canonical, (form.covered, key))
        if covered != form.covered:
            problem = f"与 {other_key} 的 canonical 相同，是否算覆盖却不同"
            yield fault(f"{key}.covered", problem, "改为一致，或对应到不同的 canonical", form.covered)
    if len(forms) == _length(raw, "service_forms") and not any(form.covered for _, form in forms):
        yield fault("service_forms", "没有任何一种形态算已覆盖", "至少给一种形态写 covered = true")


def _codes(raw: Mapping[str, object], section: str, known: Mapping[int, str]) -> Iterator[Fault]:
    for name, code in _mapping(raw.get(section)).items():
        if isinstance(code, int) and not isinstance(code, bool) and code not in known:
            allowed = "、".join(f"{key} {title}" for key, title in known.items())
            yield fault(f"{section}.{name}", "没有这个代码", f"可用的代码：{allowed}", code)


def _departments(raw: Mapping[str, object], built: Sequence[tuple[str, object]]) -> Iterator[Fault]:
    listed = raw.get("departments")
    names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    for name, n in Counter(names).items():
        if n > 1:
            yield fault("departments", "部门重复", "只留一个", name)
    if not names:
        return
    used: dict[str, list[str]] = {}
    for key, entry in built:
        if isinstance(entry, ProblemCode | VisitRule):
            title = f"问题类别 {entry.code}" if isinstance(entry, ProblemCode) else key
            for name in entry.departments:
                used.setdefault(name, []).append(title)
    for name, places in used.items():
        if name not in names:
            where = "、".join(places[:5]) + (" 等" if len(places) > 5 else "")
            yield fault(
                "departments", f"{where}用到了没有列出的部门", "在 departments 中补上，或改用已列出的部门", name
            )


def _classes(raw: Mapping[str, object], built: Sequence[tuple[str, object]]) -> Iterator[Fault]:
    known = _mapping(raw.get("mandatory_classes"))
    for name in known:
        if not ID.fullmatch(name):
            yield fault(f"mandatory_classes.{name}", "标识格式不对", "用小写英文字母开头，只含字母、数字和下划线", name)
    for key, rule in _of(VisitRule, built):
        for name in rule.mandatory:
            if name not in known:
                yield fault(f"{key}.mandatory", "没有这个必查类别", "先在 [mandatory_classes] 中写明名称", name)


def _bases(raw: Mapping[str, object]) -> Iterator[Fault]:
    wanted = {*_BASES, *(f"mandatory_classes.{name}" for name in _mapping(raw.get("mandatory_classes")))}
    given = _mapping(raw.get("bases"))
    for name in sorted(wanted - set(given)):
        yield fault(f"bases.{name}", "没有写依据", f'在 [bases] 中补上 "{name}" = {{ rule = …, quote = … }}')
    for name in sorted(set(given) - wanted - set(_FURTHER_BASES)):
        yield fault(
            f"bases.{name}",
            "这条依据没有对应的内容",
            f"删去，或改为以下之一：{'、'.join(sorted(wanted | set(_FURTHER_BASES)))}",
            name,
        )


def _of(kind: type[T], built: Iterable[tuple[str, object]]) -> list[tuple[str, T]]:
    return [(key, entry) for key, entry in built if isinstance(entry, kind)]


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _length(raw: Mapping[str, object], section: str) -> int:
    entries = raw.get(section)
    return len(entries) if isinstance(entries, list) else -1
