"""What the values of a profile must mean: ranges, units, codes, references. Structure is ``data.profile_schema``'s.

``check`` looks at one built object, ``cross_check`` at all of them together; both give faults without a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import singledispatch
from typing import Final

from data.codes import SERVICE_FORMS
from data.profile import (
    DERIVED_COLUMNS,
    Basis,
    BundleRules,
    CostRules,
    FallbackWay,
    Filter,
    Kpi,
    Phase,
    ProblemCode,
    Profile,
    Report,
    ServiceForm,
    ServiceTimes,
    Sla,
    StatedTarget,
    Target,
    VisitRule,
)
from data.profile_bundle_checks import bundle_faults, cost_faults
from data.profile_bundles import FALLBACK_CONDITIONS
from data.profile_ranges import identifier_faults, range_faults, share_faults, text_faults, value_faults
from data.profile_schema import fault, shown
from data.schemas import ESTATES
from geo.errors import Fault

CANONICAL_PROBLEMS: Final = range(1, 23)
"""Problem codes of 附件2 (L16); 23 and above are local (L17)."""

_RULE: Final = re.compile(r"[A-Z]{1,3}\d{2,3}")
_YEARS: Final = range(2000, 2101)
_PLAIN_KINDS: Final[Mapping[str, type]] = {"text": str, "int": int, "bool": bool}


@singledispatch
def check(value: object, key: str) -> Iterator[Fault]:
    """Faults of one object by itself; nothing for types without rules of their own."""
    yield from ()


@check.register
def _(value: Basis, key: str) -> Iterator[Fault]:
    if not _RULE.fullmatch(value.rule):
        yield fault(f"{key}.rule", "规则编号格式不对", "写成大写字母加两三位数字，如 D11", value.rule)
    yield from text_faults(value.document, f"{key}.document")
    if not value.quote.strip() and not value.assumed:
        yield fault(f"{key}.quote", "没有摘录原文", "写上文件原句，或标明 assumed = true")


@check.register
def _(value: ServiceForm, key: str) -> Iterator[Fault]:
    yield from text_faults(value.code, f"{key}.code")
    yield from text_faults(value.name, f"{key}.name")
    if value.canonical not in SERVICE_FORMS:
        known = "、".join(f"{code} {name}" for code, name in SERVICE_FORMS.items())
        yield fault(f"{key}.canonical", "没有这个物业服务形态代码", f"可用的代码：{known}", value.canonical)
    elif value.canonical == 5 and value.covered:
        yield fault(f"{key}.covered", "“无物管”不能算已覆盖", "改为 covered = false", value.covered)


@check.register
def _(value: ProblemCode, key: str) -> Iterator[Fault]:
    yield from text_faults(value.name, f"{key}.name")
    yield from range_faults(value.code, 1, 999, f"{key}.code")
    unknown = [canonical for canonical in value.canonical if canonical not in CANONICAL_PROBLEMS]
    for canonical in unknown:
        yield fault(f"{key}.canonical", "没有这个问题类别代码", "附件2的代码为 1 至 22", canonical)
    if not unknown and value.code in CANONICAL_PROBLEMS and value.canonical != (value.code,):
        remedy = f"写 canonical = [{value.code}]，或把本地类别编为 23 及以上"
        yield fault(f"{key}.canonical", "1 至 22 保留给附件2的类别", remedy, list(value.canonical))
    if not value.departments:
        yield fault(f"{key}.departments", "没有写负责部门", "至少写一个部门")


@check.register
def _(value: Target, key: str) -> Iterator[Fault]:
    if value.due.year not in _YEARS:
        yield fault(f"{key}.due", "年份不合理", f"应在 {_YEARS[0]} 至 {_YEARS[-1]} 年之间", value.due)
    if value.value < 0:
        yield fault(f"{key}.value", "目标值为负数", "写 0 以上的数", value.value)


@check.register(Kpi)
@check.register(StatedTarget)
def _(value: Kpi | StatedTarget, key: str) -> Iterator[Fault]:
    yield from identifier_faults(value.id, f"{key}.id")
    yield from text_faults(value.name, f"{key}.name")
    seen = set()
    for number, target in enumerate(value.targets, start=1):
        if value.measure == "share":
            yield from share_faults(target.value, f"{key}.targets[{number}].value")
        if target.due in seen:
            yield fault(f"{key}.targets[{number}].due", "同一日期写了两个目标", "只留一个", target.due)
        seen.add(target.due)
    if isinstance(value, Kpi):
        if value.measure == "share" and not value.numerator:
            yield fault(f"{key}.numerator", "没有写计入分子的条件", "写上条件，如 { committee = [1, 2] }")
        yield from _filter(value.numerator, f"{key}.numerator")
        yield from _filter(value.denominator, f"{key}.denominator")


@check.register
def _(value: VisitRule, key: str) -> Iterator[Fault]:
    yield from identifier_faults(value.id, f"{key}.id")
    yield from text_faults(value.name, f"{key}.name")
    yield from _filter(value.scope, f"{key}.scope")
    yield from range_faults(value.times_per_quarter, 1, 92, f"{key}.times_per_quarter")
    yield from share_faults(value.share, f"{key}.share")
    if value.share == 0 and not value.mandatory:
        yield fault(
            f"{key}.share", "既没有比例也没有必查类别", "写明 share，或在 mandatory 中列出必查类别", value.share
        )


@check.register
def _(value: BundleRules, key: str) -> Iterator[Fault]:
    yield from bundle_faults(value, key)


@check.register
def _(value: CostRules, key: str) -> Iterator[Fault]:
    yield from cost_faults(value, key)


@check.register
def _(value: FallbackWay, key: str) -> Iterator[Fault]:
    yield from identifier_faults(value.id, f"{key}.id")
    yield from text_faults(value.name, f"{key}.name")
    yield from _filter(value.scope, f"{key}.scope")
    for name in value.conditions:
        if name not in FALLBACK_CONDITIONS:
            yield fault(f"{key}.conditions.{name}", "没有这种情形", f"可用：{'、'.join(FALLBACK_CONDITIONS)}")


@check.register
def _(value: ServiceTimes, key: str) -> Iterator[Fault]:
    yield from value_faults(value, key)
    if value.cap_s.value < value.base_s.value:
        yield fault(
            f"{key}.cap_s.value", "上限小于基本时长", f"写不小于 {value.base_s.value:g} 的数", value.cap_s.value
        )


@check.register
def _(value: Sla, key: str) -> Iterator[Fault]:
    yield from value_faults(value, key)


@check.register
def _(value: Report, key: str) -> Iterator[Fault]:
    yield from identifier_faults(value.id, f"{key}.id")
    yield from text_faults(value.name, f"{key}.name")
    last = {"weekly": 7, "monthly": 31, "quarterly": 31, "yearly": 31}.get(value.cycle, 0)
    if value.day is not None:
        yield from range_faults(value.day, 1 if last else 0, last, f"{key}.day")
    elif value.cycle in ("monthly", "yearly"):
        yield fault(f"{key}.day", "没有写报送日", "写 day = 1 至 31")
    if value.month is not None:
        yield from range_faults(value.month, 1, 12, f"{key}.month")
    elif value.cycle == "yearly":
        yield fault(f"{key}.month", "没有写报送月份", "写 month = 1 至 12")


@check.register
def _(value: Phase, key: str) -> Iterator[Fault]:
    yield from text_faults(value.name, f"{key}.name")
    if value.first_day > value.last_day:
        yield fault(f"{key}.first_day", f"晚于结束日期 {value.last_day}", "把两个日期对调", value.first_day)


@check.register
def _(value: Profile, key: str) -> Iterator[Fault]:
    yield from identifier_faults(value.id, "id")
    yield from text_faults(value.city, "city")
    yield from text_faults(value.document, "document")
    if not value.levels:
        yield fault("levels", "没有写管理层级", '从大到小列出，如 ["市", "县区", "街道", "社区"]')
    if "lead" not in value.organs:
        yield fault("organs.lead", "没有写牵头单位", '在 [organs] 中补上 lead = "…"')
    if value.valid_from > value.valid_to:
        yield fault("valid_from", f"晚于 valid_to（{value.valid_to}）", "把两个日期对调", value.valid_from)


def _filter(chosen: Filter, key: str) -> Iterator[Fault]:
    titles = {column.name: column for column in ESTATES.columns if column.kind in _PLAIN_KINDS}
    for name, accepted in chosen.items():
        place = f"{key}.{name}"
        if name in DERIVED_COLUMNS:
            kind, choices = type(DERIVED_COLUMNS[name][0]), DERIVED_COLUMNS[name]
        elif name in titles:
            kind, choices = _PLAIN_KINDS[titles[name].kind], titles[name].choices
        else:
            yield fault(place, "小区表没有这一列，不能用作条件", f"可用的列：{'、'.join([*DERIVED_COLUMNS, *titles])}")
            continue
        if not accepted:
            yield fault(place, "条件没有列出任何值", "写上要包括的值，或删去这个条件")
        for value in accepted:
            if type(value) is not kind or (choices and value not in choices):
                allowed = "、".join(map(shown, choices)) or {str: "文字", int: "整数", bool: "true 或 false"}[kind]
                yield fault(place, "这一列没有这个值", f"应为：{allowed}", value)
