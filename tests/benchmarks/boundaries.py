"""Boundaries from words: real roads of Shanghai with texts made from true blocks, and the demo city with its own texts.

    python -m tests.benchmarks.boundaries --n 100 --data ../shared/data

Blocks are faces of all roads, of main roads only, or several faces together; each text names the roads that truly lie on
its sides, in one of many forms. Blocks are parted by squares of 700 m: the confidence model is fitted on one half of the
squares and everything is measured on the other half, with other seeds. ``right``: share of texts whose best candidate has
IoU >= 0.8 with the true ground; ``accepted``: without a person; ``precision``: right among accepted; ``auc``: chance that a right
candidate has more confidence than a wrong one ("-": all right or all wrong). ``plain`` is the yardstick: the named ways
(exact names within 1.5 km) polygonized, the face at the point or the nearest within 250 m. ``ground``: as ``right``, for the
ground that is stored (set back from the roads where the words or the area say so) against the whole block.

In the demo city the truth is each estate's own ground, set back from the roads; several estates share a block. ``alone``:
estates that have their block to themselves, ``shared``: the others, ``shared, four roads``: those of them whose four sides all
name roads or water. After the neighbours were asked (one estate, one ground).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from data.demo.write import write_demo
from data.geofiles.osm import read_osm
from data.schemas import WAYS
from geo.blocks.agree import Claim, agree
from geo.blocks.cases import Block, part_by_place, true_blocks
from geo.blocks.confidence import Verdict, outcome
from geo.blocks.damage import Case, Recipe, make_cases, remove_ways
from geo.blocks.fitting import N_CASES, fit
from geo.blocks.model import RIGHT_IOU, Model
from geo.blocks.scores import auc, overlap
from geo.blocks.types import Outline
from geo.blocks.workers import Map, Question, Readers, reader, readers
from geo.crs import metric_crs
from geo.progress import SILENT
from geo.road_worker import cores
from geo.shapes import metric_shapes
from tests.benchmarks import _bench
from tests.benchmarks._bench import Rows, timed

_SEED = 2026
_REACH_M, _NEAREST_M = 1500.0, 250.0


@dataclass(frozen=True)
class Row:
    """One line of the table: which blocks, what is done to the text, and how much of the map is removed."""

    name: str
    kind: str
    recipe: Recipe
    removed: float = 0.0


ROWS = (
    Row("clean, area ±20 %", "all", Recipe()),
    Row("clean, area ±20 %", "main", Recipe()),
    Row("clean, area ±20 %", "merged", Recipe()),
    Row("clean, no area", "all", Recipe(area_share=None)),
    Row("clean, no area", "main", Recipe(area_share=None)),
    Row("point 50 m off", "all", Recipe(point_m=50.0)),
    Row("point 100 m off", "all", Recipe(point_m=100.0)),
    Row("point 100 m off", "main", Recipe(point_m=100.0)),
    Row("point 100 m off, no area", "main", Recipe(point_m=100.0, area_share=None)),
    Row("10 % of ways removed", "all", Recipe(), 0.10),
    Row("10 % of ways removed", "main", Recipe(), 0.10),
    Row("25 % of ways removed", "all", Recipe(), 0.25),
    Row("25 % of ways removed", "main", Recipe(), 0.25),
    Row("one wrong character", "all", Recipe(wrong_character=True)),
    Row("one wrong character", "main", Recipe(wrong_character=True)),
    Row("one side unknown", "all", Recipe(side_unknown=True)),
    Row("one side unknown", "main", Recipe(side_unknown=True)),
    Row("one side unknown, no area", "all", Recipe(side_unknown=True, area_share=None)),
    Row("one side unknown, no area", "main", Recipe(side_unknown=True, area_share=None)),
    Row("no point", "all", Recipe(point_m=None)),
    Row("no point", "main", Recipe(point_m=None)),
    Row("part of its block", "all", Recipe(part_only=True, net_area=True)),
)


def table(argv: Sequence[str] | None = None) -> Rows:
    """The rows of Shanghai (when its data are there), of the demo city, and the speed."""
    options = _options(argv)
    rows: Rows = []
    path = options.data / "shanghai" / "shanghai_center.osm.pbf"
    if path.is_file():
        rows += _shanghai(WAYS.frame(list(read_osm(path).rows)), options)
    else:
        print(f"no data at {path}: the demo city only", file=sys.stderr)
    return rows + _demo(options)


def _shanghai(ways: gpd.GeoDataFrame, options: argparse.Namespace) -> Rows:
    fit_blocks, judge_blocks = part_by_place(true_blocks(ways, seed=_SEED), seed=_SEED)
    rows: Rows = []
    with readers(Map(ways)) as found:
        seconds, _, model = timed(lambda: _fit(ways, found, fit_blocks, options.fit))
        print(f"fitted on {model.n_cases} cases of {model.n_blocks} blocks in {seconds:.0f} s", file=sys.stderr)
        for number, row in enumerate(ROWS):
            blocks = [block for block in judge_blocks if block.kind == row.kind]
            rows.append(_row(row, blocks, ways, found, model, options.n, _SEED + 1 + number))
            print(rows[-1], file=sys.stderr, flush=True)
        rows.append(_speed(found, judge_blocks, options.speed))
    return rows


def _fit(ways: gpd.GeoDataFrame, found: Readers, blocks: Sequence[Block], n: int) -> Model:
    return fit(ways, reader(found), seed=_SEED, fitted_on="2026-01-01", n=n, blocks=blocks)


def _row(
    row: Row, blocks: Sequence[Block], ways: gpd.GeoDataFrame, found: Readers, model: Model, n: int, seed: int
) -> dict[str, object]:
    draws = 1 if row.removed == 0 else 4
    sets = [make_cases(blocks, row.recipe, -(-n // draws), seed * 10 + k) for k in range(draws)]
    keys = [(row.removed, seed * 10 + k) if row.removed else (0.0, 0) for k in range(draws)]
    batches = [
        (key, [Question(c.text, c.point, c.area_m2) for c in cases]) for key, cases in zip(keys, sets, strict=True)
    ]
    spent, _, answers = timed(lambda: found.read(batches, SILENT, row.name))
    plain = []
    for (share, removed_seed), cases in zip(keys, sets, strict=True):
        left = remove_ways(ways, share, removed_seed) if share else ways
        yardstick = Plain(left)
        plain += [yardstick.iou(case) for case in cases]
    cases = [case for some in sets for case in some]
    outlines = [one for some in answers for one in some]
    shapes = [None if o.best is None else o.best.block for o in outlines]
    iou = np.array([0.0 if s is None else overlap(s, c.truth) for s, c in zip(shapes, cases, strict=True)])
    ground = [
        0.0 if o.best is None else overlap(o.best.geometry, c.truth) for o, c in zip(outlines, cases, strict=True)
    ]
    verdicts = [outcome(model, one) for one in outlines]
    confidence = np.array([verdict.confidence for verdict in verdicts])
    accepted = np.array([verdict.verdict is Verdict.ACCEPTED for verdict in verdicts])
    figures = _figures(f"{row.kind}: {row.name}", iou, confidence, accepted, 1000 * spent / len(cases), np.array(plain))
    return {**figures, "ground": round(float((np.array(ground) >= RIGHT_IOU).mean()), 2)}


def _figures(
    name: str, iou: np.ndarray, confidence: np.ndarray, accepted: np.ndarray, ms: float | None, plain: np.ndarray | None
) -> dict[str, object]:
    right = iou >= RIGHT_IOU
    order = auc(confidence, right)
    return {
        "case": name,
        "n": len(iou),
        "right": round(float(right.mean()), 2) if len(iou) else "-",
        "mean_iou": round(float(iou.mean()), 2) if len(iou) else "-",
        "accepted": round(float(accepted.mean()), 2) if len(iou) else "-",
        "precision": round(float(right[accepted].mean()), 3) if accepted.any() else "-",
        "auc": "-" if order is None else round(order, 2),
        "ms_text": "" if ms is None else round(ms),
        "plain": "" if plain is None else round(float((plain >= RIGHT_IOU).mean()), 2),
        "ground": "",
    }


def _speed(found: Readers, blocks: Sequence[Block], n: int) -> dict[str, object]:
    """Seconds for a register of texts as they come: most clean, some with each kind of damage."""
    mix = (Recipe(), Recipe(), Recipe(), Recipe(point_m=50.0), Recipe(side_unknown=True), Recipe(wrong_character=True))
    cases = [case for k, one in enumerate(mix) for case in make_cases(blocks, one, -(-n // len(mix)), _SEED + 90 + k)]
    questions = [Question(case.text, case.point, case.area_m2) for case in cases[:n]]
    seconds, _, _ = timed(lambda: found.read([((0.0, 0), questions)], SILENT, "speed"))
    name = f"speed: {len(questions)} mixed texts in {seconds:.1f} s on {cores()} cores"
    return {"case": name, "n": len(questions), "ms_text": round(1000 * seconds / max(len(questions), 1))}


class Plain:
    """The yardstick: named ways polygonized, and the face at the point."""

    def __init__(self, ways: gpd.GeoDataFrame) -> None:
        self.crs = metric_crs(float(np.mean(ways.total_bounds[[0, 2]])))
        self.lines = metric_shapes(ways.geometry.to_numpy(), self.crs)
        self.names = ways["name"].astype(object).to_numpy()

    def iou(self, case: Case) -> float:
        """Overlap of its face with the truth, 0 without one. It is told the names, so it needs no parser."""
        names = {name for said in case.written.said.values() for name in said}
        lines = self.lines[np.isin(self.names, list(names))]
        point = None
        if case.point is not None:
            point = metric_shapes([shapely.Point(case.point)], self.crs)[0]
            lines = lines[shapely.distance(lines, point) <= _REACH_M]
        faces = list(shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines)))))
        if point is not None:
            faces = [face for face in faces if face.distance(point) <= _NEAREST_M]
        if not faces:
            return 0.0
        best = min(faces, key=lambda face: (0.0 if point is None else face.distance(point), -face.area))
        return overlap(best, metric_shapes([case.truth], self.crs)[0])


def _demo(options: argparse.Namespace) -> Rows:
    with tempfile.TemporaryDirectory() as folder:
        write_demo(Path(folder), options.demo, 1)
        ways = WAYS.frame(list(read_osm(Path(folder) / "roads.osm.pbf").rows))
        truth = gpd.read_file(Path(folder) / "truth" / "estates.gpkg")
    truth = truth[truth["four_sides"].notna()].reset_index(drop=True)
    with readers(Map(ways)) as found:
        model = fit(ways, reader(found), seed=_SEED, fitted_on="2026-01-01", n=options.fit)
        note = f"demo model: {model.n_cases} cases of {model.n_blocks} blocks {model.note}"
        print(note, file=sys.stderr, flush=True)
        picked = gpd.GeoSeries(gpd.points_from_xy(truth["picked_x"], truth["picked_y"]), crs=_plane(truth))
        points = picked.to_crs(4490)
        questions = [
            Question(str(text), (point.x, point.y), float(area))
            for text, point, area in zip(truth["four_sides"], points, truth["land_area_m2"], strict=True)
        ]
        spent, _, answers = timed(lambda: found.read([((0.0, 0), questions)], SILENT, "demo"))
    return _demo_rows(truth, answers[0], model, points, 1000 * spent / max(len(truth), 1))


def _demo_rows(
    truth: gpd.GeoDataFrame, outlines: Sequence[Outline], model: Model, points: gpd.GeoSeries, ms: float
) -> Rows:
    verdicts = [outcome(model, one) for one in outlines]
    claims = [
        Claim(
            f"{k:05d}", str(name), verdict.verdict, tuple(c.geometry for c in one.candidates), verdict.confidences, {},
            (point.x, point.y), model.steps[0].accept_at,
        )
        for k, (name, one, verdict, point) in enumerate(zip(truth["name"], outlines, verdicts, points, strict=True))
    ]  # fmt: skip
    spots = [(claim.estate_id, claim.name, claim.point[0], claim.point[1]) for claim in claims if claim.point]
    agreed = agree(claims, (), spots)
    first = [agreed[c.estate_id].order for c in claims]
    shapes = [c.shapes[order[0]] if order else None for c, order in zip(claims, first, strict=True)]
    known = truth.geometry.to_numpy()
    iou = np.array([0.0 if s is None else overlap(s, t) for s, t in zip(shapes, known, strict=True)])
    confidence = np.array([verdict.confidence for verdict in verdicts])
    before = np.array([verdict.verdict is Verdict.ACCEPTED for verdict in verdicts])
    after = np.array([agreed[c.estate_id].verdict is Verdict.ACCEPTED for c in claims])
    alone = _alone(truth, outlines)
    roads = np.array([_all_roads(one) for one in outlines])
    rows = [
        ("demo: all", np.ones(len(truth), dtype=bool), after),
        ("demo: all, before neighbours", np.ones(len(truth), dtype=bool), before),
        ("demo: alone in its block", alone, after),
        ("demo: shares a block", ~alone, after),
        ("demo: shares, four roads", ~alone & roads, after),
    ]
    return [_figures(name, iou[use], confidence[use], accepted[use], ms, None) for name, use, accepted in rows]


def _alone(truth: gpd.GeoDataFrame, outlines: Sequence[Outline]) -> np.ndarray:
    """Estates with no other estate's ground between the same roads: none within 14 m (a road is wider)."""
    metres = truth.geometry.to_crs(_plane(truth)).to_numpy()
    tree = shapely.STRtree(metres)
    left, right = tree.query(metres, predicate="dwithin", distance=14.0)
    near = np.bincount(left[left != right], minlength=len(truth))
    return near == 0


def _all_roads(one: Outline) -> bool:
    return len(one.resolved.sides) >= 4


def _plane(truth: gpd.GeoDataFrame) -> object:
    return metric_crs(float(np.mean(truth.total_bounds[[0, 2]])))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).resolve().parents[3] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=default, help="folder of the real data (shanghai/)")
    parser.add_argument("--n", type=int, default=100, help="texts a row")
    parser.add_argument("--fit", type=int, default=N_CASES, help="cases that the model is fitted on")
    parser.add_argument("--demo", type=int, default=600, help="estates of the demo city")
    parser.add_argument("--speed", type=int, default=1000, help="texts of the speed row")
    return parser.parse_args(argv)


def show(rows: Rows) -> None:
    """Print the table."""
    _bench.show(rows, ("shapely", "numpy", "scipy"), note="right: IoU >= 0.8; model fitted on other squares of the map")


def main(argv: list[str] | None = None) -> int:
    """Run and print."""
    begun = time.perf_counter()
    show(table(argv))
    print(f"{time.perf_counter() - begun:.0f} s in all", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
