"""The confidence model (可信度模型): what was fitted, on what, and how sure it makes a candidate.

A logistic curve for each step class over the numbers of `geo.blocks.features`. Every coefficient has the sign that its
number must have, so more evidence against a candidate never raises its confidence.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Final

import numpy as np

from geo.blocks.features import NAMES, SIGNS, Floats, features
from geo.blocks.types import Candidate, Step

RIGHT_IOU: Final = 0.8
"""A candidate is right when it shares this much with the truth (intersection over union)."""
PRECISION: Final = 0.98
"""What must be right of those that are accepted without a person."""


@dataclass(frozen=True, slots=True)
class StepModel:
    """The curve of one step class.

    ``mean``, ``scale``, ``weight``: for each feature; confidence is the logistic of
    ``intercept + Σ weight · (value - mean) / scale``. ``accept_at``: least confidence to accept, ``None``: never.
    """

    step: int
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weight: tuple[float, ...]
    intercept: float
    accept_at: float | None

    def logit(self, values: Floats) -> Floats:
        """Log odds of rows of features, shape ``(n, features)``."""
        scaled = (np.atleast_2d(values) - np.array(self.mean)) / np.array(self.scale)
        return np.asarray(self.intercept + scaled @ np.array(self.weight), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class FitRow:
    """How the model did on blocks that it was not fitted with, for one kind of damage (or all)."""

    name: str
    n: int
    right: float
    """Share of best candidates that are right."""
    accepted: float
    """Share accepted."""
    precision: float | None
    """Share right of the accepted; ``None`` if none was."""
    auc: float | None
    """Chance that a right candidate has more confidence than a wrong one; ``None`` if all are right or all wrong."""


@dataclass(frozen=True)
class Model:
    """A fitted model, or the built-in one (``n_cases`` 0), which never accepts."""

    names: tuple[str, ...]
    steps: tuple[StepModel, ...]
    n_cases: int
    n_blocks: int
    seed: int
    fitted_on: str
    """Day of the fit, ISO; empty for the built-in model."""
    ways_key: str
    """Fingerprint of the map that it was fitted on; empty for the built-in model."""
    table: tuple[FitRow, ...] = ()
    note: str = ""
    """Chinese: why nothing could be fitted."""

    def __post_init__(self) -> None:
        if len(self.steps) != len(Step):
            raise ValueError(f"a confidence model has {len(Step)} step classes, not {len(self.steps)}")
        width = {len(self.names)} | {len(t) for s in self.steps for t in (s.mean, s.scale, s.weight)}
        if len(width) != 1:
            raise ValueError(f"means, scales and weights have different lengths: {sorted(width)}")

    @cached_property
    def version(self) -> str:
        """A short text that changes with features, coefficients and thresholds, and only then."""
        content = json.dumps([list(self.names), [asdict(step) for step in self.steps]], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    @property
    def fitted(self) -> bool:
        return self.n_cases > 0

    @property
    def usable(self) -> bool:
        """Whether it was made for the features of this program."""
        return self.names == NAMES


def judge(model: Model, candidate: Candidate) -> float:
    """Confidence of a candidate: how often one like it is right, 0 to 1.

    Raises
    ------
    ValueError
        If the model was made for other features.
    """
    if not model.usable:
        raise ValueError("the confidence model was made for other features; fit it again")
    logit = model.steps[candidate.evidence.step].logit(features(candidate))[0]
    return float(np.round(sigmoid(logit), 4))


def sigmoid(logit: Floats | float) -> Floats:
    """1 / (1 + e^-x), without overflow."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logit, -40.0, 40.0))), dtype=np.float64)


_BY_HAND: Final = {
    "quality_product": 2.0, "share_min": 2.0, "explained": 3.0, "contrary": 3.0, "network_share": 2.0, "bridged_share": 4.0,
    "distance": 0.8, "rivals": 0.7, "area_off": 2.5, "no_area": 0.4, "no_point": 0.5, "sides_missing": 0.7, "tied": 0.4,
    "dropped": 0.8, "margin": 0.5, "extra_names": 0.5,
}  # fmt: skip
"""Weights of the built-in model for raw values, by judgement (assumed)."""
_GOOD: Final = {"quality_product": 1.0, "share_min": 0.85, "explained": 0.92}
"""Values of a good candidate; all others 0."""


def built_in(note: str) -> Model:
    """The model for maps that are too small to fit one: weights by judgement, and nothing accepted without a person.

    A candidate with four sides of exact names, well touched, has confidence 0.9; see ``_BY_HAND``.

    Parameters
    ----------
    note
        Chinese: why nothing could be fitted.
    """
    weight = tuple(float(sign * _BY_HAND.get(name, 0.0)) for name, sign in zip(NAMES, SIGNS, strict=True))
    mean = tuple(_GOOD.get(name, 0.0) for name in NAMES)
    scale = (1.0,) * len(NAMES)
    at_best = (2.2, 1.8, 0.8, 0.3, 0.0)
    steps = tuple(StepModel(step.rank, mean, scale, weight, at_best[step.rank], None) for step in Step)
    return Model(NAMES, steps, 0, 0, 0, "", "", (), note)
