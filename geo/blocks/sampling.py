"""The sample that the confidence model is fitted on: kinds of damage, how often, and what came of each case."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from geo.blocks.cases import Block
from geo.blocks.confidence import HARD_RULES
from geo.blocks.damage import Case, Recipe, make_cases
from geo.blocks.features import NAMES, Floats, features
from geo.blocks.model import RIGHT_IOU
from geo.blocks.scores import Bools, Ints, overlap
from geo.blocks.types import Outline
from geo.progress import Progress

FOLDS: Final = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """One kind of damage in the sample: its share, what is done to the text and what to the map."""

    name: str
    share: float
    recipe: Recipe
    removed: float = 0.0


PLANS: Final = (
    Plan("clean", 0.08, Recipe()),
    Plan("net area", 0.06, Recipe(net_area=True)),
    Plan("no area", 0.06, Recipe(area_share=None)),
    Plan("point 50 m", 0.07, Recipe(point_m=50.0)),
    Plan("point 100 m", 0.06, Recipe(point_m=100.0)),
    Plan("point 100 m, no area", 0.06, Recipe(point_m=100.0, area_share=None)),
    Plan("no point", 0.06, Recipe(point_m=None)),
    Plan("10 % removed", 0.10, Recipe(), 0.10),
    Plan("25 % removed", 0.12, Recipe(), 0.25),
    Plan("25 % removed, no area", 0.05, Recipe(area_share=None), 0.25),
    Plan("wrong character", 0.13, Recipe(wrong_character=True)),
    Plan("side unknown", 0.05, Recipe(side_unknown=True)),
    Plan("side unknown, no area", 0.04, Recipe(side_unknown=True, area_share=None)),
    Plan("part of a block", 0.06, Recipe(part_only=True, net_area=True)),
)
"""What goes wrong in registers, and how often in the sample (assumed)."""

Job = tuple[float, int, tuple[Case, ...]]
"""Share of ways removed, its seed, and the cases to read on that map."""
Reader = Callable[[Sequence[Job], Progress], Sequence[Sequence[Outline]]]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What came of the generated cases: one row for each candidate that was looked at.

    ``values``: features ``(n, features)``; ``right``: whether it is the truth; ``step``: rank of its step; ``fold``: which
    fifth of the map it lies in; ``plan``: row of `PLANS`; ``first``: it is its case's best candidate; ``free``: no hard rule
    forbids it; ``n_cases``: cases of each plan, with those that gave no candidate.
    """

    values: Floats
    right: Bools
    step: Ints
    fold: Ints
    plan: Ints
    first: Bools
    free: Bools
    n_cases: Ints


def jobs(blocks: Sequence[Block], n: int, seed: int) -> list[tuple[int, Job]]:
    """The cases of every plan, as jobs of one map each: ``(row of PLANS, job)``. Removed ways are drawn twice a plan."""
    made: list[tuple[int, Job]] = []
    for row, plan in enumerate(PLANS):
        wanted = max(round(plan.share * n), 1)
        draws = 1 if plan.removed == 0 else 2
        for draw in range(draws):
            cases = make_cases(blocks, plan.recipe, -(-wanted // draws), seed * 1000 + row * 10 + draw)
            made.append((row, (plan.removed, seed * 1000 + int(plan.removed * 100) + draw, cases)))
    return made


def sample(read: Sequence[tuple[int, Sequence[Case], Sequence[Outline]]], seed: int) -> Sample:
    """The first two candidates of every case, compared with the truth."""
    values: list[Floats] = []
    cells: list[tuple[bool, int, int, int, bool, bool]] = []
    n_cases = np.zeros(len(PLANS), dtype=np.int64)
    for row, cases, outlines in read:
        n_cases[row] += len(cases)
        for case, outline in zip(cases, outlines, strict=True):
            fold = _fold(case.block.tile, seed)
            for rank, candidate in enumerate(outline.candidates[:2]):
                free = all(rule(outline, candidate) is None for rule in HARD_RULES)
                right = overlap(candidate.block, case.truth) >= RIGHT_IOU
                values.append(features(candidate))
                cells.append((right, candidate.evidence.step, fold, row, rank == 0, free))
    columns = list(zip(*cells, strict=True)) if cells else [()] * 6
    right_, step, fold_, plan, first, free_ = columns
    return Sample(
        np.array(values).reshape(len(values), len(NAMES)),
        np.array(right_, dtype=bool), np.array(step, dtype=np.int64), np.array(fold_, dtype=np.int64),
        np.array(plan, dtype=np.int64), np.array(first, dtype=bool), np.array(free_, dtype=bool), n_cases,
    )  # fmt: skip


def _fold(tile: tuple[int, int], seed: int) -> int:
    """All blocks of one square of the map are in one fold."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{tile[0]}:{tile[1]}".encode()).digest()[:4], "big") % FOLDS
