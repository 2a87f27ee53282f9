"""The rules that a plan was made by, each with the sentence it rests on, as tables for the papers."""

from __future__ import annotations

from typing import Any, Final, Literal

import pandas as pd

from dashboard import bundle_words as words
from dashboard.exports.cells import in_words
from data.profile import Basis, BundleRules, Profile, Value
from planning.bundles.settings import BundleSettings, Way

COLUMNS: Final = ("规则", "本次采用", "本市规定", "单位", "依据", "原文", "文件", "假定")
_ONLY_FOR: Final[dict[str, Way]] = {
    "anchor_min_households": "anchor",
    "anchor_share": "anchor",
    "anchor_min_stars": "anchor",
    "max_income_yuan": "audit",
    "old_before": "regions",
}
_SIZES: Final = (
    "min_households", "max_households", "min_floor_area_m2", "max_floor_area_m2", "small_households",
    "small_floor_area_m2",
)  # fmt: skip
_NO_LIMIT: Final = {"small_households": 0, "fee_window_yuan_m2": 100.0}
"""What the rules of a way write for a limit that it does not have: nobody reads 0户 or 100元 as that."""
_OF_POINT: Final = ("posts_per_point", "per_point")
_TENDER: Final = "tender."
"""Beginning of the keys of ``Profile.bases`` that the dossiers quote besides the rules."""


def rules_table(settings: BundleSettings, profile: Profile, *, single: bool = False) -> pd.DataFrame:
    """Each limit and choice in force, as the city has it, with its basis. Shares are per cent.

    A rule that the city's profile does not have, or has otherwise, is marked as 本次设定. For an estate by itself
    (``single``) only the sizes are told, which say that it stands alone.
    """
    rules = profile.bundle_ways.get(settings.way)
    names = [name for name in words.LIMITS if _matters(name, settings) and (name in _SIZES or not single)]
    rows = [_limit(name, settings, rules) for name in names]
    rows += [] if single else _choices(settings, rules)
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def costs_table(settings: BundleSettings, profile: Profile) -> pd.DataFrame:
    """What serving costs, as used and as the city has it; every number that no paper gives is marked."""
    if settings.costs is None:
        return pd.DataFrame(columns=list(COLUMNS), dtype=object)
    rows = []
    for name, (label, unit) in words.COSTS.items():
        value: Value | None = getattr(profile.bundle_costs, name, None)
        used = getattr(settings.costs, name)
        ruled = None if value is None else value.value
        row = _row(label, _scaled(used, unit), _scaled(ruled, unit), unit, value.basis if value else None)
        if settings.way == "anchor" and name in _OF_POINT and not used:
            row["假定"] = "由带动小区的服务点一并服务，不另设服务点"
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def papers_table(
    profile: Profile, settings: BundleSettings, *, of: Literal["plan", "bundle", "single"] = "plan"
) -> pd.DataFrame:
    """The sentences that the way itself rests on: of bundling, tendering, staff, companies; without repetitions.

    ``of`` says what the paper is about: the whole plan, a bundle, or an estate that is tendered by itself (which no
    sentence on bundling speaks of).
    """
    rules = profile.bundle_ways.get(settings.way)
    bases = [rules.basis, rules.compact_basis, rules.consent_basis, rules.old_basis] if rules and of != "single" else []
    bases += [basis for key, basis in profile.bases.items() if _is_told(key, settings.way, of)]
    told: dict[tuple[str, str], Basis] = {}
    for basis in bases:
        if basis is not None and basis.quote:
            told.setdefault((basis.quote, basis.document), basis)
    return pd.DataFrame(
        [
            {"依据": basis.rule, "原文": basis.quote, "文件": basis.document, "假定": _assumed(basis)}
            for basis in told.values()
        ],
        columns=["依据", "原文", "文件", "假定"],
        dtype=object,
    )


def tender_basis(profile: Profile, key: str) -> Basis | None:
    """The sentence of the city's papers for one part of a dossier (``staff``, ``five_star`` …), if it has one."""
    return profile.bases.get(_TENDER + key)


def quoted(basis: Basis | None) -> str:
    """依据 with its quote and document in one line; empty without one."""
    if basis is None:
        return ""
    quote = f"“{basis.quote}”" if basis.quote else ""
    assumed = f"（{basis.note or '文件没有给出数字'}）" if basis.assumed else ""
    return f"依据{basis.rule}：{quote}（{basis.document}）{assumed}"


