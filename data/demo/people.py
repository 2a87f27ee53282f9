"""The estates before they have a place: households, age, kind, fee, how they are served. One seed, one city.

Distributions are invented to look like a prefecture city's register: households with a median of about 250 and a third
under 100, one estate in five without property service, most of those small and old.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_UNCOVERED: Final = 0.215
_BLANK: Final = 0.035

Strings = NDArray[np.object_]


def imagine(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """``n`` estates in the order in which they are to be settled from the old town outwards; like ones in clusters.

    Columns: ``cluster`` (estates that come to lie together), ``households``, ``year_built``, ``estate_type``,
    ``floor_area_m2``, ``wanted_m2`` (land), ``n_lifts``, ``fee_yuan_m2``, ``service_form`` (1–6, 0 = blank in the
    register), ``lost``, ``committee``, ``party``, ``fee_rate``, ``consent``, ``enclosed``, ``mature``.
    """
    small = np.zeros(n, dtype=bool)
    small[: round(n / 3)] = True
    rng.shuffle(small)
    households = np.where(small, _small_households(n, rng), _other_households(n, rng))
    cluster = _clusters(small, rng)
    n_clusters = int(cluster.max()) + 1 if n else 0
    old_cluster = rng.random(n_clusters) < 0.8
    old = np.where(small, old_cluster[cluster], rng.random(n) < 0.22)
    centre = np.where(old_cluster, rng.integers(1982, 1999, n_clusters), rng.integers(2003, 2019, n_clusters))[cluster]
    aged = np.where(old, rng.integers(1981, 2001, n), 2024 - (rng.beta(1.5, 1.9, n) * 24).astype(int))
    year = np.where(small, centre + rng.integers(-3, 4, n), aged)
    kind = _kinds(year, small, cluster, rng)
    table = pd.DataFrame({"cluster": cluster, "households": households, "year_built": year, "estate_type": kind})
    _add_sizes(table, rng)
    _add_service(table, rng)
    _add_organs(table, rng)
    # Old ones in the middle, new ones outside, clusters together.
    noise = rng.normal(0, 7, n_clusters)[cluster]
    table["order"] = table.groupby("cluster")["year_built"].transform("mean") + noise
    return table.sort_values(["order", "cluster"], kind="stable").drop(columns="order").reset_index(drop=True)


def _small_households(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return np.clip(np.exp(rng.normal(np.log(62), 0.36, n)), 12, 99).astype(np.int64)


def _other_households(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return np.clip(np.exp(rng.normal(np.log(415), 0.75, n)), 101, 4200).astype(np.int64)


def _clusters(small: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.int64]:
    """Small estates come in groups of 6–13, the others in pairs or alone."""
    cluster = np.zeros(len(small), dtype=np.int64)
    label = 0
    for members, low, high in ((np.flatnonzero(small), 6, 14), (np.flatnonzero(~small), 1, 3)):
        at = 0
        while at < len(members):
            size = int(rng.integers(low, high))
            cluster[members[at : at + size]] = label
            at += size
            label += 1
    return cluster


def _kinds(
    year: NDArray[np.int64], small: NDArray[np.bool_], cluster: NDArray[np.int64], rng: np.random.Generator
) -> Strings:
    draw = rng.random(len(year))
    shared = rng.random(int(cluster.max()) + 1)[cluster]
    old = np.where(shared < 0.62, "老旧小区", np.where(draw < 0.75, "单位房", "商品房"))
    new = np.where(draw < 0.72, "商品房", np.where(draw < 0.9, "安置房", "保障性住房"))
    middle = np.where(
        draw < 0.66, "商品房", np.where(draw < 0.82, "安置房", np.where(draw < 0.92, "单位房", "保障性住房"))
    )
    kinds = np.where(year < 2000, old, np.where(year < 2008, middle, new))
    return np.where(small & (year >= 2000) & (shared < 0.4), "安置房", kinds).astype(object)


def _add_sizes(table: pd.DataFrame, rng: np.random.Generator) -> None:
    n = len(table)
    year = table["year_built"].to_numpy()
    flat = np.where(
        year < 1995, rng.normal(66, 7, n), np.where(year < 2006, rng.normal(88, 9, n), rng.normal(108, 11, n))
    )
    flat = np.where(table["estate_type"] == "保障性住房", rng.normal(60, 5, n), flat)
    floor = table["households"].to_numpy() * np.clip(flat, 42, 150)
    ratio = np.where(
        year < 1995,
        rng.uniform(1.15, 1.6, n),
        np.where(year < 2006, rng.uniform(1.3, 1.9, n), rng.uniform(1.8, 2.8, n)),
    )
    table["floor_area_m2"] = floor.round(0)
    table["wanted_m2"] = np.maximum(floor / ratio, 1300.0)
    high = (year >= 2004) & (rng.random(n) < np.clip((year - 2001) / 14, 0, 0.96))
    per_lift = rng.uniform(38, 64, n)
    table["n_lifts"] = np.where(high, np.maximum(1, (table["households"] / per_lift).round()), 0).astype(int)


def _add_service(table: pd.DataFrame, rng: np.random.Generator) -> None:
    """Who serves it: the riskiest fifth (small, old, in a neglected cluster) is without service."""
    n = len(table)
    year, households = table["year_built"].to_numpy(), table["households"].to_numpy()
    cluster = table["cluster"].to_numpy()
    kind = table["estate_type"].to_numpy()
    neglect = rng.normal(0, 0.9, int(cluster.max()) + 1)[cluster]
    risk = 0.085 * (2012 - year) - 0.62 * np.log(households / 100) + neglect + rng.normal(0, 1.0, n)
    risk += np.where(np.isin(kind, ("老旧小区", "单位房")), 0.8, 0.0) + np.where(kind == "安置房", 0.4, 0.0)
    order = np.argsort(-risk, kind="stable")
    form = np.zeros(n, dtype=np.int64)
    none = order[: round(n * _UNCOVERED)]
    draw = rng.random(n)
    form[:] = np.where(draw < 0.84, 1, np.where(draw < 0.95, 2, 6))
    form = np.where((kind == "单位房") & (draw < 0.45), 3, form)
    form = np.where((year < 2002) & (draw > 0.86) & (draw < 0.93), 4, form)
    form[none] = 5
    blank = rng.permutation(none)[: round(n * _BLANK)]
    form[blank] = 0
    table["service_form"] = form
    table["lost"] = (form == 5) & (rng.random(n) < 0.3)
    base = np.where(year < 2000, 0.45, np.where(year < 2010, 0.95, 1.65))
    base = base + np.where(kind == "商品房", 0.15, 0.0) - np.where(kind == "保障性住房", 0.45, 0.0)
    shared = rng.normal(0, 0.06, int(cluster.max()) + 1)[cluster]
    fee = np.clip(base + shared + rng.normal(0, 0.1, n), 0.15, 4.5)
    table["fee_yuan_m2"] = np.where(np.isin(form, (0, 5)) & (draw < 0.35), np.nan, np.round(fee / 0.05) * 0.05).round(2)
    rate = np.clip(rng.normal(np.where(year < 2000, 0.68, 0.87), 0.1, n), 0.2, 1.0)
    table["fee_rate"] = np.where(np.isin(form, (0, 5)), np.nan, rate.round(2))


def _add_organs(table: pd.DataFrame, rng: np.random.Generator) -> None:
    n = len(table)
    uncovered = np.isin(table["service_form"], (0, 5))
    draw = rng.random(n)
    large = table["households"].to_numpy() > 300
    elected = np.where(draw < np.where(large, 0.64, 0.4), 1, np.where(draw < 0.8, 2, 3))
    table["committee"] = np.where(uncovered, np.where(draw < 0.08, 2, 3), elected)
    party = np.searchsorted([0.02, 0.06, 0.55, 0.78], rng.random(n), side="right") + 1
    table["party"] = np.where(uncovered, np.where(rng.random(n) < 0.2, 4, 5), party)
    draw = rng.random(n)
    consent = np.where(draw < 0.56, "yes", np.where(draw < 0.91, "unknown", "no"))
    table["consent"] = np.where(uncovered, consent, np.where(draw < 0.1, "yes", "unknown")).astype(object)
    table["enclosed"] = np.where(uncovered, rng.random(n) < 0.45, rng.random(n) < 0.88)
    table["mature"] = (table["year_built"] < 2020) & (rng.random(n) < 0.93)
