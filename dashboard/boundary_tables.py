"""Boundaries and their candidates as tables for export: state, source, how sure, why, by whom and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from dashboard.boundary_words import ACCEPTED, CANNOT, LOOK, NONE, STATES, has_shape
from dashboard.words import local_time
from data.boundaries import SOURCE_LABELS
from geo.blocks.types import Step
from geo.shapes import area_m2
from planning.boundaries.stake import at_stake
from planning.city import City

STATE_LABELS: Final[Mapping[str, str]] = {LOOK: "待看", CANNOT: "无法成图", ACCEPTED: "已有边界", NONE: "未推算"}
STEP_LABELS: Final = {step.value: step.label for step in Step} | {"land": "所在住宅用地", "block": "所在街区"}
OUTCOMES: Final = {"accepted": "自动采用", "look": "待看", "cannot": "无法成图"}


def states(city: City) -> pd.Series:
    """Where each estate stands (`dashboard.boundary_words.STATES`), by estate id."""
    shaped = city.proposals.geometry.map(has_shape)
    drawn = set(city.proposals.loc[shaped, "estate_id"])
    tried = set(city.proposals["estate_id"])
    told = [
        ACCEPTED if i in city.boundaries.index else LOOK if i in drawn else CANNOT if i in tried else NONE
        for i in city.estates.index
    ]
    return pd.Series(told, index=city.estates.index, dtype=object)


def best_candidates(city: City) -> pd.DataFrame:
    """The first candidate with an outline of each estate, else its row without one; index ``estate_id``."""
    rows = city.proposals.assign(bare=[not has_shape(shape) for shape in city.proposals.geometry])
    rows = rows.sort_values(["bare", "rank"], kind="stable")
    return rows.drop_duplicates("estate_id").set_index("estate_id")


def boundaries_table(city: City) -> pd.DataFrame:
    """One row for each estate, most at stake first; index ``estate_id``.

    Source, area, person and time are those of the boundary in force; where there is none, confidence and area are those
    of the best candidate. Areas square metres, confidence from 0 to 1, blanks stay blank.
    """
    estates, best = city.estates, best_candidates(city).reindex(city.estates.index)
    held = city.boundaries.reindex(estates.index)
    state = states(city)
    has = state == ACCEPTED
    sure = held["confidence"].astype("float64").where(has, best["confidence"].astype("float64"))
    shapes = [a if h else b for a, b, h in zip(held.geometry, best["geometry"], has, strict=True)]
    ground = _areas(shapes)
    ledger = estates["land_area_m2"].astype("float64")
    texts = estates["four_sides"].where(estates["four_sides"].notna(), best["text"])
    table = pd.DataFrame(
        {
            "小区": estates["name"],
            "县区": estates["county_id"].map(city.unit_names),
            "街道": estates["street_id"].map(city.unit_names),
            "社区": estates["community_id"].map(city.unit_names),
            "户数": estates["households"],
            "结论": state.map(STATE_LABELS),
            "边界来源": held["source"].map(SOURCE_LABELS),
            "可信度": sure.mask(state == CANNOT).round(2),
            "原因": [_reasons(why) for why in best["why"]],
            "四至文字": texts,
            "边界面积（平方米）": ground,
            "台账占地（平方米）": ledger,
            "与台账相差": ground / ledger.where(ledger > 0).to_numpy() - 1,
            "操作人": held["person"],
            "时间": [local_time(at) if isinstance(at, str) else None for at in held["at"]],
            "说明": held["reason"],
            "来源文件": held["source_file"],
            "小区编号": estates.index,
        },
        index=estates.index,
    )
    doubt = (
        sure.where(has, best["confidence"].astype("float64")).mask(has & sure.isna(), 1.0).mask(state == CANNOT, 0.0)
    )
    stake = at_stake(estates, doubt)
    return table.loc[stake.sort_values(ascending=False, kind="stable").index]


def counts_table(city: City) -> pd.DataFrame:
    """Estates by street and state, with the sources of the boundaries in force; the city's sum in the last row."""
    state, source = states(city), city.boundaries["source"].reindex(city.estates.index)
    street = city.estates["street_id"].map(city.unit_names).fillna("街道不明")
    county = city.estates["county_id"].map(city.unit_names).fillna("")
    marks = pd.DataFrame({"县区": county, "街道": street, "小区": 1}, index=city.estates.index)
    for name, label in SOURCE_LABELS.items():
        marks[f"{label}边界"] = (source == name).astype(int)
    for name in (s for s in STATES if s != ACCEPTED):
        marks[STATE_LABELS[name]] = (state == name).astype(int)
    table = marks.groupby(["县区", "街道"], sort=True).sum().reset_index()
    total = table.drop(columns=["县区", "街道"]).sum()
    return pd.concat([table.astype(object), pd.DataFrame([{"县区": "合计", "街道": "", **total}], dtype=object)])


def history_table(history: pd.DataFrame, city: City) -> pd.DataFrame:
    """Boundaries that were replaced, newest first: what they were, by whom, when and why they went."""
    rows = history.sort_index(ascending=False)
    return pd.DataFrame(
        {
            "小区": rows["estate_id"].map(city.estates["name"]).fillna("（已不在台账）"),
            "原来源": rows["source"].map(SOURCE_LABELS),
            "原可信度": rows["confidence"].astype("float64").round(2),
            "原操作人": rows["person"],
            "原时间": [local_time(at) if isinstance(at, str) else None for at in rows["at"]],
            "替换时间": [local_time(at) for at in rows["replaced_at"]],
            "替换人": rows["replaced_by"],
            "替换原因": rows["cause"],
            "小区编号": rows["estate_id"],
        }
    )


def candidates_table(city: City) -> pd.DataFrame:
    """Every candidate with an outline, by estate and rank; index as in ``BOUNDARY_PROPOSALS``."""
    rows = city.proposals[[has_shape(shape) for shape in city.proposals.geometry]]
    rows = rows[rows["estate_id"].isin(city.estates.index)].sort_values(["estate_id", "rank"], kind="stable")
    estates = city.estates.reindex(rows["estate_id"])
    return pd.DataFrame(
        {
            "小区编号": rows["estate_id"].to_numpy(),
            "小区": estates["name"].to_numpy(),
            "街道": estates["street_id"].map(city.unit_names).to_numpy(),
            "候选": rows["rank"].to_numpy(int) + 1,
            "推算结论": rows["outcome"].map(OUTCOMES).to_numpy(),
            "已有边界": ["是" if i in city.boundaries.index else "否" for i in rows["estate_id"]],
            "可信度": rows["confidence"].to_numpy(float).round(4),
            "成图方法": rows["step"].map(STEP_LABELS).to_numpy(),
            "面积（平方米）": np.round(_areas(list(rows.geometry)), 1),
            "原因": [_reasons(why) for why in rows["why"]],
            "四至文字": rows["text"].to_numpy(),
            "可信度模型": rows["model"].to_numpy(),
        },
        index=rows.index,
    )


def _areas(shapes: list[Any]) -> np.ndarray:
    found = np.full(len(shapes), np.nan)
    there = [i for i, shape in enumerate(shapes) if has_shape(shape)]
    if there:
        found[there] = area_m2([shapes[i] for i in there])
    return found


def _reasons(why: object) -> str:
    return "；".join(map(str, why)) if isinstance(why, list | tuple) else ""