def _is_told(key: str, way: Way, of: str) -> bool:
    """Whether a paper quotes a sentence besides the rules: nothing is tendered in 划区, 以大带小 needs no open tender."""
    if way == "audit":
        return key.startswith("audit.")
    left_out = {"service": set() if of != "bundle" else {"single"}, "anchor": {"open", "single"}}.get(way)
    return left_out is not None and key.startswith(_TENDER) and key.removeprefix(_TENDER) not in left_out


def _matters(name: str, settings: BundleSettings) -> bool:
    if getattr(settings, name, None) is None or _ONLY_FOR.get(name, settings.way) != settings.way:
        return False
    if name == "radius_m":  # linked by neighbours alone, nothing is measured from the medoid
        return settings.compact != "chain" or settings.neighbour_m is None
    if name == "near_share":
        return settings.mode == "near"
    if name in ("min_households", "max_households"):
        return settings.way != "anchor"
    return name != "neighbour_m" or settings.compact != "medoid"


def _limit(name: str, settings: BundleSettings, rules: BundleRules | None) -> dict[str, object]:
    label, unit = words.LIMITS[name]
    rule = getattr(rules, name, None)
    value = rule if isinstance(rule, Value) else None
    if getattr(settings, name) == _NO_LIMIT.get(name):
        return _row(label, "不限", "不限" if value and value.value == _NO_LIMIT[name] else None, "",
                    value.basis if value else None)  # fmt: skip
    return _row(
        label,
        _scaled(getattr(settings, name), unit),
        _scaled(value.value if value else None, unit),
        unit,
        value.basis if value else None,
    )


def _choices(settings: BundleSettings, rules: BundleRules | None) -> list[dict[str, object]]:
    def both(name: str, show: Any, basis: str = "basis") -> tuple[object, object, Basis | None]:
        return (
            show(getattr(settings, name)),
            show(getattr(rules, name)) if rules else None,
            getattr(rules, basis) if rules else None,
        )

    rows = [
        ("牵头单位，成员须在其辖区内", *both("lead", lambda lead: words.LEADS[lead])),
        ("远近", *both("compact", lambda kind: words.COMPACT[kind], "compact_basis")),
        ("成立条件", *both("viability", lambda kind: words.VIABILITY[kind], "viability_basis")),
        ("不拆分网格", *both("keep_grids", bool)),
        ("小区类型须相同", *both("same_type", bool, "similar_basis")),
        ("建成年代分界", *both("age_breaks", _years, "similar_basis")),
        ("征询业主意愿", *both("ask_consent", bool, "consent_basis")),
        ("不得跨越", *both("barriers", words.barriers_text, "barriers_basis")),
    ]
    if settings.way == "regions":
        rows.append(("老旧小区的类型", *both("old_types", "、".join, "old_basis")))
    told = [_row(name, used, ruled, "", basis) for name, used, ruled, basis in rows]
    return [*told, _row("求解目标", words.MODES[settings.mode], None, "", None)]


def _row(name: str, used: object, ruled: object, unit: str, basis: Basis | None) -> dict[str, object]:
    return {
        "规则": name,
        "本次采用": used,
        "本市规定": ruled,
        "单位": unit,
        "依据": basis.rule if basis else "",
        "原文": basis.quote if basis else "",
        "文件": basis.document if basis else "",
        "假定": _assumed(basis) if basis and ruled in (None, used) else _changed(ruled, unit),
    }


def _changed(ruled: object, unit: str) -> str:
    """That somebody chose another value than the city's rule: the rule's own explanation would explain the wrong one."""
    if ruled is None:
        return "本次设定"
    shown = f"{ruled:,}" if isinstance(ruled, int | float) and not isinstance(ruled, bool) else in_words(ruled)
    return f"本次设定（本市规定：{shown}{unit}）"


def _assumed(basis: Basis) -> str:
    """What was assumed; the document that stands beside it is not named again."""
    return (basis.note or "文件没有给出数字").replace(basis.document, "所列文件") if basis.assumed else ""


def _scaled(value: float | None, unit: str) -> object:
    """Shares as per cent; whole numbers without a point; a year is no number to be grouped."""
    if value is None:
        return None
    if unit == "年":
        return str(round(value))
    shown = value * 100 if unit == "%" else value
    return round(shown, 4) if shown % 1 else round(shown)


def _years(breaks: tuple[int, ...]) -> str:
    return "、".join(f"{year}年" for year in breaks) or "不分"
