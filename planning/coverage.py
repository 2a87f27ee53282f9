"""Coverage (覆盖): who has property management, the rates by unit, and the indicators against their targets.

State of an estate, first match counts:

1. ``lost`` is true → 失管. The papers ask for it as its own flag beside code 5 (L04): a register that still names the
   company that walked away must not make the estate look covered.
2. No service form → 情况不明: not covered in the rates, shown apart.
3. A form that the profile counts as covered → 专业化物业服务 (form 1) or 其他方式覆盖 (the other forms).
4. Anything else → 无物管.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Final

import numpy as np
import pandas as pd

from data.codes import UnitKind
from data.profile import DERIVED_COLUMNS, Filter, Kpi, Profile
from planning.coverage_types import Coverage, CoverageState, KpiResult, Rate, Uncovered

LEVELS: Final = (UnitKind.COUNTY, UnitKind.STREET, UnitKind.COMMUNITY)
"""Levels below the city that get a row for each unit."""

_PROFESSIONAL_FORM: Final = 1


def assess(estates: pd.DataFrame, regions: pd.DataFrame, units: pd.DataFrame, profile: Profile, on: date) -> Coverage:
    """State of every estate, rates of every unit, indicators of the profile as of a day.

    Parameters
    ----------
    estates, regions, units
        Canonical tables. Row order does not matter.
    profile
        Says which service forms are covered (``ServiceForm.covered``) and which indicators exist.
    on
        Day for which the targets in force are chosen.

    Returns
    -------
    Coverage
        Rates begin with the city, then county, street, community by unit id; estates without a unit of a level come
        last in that level, with ``unit_id`` ``None``. Shares are ``None`` where nothing is counted. An estate without
        a number of households or floor area is left out of that rate and counted beside it.
    """
    estates = estates.sort_index()
    states = estate_states(estates, profile)
    names = dict(zip(units.index, units["name"], strict=True))
    return Coverage(
        on=on,
        states=dict(zip(estates.index, states, strict=True)),
        rates=tuple(_rates(estates, states, units, names)),
        kpis=tuple(measure(kpi, estates, regions, states, on) for kpi in profile.kpis),
        uncovered=tuple(_uncovered(estates, states, names)),
    )


def estate_states(estates: pd.DataFrame, profile: Profile) -> pd.Series:
    """``CoverageState`` of each estate, on the index of ``estates``; the rules stand at the head of this module."""
    form = estates["service_form"]
    lost = estates["lost"].fillna(False).to_numpy(dtype=bool)
    unknown = form.isna().to_numpy()
    covered = form.isin(sorted(profile.covered_forms())).to_numpy(dtype=bool)
    professional = (form == _PROFESSIONAL_FORM).fillna(False).to_numpy(dtype=bool)
    chosen = np.select([lost, unknown, covered & professional, covered], [0, 1, 2, 3], default=4)
    members = (
        CoverageState.LOST,
        CoverageState.UNKNOWN,
        CoverageState.PROFESSIONAL,
        CoverageState.OTHER_COVERED,
        CoverageState.UNMANAGED,
    )
    return pd.Series([members[k] for k in chosen], index=estates.index, dtype=object, name="state")


# ------------------------------------------------------------------------------------------------------------ rates


def _rates(estates: pd.DataFrame, states: pd.Series, units: pd.DataFrame, names: dict[str, str]) -> list[Rate]:
    facts = _countable(estates, states)
    rates = [_rate(None, "全市", "city", facts.sum().to_dict())]
    for level in LEVELS:
        column = f"{level.value}_id"
        sums = facts.groupby(estates[column], sort=True, observed=True).sum()
        known = units.index[units["kind"] == level.value]
        sums = sums.reindex(sums.index.union(known).sort_values(), fill_value=0)
        rates += [
            _rate(unit, names.get(unit, unit), level.value, row)
            for unit, row in zip(sums.index, sums.to_dict("records"), strict=True)
        ]
        homeless = estates[column].isna()
        if homeless.any():
            rates.append(_rate(None, f"未归入{level.label}", level.value, facts[homeless].sum().to_dict()))
    return rates


def _countable(estates: pd.DataFrame, states: pd.Series) -> pd.DataFrame:
    """Numbers that only need to be added up to give any unit's rates."""
    covered = states.map(lambda state: state.covered).astype("int64")
    households, area = estates["households"], estates["floor_area_m2"]
    return pd.DataFrame(
        {
            "n_estates": 1,
            "n_covered": covered,
            "n_unmanaged": (states == CoverageState.UNMANAGED).astype("int64"),
            "n_lost": (states == CoverageState.LOST).astype("int64"),
            "n_unknown": (states == CoverageState.UNKNOWN).astype("int64"),
            "households": households.fillna(0).astype("int64"),
            "households_covered": (households.fillna(0) * covered).astype("int64"),
            "floor_area_m2": area.fillna(0.0),
            "floor_area_covered_m2": area.fillna(0.0) * covered,
            "n_without_households": households.isna().astype("int64"),
            "n_without_floor_area": area.isna().astype("int64"),
        },
        index=estates.index,
    )


