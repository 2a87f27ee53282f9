"""Names: estates, their management regions, companies and managers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from data.demo.words import (
    COMPANIES,
    ESTATE_FIRST,
    ESTATE_LAST,
    OLD_SUFFIX,
    SURNAMES,
    WORKPLACES,
    chinese_number,
    pairs,
)


def name_estates(estates: pd.DataFrame, roads: list[str | None], rng: np.random.Generator) -> pd.DataFrame:
    """Estate and region names.

    Parameters
    ----------
    estates
        Settled estates: ``estate_type``, ``year_built``, ``block``, ``service_form``.
    roads
        Name of a road at each estate, ``None`` if it has none; old estates are called after it.

    Returns
    -------
    DataFrame
        With ``name`` (no two alike) and ``region`` (phases of one estate share it) added.
    """
    words = pairs(rng)
    used: set[str] = set()
    names = []
    for kind, year, road in zip(estates["estate_type"], estates["year_built"], roads, strict=True):
        name = _estate_name(str(kind), int(year), road, rng, words)
        while name in used:
            name = _estate_name(str(kind), int(year), road, rng, words)
        used.add(name)
        names.append(name)
    result = estates.assign(name=names, region=names)
    _join_phases(result, used, rng)
    return result


def _estate_name(kind: str, year: int, road: str | None, rng: np.random.Generator, words: Iterator[str]) -> str:
    draw = rng.random()
    if kind == "单位房":
        place = str(rng.choice(WORKPLACES)) if draw < 0.5 else next(words) + str(rng.choice(WORKPLACES))
        return f"{place}{rng.choice(OLD_SUFFIX)}"
    if kind == "老旧小区" or year < 1998:
        if draw < 0.45 and road:
            return f"{road}{int(rng.integers(1, 198))}号院"
        if draw < 0.6:
            return f"{rng.choice(WORKPLACES)}{rng.choice(('东院', '西院', '南院', '北院', '宿舍'))}"
        return f"{next(words)}{rng.choice(('新村', '小区', '里', '一村', '二村'))}"
    if kind == "安置房":
        return f"{next(words)}{rng.choice(('安置小区', '社区安置房', '新居', '家园'))}"
    if kind == "保障性住房":
        return f"{next(words)}{rng.choice(('公租房小区', '保障房小区', '廉租房小区'))}"
    first = str(rng.choice(ESTATE_FIRST)) if draw < 0.5 else next(words)
    return f"{first}{rng.choice(ESTATE_LAST)}"


def _join_phases(estates: pd.DataFrame, used: set[str], rng: np.random.Generator) -> None:
    """Some new estates side by side become phases (一期、二期) of one management region."""
    fresh = estates[
        (estates["year_built"] >= 2005) & (estates["service_form"] == 1) & (estates["estate_type"] == "商品房")
    ]
    for _, group in fresh.groupby("block"):
        if len(group) < 2 or rng.random() > 0.3:
            continue
        members = list(group.index[: int(rng.integers(2, 4))])
        base = str(estates.at[members[0], "name"])
        if any(f"{base}{chinese_number(k)}期" in used for k in range(1, len(members) + 1)):
            continue
        for k, row in enumerate(members, start=1):
            name = f"{base}{chinese_number(k)}期"
            used.add(name)
            estates.at[row, "name"] = name
            estates.at[row, "region"] = base
            for column in ("year_built", "fee_yuan_m2"):
                estates.at[row, column] = estates.at[members[0], column]


def staff(estates: pd.DataFrame, communities: list[str], rng: np.random.Generator) -> pd.DataFrame:
    """The estates with ``company`` and ``manager`` (a surname and 某), both null where nobody serves."""
    n_companies = max(6, min(900, len(estates) // 14))
    words = pairs(rng)
    titles = [
        f"云栖市{COMPANIES[k] if k < len(COMPANIES) else next(words)}物业服务有限公司" for k in range(n_companies)
    ]
    weight = 1 / np.arange(1, n_companies + 1) ** 0.7
    drawn = rng.choice(n_companies, size=len(estates), p=weight / weight.sum())
    of_region: dict[str, str] = {}
    companies: list[str | None] = []
    managers: list[str | None] = []
    for k, row in enumerate(estates.itertuples()):
        form = int(row.service_form)
        company: str | None = None
        if form == 1:
            company = of_region.setdefault(str(row.region), titles[drawn[k]])
        elif form == 2:
            company = f"{communities[k]}居民委员会"
        elif form == 3:
            company = f"{next(words)}{rng.choice(('集团', '机械厂', '粮油公司', '供电公司'))}后勤服务中心"
        elif form == 6:
            company = f"{next(words)}家政服务部"
        companies.append(company)
        managers.append(person(rng) if company is not None and form != 6 else None)
    return estates.assign(company=companies, manager=managers)


def person(rng: np.random.Generator) -> str:
    """A masked name: nobody real can be meant."""
    return SURNAMES[int(rng.integers(len(SURNAMES)))] + ("某某" if rng.random() < 0.7 else "某")
