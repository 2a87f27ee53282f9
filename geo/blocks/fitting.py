"""Fitting the confidence model on cases made from the local map, and choosing the threshold on blocks it has not seen."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from scipy.optimize import minimize

from geo.blocks.cases import Block, true_blocks
from geo.blocks.features import NAMES, SIGNS, Floats
from geo.blocks.model import FitRow, Model, StepModel, built_in, sigmoid
from geo.blocks.sampling import FOLDS, PLANS, Reader, Sample, jobs, sample
from geo.blocks.scores import Bools, Ints, accept_threshold, auc
from geo.blocks.types import Step
from geo.progress import SILENT, Progress, Stopped

N_CASES: Final = 480
"""Enough for a threshold that holds (some 250 may be accepted); about half a minute on two quiet cores."""
LEAST_BLOCKS: Final = 40
"""Fewer true blocks than this say nothing of a map."""
_LEAST_ROWS: Final = 60
"""A step class with fewer rows (or only one outcome) takes the curve of all steps."""
_METHOD: Final = b"2"
"""Raised when outlines or their evidence change, so that models stored by an older program are fitted anew."""
_RIDGE: Final = 1.0
_SECOND_WEIGHT: Final = 0.25


def fit(
    ways: gpd.GeoDataFrame,
    read: Reader,
    *,
    seed: int,
    fitted_on: str,
    n: int = N_CASES,
    blocks: Sequence[Block] | None = None,
    progress: Progress = SILENT,
) -> Model:
    """The confidence model of a local map.

    Parameters
    ----------
    ways
        Checked ``WAYS`` frame.
    read
        Reads jobs: for each, the outlines of its cases on the map less the removed ways (`geo.blocks.workers.reader`).
    seed
        Same map, same seed: same model.
    fitted_on
        Day of the fit, ISO.
    n
        Number of cases.
    blocks
        Blocks to fit with; by default all of the map.

    Raises
    ------
    Stopped
        When the progress says so.
    """
    key = ways_key(ways)
    progress.update(0.0, "从本地道路生成可信度样本")
    found = true_blocks(ways, seed=seed) if blocks is None else tuple(blocks)
    if len(found) < LEAST_BLOCKS:
        note = f"本地道路只围出 {len(found)} 个可用街区（至少要 {LEAST_BLOCKS} 个），可信度模型没有拟合，全部由人工查看"
        return replace(built_in(note), ways_key=key)
    todo = jobs(found, n, seed)
    outlines = read([job for _, job in todo], progress)
    if progress.stopped:
        raise Stopped
    rows = sample([(row, job[2], some) for (row, job), some in zip(todo, outlines, strict=True)], seed)
    if rows.right.all() or not rows.right.any() or len(rows.right) < 2 * _LEAST_ROWS:
        return replace(built_in("本地样本不足以拟合可信度模型，全部由人工查看"), ways_key=key)
    steps, table = fit_sample(rows)
    return Model(NAMES, steps, int(rows.n_cases.sum()), len(found), seed, fitted_on, key, table)


def fit_sample(rows: Sample) -> tuple[tuple[StepModel, ...], tuple[FitRow, ...]]:
    """Curves for each step, with the threshold found on held-out folds; and how well they do there, by kind of damage."""
    held_out = np.zeros(len(rows.right))
    for fold in range(FOLDS):
        out = rows.fold == fold
        if out.any():
            held_out[out] = _apply(_curves(rows, ~out), rows.values[out], rows.step[out])
    slope, offset = _recalibrated(held_out[rows.first], rows.right[rows.first])
    confidence = sigmoid(slope * held_out + offset)
    may = rows.first & rows.free & (rows.step < Step.EXTENDED.rank)
    threshold = accept_threshold(confidence[may], rows.right[may], rows.plan[may], rows.step[may])
    steps = tuple(
        replace(
            curve,
            weight=tuple(float(slope * w) for w in curve.weight),
            intercept=float(slope * curve.intercept + offset),
            accept_at=threshold if curve.step < Step.EXTENDED.rank else None,
        )
        for curve in _curves(rows, np.ones(len(rows.right), dtype=bool))
    )
    accepted = may & (confidence >= threshold) if threshold is not None else np.zeros(len(may), dtype=bool)
    table = [_row("all", rows, rows.first, confidence, accepted, int(rows.n_cases.sum()))]
    for number, plan in enumerate(PLANS):
        chosen = rows.first & (rows.plan == number)
        table.append(_row(plan.name, rows, chosen, confidence, accepted & chosen, int(rows.n_cases[number])))
    return steps, tuple(table)


def ways_key(ways: gpd.GeoDataFrame) -> str:
    """Fingerprint of all that boundaries and their model depend on in the ways; the order of rows does not matter."""
    content = hashlib.sha256(_METHOD)
    ordered = ways.sort_index()
    for column in ("kind", "name", "road_class", "tunnel", "bridge"):
        content.update("\x1f".join(map(str, ordered[column].tolist())).encode() + b"\x1e")
    for shape in shapely.to_wkb(ordered.geometry.to_numpy()):
        content.update(shape or b"\x1d")
    return content.hexdigest()


def _curves(rows: Sample, use: Bools) -> tuple[StepModel, ...]:
    """A curve for each step; one with too few rows takes that of all steps together."""
    pooled = _logistic(rows, use)
    curves = []
    for step in Step:
        here = use & (rows.step == step.rank)
        share = rows.right[here].mean() if here.any() else 0.0
        enough = here.sum() >= _LEAST_ROWS and 0.02 <= share <= 0.98
        mean, scale, weight, intercept = _logistic(rows, here) if enough else pooled
        curves.append(StepModel(step.rank, mean, scale, weight, intercept, None))
    return tuple(curves)


def _logistic(rows: Sample, use: Bools) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...], float]:
    """Means, scales, weights and intercept of the least ridge-penalised log loss, weights kept to their signs."""
    x, y = rows.values[use], rows.right[use].astype(np.float64)
    heavy = np.where(rows.first[use], 1.0, _SECOND_WEIGHT)
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    z = (x - mean) / scale

    def loss(parameters: Floats) -> tuple[float, Floats]:
        weight, intercept = parameters[:-1], parameters[-1]
        logit = intercept + z @ weight
        value = float((heavy * (np.logaddexp(0, logit) - y * logit)).sum() + _RIDGE * (weight @ weight) / 2)
        pull = heavy * (sigmoid(logit) - y)
        return value, np.append(z.T @ pull + _RIDGE * weight, pull.sum())

    bounds = [(0.0, None) if sign > 0 else (None, 0.0) for sign in SIGNS] + [(-15.0, 15.0)]
    best = minimize(loss, np.zeros(len(NAMES) + 1), jac=True, method="L-BFGS-B", bounds=bounds)
    return tuple(map(float, mean)), tuple(map(float, scale)), tuple(map(float, best.x[:-1])), float(best.x[-1])


def _apply(curves: Sequence[StepModel], values: Floats, step: Ints) -> Floats:
    logit = np.empty(len(step))
    for curve in curves:
        here = step == curve.step
        if here.any():
            logit[here] = curve.logit(values[here])
    return logit


def _recalibrated(logit: Floats, right: Bools) -> tuple[float, float]:
    """Slope and offset that make held-out log odds honest (Platt 1999)."""
    y = right.astype(np.float64)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        bent = parameters[0] * logit + parameters[1]
        pull = sigmoid(bent) - y
        value = float((np.logaddexp(0, bent) - y * bent).sum())
        return value, np.array([(pull * logit).sum(), pull.sum()])

    best = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.2, 2.0), (-3.0, 3.0)])
    return float(best.x[0]), float(best.x[1])


def _row(name: str, rows: Sample, chosen: Bools, confidence: Floats, accepted: Bools, n: int) -> FitRow:
    n_accepted = int(accepted.sum())
    precision = float(rows.right[accepted].mean()) if n_accepted else None
    return FitRow(
        name,
        n,
        float(rows.right[chosen].sum() / n) if n else 0.0,
        n_accepted / n if n else 0.0,
        precision,
        auc(confidence[chosen], rows.right[chosen]),
    )