def _rate(unit_id: str | None, name: str, level: str, sums: dict[str, float]) -> Rate:
    n = {key: int(value) for key, value in sums.items() if not key.startswith("floor_area")}
    area, area_covered = float(sums["floor_area_m2"]), float(sums["floor_area_covered_m2"])
    return Rate(
        unit_id=unit_id,
        name=name,
        level=level,
        n_estates=n["n_estates"],
        n_covered=n["n_covered"],
        n_unmanaged=n["n_unmanaged"],
        n_lost=n["n_lost"],
        n_unknown=n["n_unknown"],
        households=n["households"],
        households_covered=n["households_covered"],
        floor_area_m2=area,
        floor_area_covered_m2=area_covered,
        by_estates=_share(n["n_covered"], n["n_estates"]),
        by_households=_share(n["households_covered"], n["households"]),
        by_floor_area=_share(area_covered, area),
        n_without_households=n["n_without_households"],
        n_without_floor_area=n["n_without_floor_area"],
    )


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


# ------------------------------------------------------------------------------------------------------- indicators


def measure(kpi: Kpi, estates: pd.DataFrame, regions: pd.DataFrame, states: pd.Series, on: date) -> KpiResult:
    """One indicator (指标) with the target in force and how many more subjects are needed (还差 N 个).

    A region matches a filter when it holds at least one estate and **all** of its estates match; the numerator is
    counted among those that match the denominator. An empty denominator gives ``value`` and, for a share,
    ``missing`` ``None``. Shares are compared as fractions, so that 95 % of 300 is 285 and not 286.

    A subject whose register leaves a column of the numerator empty is unknown: it does not count, and ``n_unknown`` says
    how many there are. Where all of the denominator is unknown there is nothing to measure: 0 % would be a wrong figure.

    Raises
    ------
    ValueError
        If a filter names a column that estates do not have.
    """
    below, above = (matches(estates, states, chosen) for chosen in (kpi.denominator, kpi.numerator))
    unknown = _unknown(estates, states, kpi.numerator)
    if kpi.subject == "region":
        region = estates["region_id"].where(estates["region_id"].isin(regions.index))
        below, above, unknown = (flags.groupby(region) for flags in (below, above, unknown))
        below, above, unknown = below.all(), above.all(), unknown.any()
    n_unknown = int((below & ~above & unknown).sum())
    if n_unknown == int(below.sum()):
        below = below & False
    denominator = int(below.sum())
    numerator = int((below & above).sum())
    target = kpi.target_on(on)
    is_share = kpi.measure == "share"
    value = (numerator / denominator if is_share else float(numerator)) if denominator else None
    missing = None
    if target is not None and (denominator or not is_share):
        wanted = Fraction(str(float(target.value))) * (denominator if is_share else 1)
        missing = max(0, -((-wanted.numerator) // wanted.denominator) - numerator)
    return KpiResult(
        id=kpi.id,
        name=kpi.name,
        measure=kpi.measure,
        subject=kpi.subject,
        value=value,
        numerator=numerator,
        denominator=denominator,
        target=target.value if target else None,
        due=target.due if target else None,
        rolled_from=target.rolled_from if target else None,
        missing=missing,
        n_unknown=n_unknown,
        definition=kpi.definition,
        basis=kpi.basis,
    )


def _unknown(estates: pd.DataFrame, states: pd.Series, chosen: Filter) -> pd.Series:
    """Whether the register leaves open if an estate matches: a column of the filter is empty, or the state unknown."""
    open_ = pd.Series(False, index=estates.index)
    for column in chosen:
        open_ |= states.eq(CoverageState.UNKNOWN) if column in DERIVED_COLUMNS else estates[column].isna()
    return open_


def matches(estates: pd.DataFrame, states: pd.Series, chosen: Filter) -> pd.Series:
    """Whether each estate matches all columns of the filter; an empty cell matches nothing.

    ``covered`` and ``state`` (``data.profile.DERIVED_COLUMNS``) come from the assessment, the rest from the register.

    Raises
    ------
    ValueError
        If the filter names a column that estates do not have.
    """
    match = pd.Series(True, index=estates.index)
    for column, accepted in chosen.items():
        if column == "covered":
            values = states.map(lambda state: state.covered)
        elif column == "state":
            values = states.map(lambda state: state.value)
        elif column in estates.columns:
            values = estates[column]
        else:
            raise ValueError(f"filter on unknown estate column {column!r}")
        match &= values.isin(list(accepted)).fillna(False).astype(bool)
    return match


# -------------------------------------------------------------------------------------------------------- uncovered


def _uncovered(estates: pd.DataFrame, states: pd.Series, names: dict[str, str]) -> list[Uncovered]:
    open_ = estates[np.array([not state.covered for state in states], dtype=bool)]

    def named(column: str) -> list[str]:
        return ["" if pd.isna(unit) else names.get(unit, unit) for unit in open_[column]]

    households = [None if pd.isna(n) else int(n) for n in open_["households"]]
    return [
        Uncovered(estate_id, name, states[estate_id], county, street, community, n)
        for estate_id, name, county, street, community, n in zip(
            open_.index,
            open_["name"],
            named("county_id"),
            named("street_id"),
            named("community_id"),
            households,
            strict=True,
        )
    ]
