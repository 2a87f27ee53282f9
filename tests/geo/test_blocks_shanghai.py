"""Outlines on real roads: the few that a quick test can afford; the table is in `tests.benchmarks.boundaries`."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from data.geofiles.osm import read_osm
from data.schemas import WAYS
from geo.blocks import Gazetteer, outline, resolve
from geo.blocks.cases import Block, true_blocks
from geo.blocks.damage import Case, Recipe, make_cases
from geo.crs import metric_crs
from geo.shapes import metric_shapes
from geo.sides.types import BoundaryText, Part, PartKind


@pytest.fixture(scope="module")
def roads(shared_data: Path) -> gpd.GeoDataFrame:
    return WAYS.frame(list(read_osm(shared_data / "shanghai" / "shanghai_center.osm.pbf").rows))


@pytest.fixture(scope="module")
def town(roads: gpd.GeoDataFrame) -> Gazetteer:
    return Gazetteer.of(roads)


@pytest.fixture(scope="module")
def blocks(roads: gpd.GeoDataFrame) -> tuple[Block, ...]:
    return true_blocks(roads, kinds=("all", "main"))


def said(case: Case) -> BoundaryText:
    """The true sides as the parser would give them: this is no test of the parser."""
    return BoundaryText(
        case.text,
        {s: tuple(Part(n, PartKind.ROAD, 0, len(n)) for n in names) for s, names in case.written.said.items()},
    )


def shares(cases: tuple[Case, ...], town: Gazetteer) -> list[tuple[float, bool]]:
    """IoU of each case's best block, and whether its evidence is without a flaw."""
    found = []
    for case in cases:
        result = outline(resolve(said(case), case.point, town), area_m2=case.area_m2, point=case.point, gazetteer=town)
        if result.best is None:
            found.append((0.0, False))
            continue
        crs = metric_crs(case.truth.bounds[0])
        truth, block = metric_shapes([case.truth, result.best.block], crs)
        e = result.best.evidence
        sure = e.n_resolved == 4 and e.step < 2 and e.share_min > 0.85 and abs(e.area_log_ratio or 0) < 0.35
        found.append((float(truth.intersection(block).area / truth.union(block).area), sure))
        assert result.best.geometry.is_valid and result.best.block.is_valid
    return found


@pytest.mark.parametrize(
    ("kind", "recipe", "least"),
    [
        ("all", Recipe(), 0.95),
        ("main", Recipe(), 0.95),
        ("all", Recipe(wrong_character=True), 0.9),
        ("main", Recipe(point_m=100.0), 0.9),
        ("main", Recipe(point_m=None), 0.9),
    ],
)
def test_most_blocks_come_back_and_flawless_evidence_is_right(
    blocks: tuple[Block, ...], town: Gazetteer, kind: str, recipe: Recipe, least: float
) -> None:
    chosen = tuple(block for block in blocks if block.kind == kind)
    found = shares(make_cases(chosen, recipe, 20, seed=11), town)
    assert np.mean([share >= 0.8 for share, _ in found]) >= least
    assert all(share >= 0.8 for share, sure in found if sure)


def test_the_order_of_real_ways_changes_nothing(
    roads: gpd.GeoDataFrame, blocks: tuple[Block, ...], town: Gazetteer
) -> None:
    case = make_cases(blocks, Recipe(side_unknown=True), 3, seed=5)
    assert shares(case, town) == shares(case, Gazetteer.of(roads.iloc[::-1]))
