"""Residential land of a large city divided by record: seconds by size, and how well land without a record is found.

    python -m tests.benchmarks.land --estates 2000 10000 --accuracy 600

``speed`` rows: square blocks of 250 m with a road on each side, one estate and ten houses a block, half of the blocks
mapped as land use, six in ten estates with a boundary. ``demo`` rows: the demo city of three seeds against its truth,
by overlap (intersection over union) of all land without a record, of that mapped as land use, and of that known by its
houses only.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from data.demo import write_demo
from data.load import load
from data.profile_file import load_profile
from data.schemas import LAND
from data.store import Actor, Role, open_store
from geo.crs import STORAGE_CRS, from_metric, metric_crs
from geo.ground import residential, without_record
from planning import runs
from planning.city import City
from planning.ground import land_coverage
from tests.benchmarks import _bench
from tests.benchmarks._bench import Rows

_BLOCK_M = 250.0
_PLANE = metric_crs(112.0)
_ORIGIN = np.array([500_000.0, 3_320_000.0])


def table(argv: Sequence[str] | None = None) -> Rows:
    """Rows of both kinds."""
    options = _options(argv)
    rows = [_speed(n, options.seed) for n in options.estates]
    return rows + [_accuracy(options.accuracy, seed) for seed in range(1, 4) if options.accuracy]


def _speed(n_estates: int, seed: int) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(n_estates)))
    at = np.stack(np.divmod(np.arange(n_estates), side), axis=1) * _BLOCK_M
    mapped = rng.random(n_estates) < 0.5
    drawn = rng.random(n_estates) < 0.6
    block = _boxes(at, (10, 10, 240, 240))
    estate = _boxes(at, (12, 12, 238, 120))
    houses = np.concatenate([_boxes(at, (x, y, x + 60, y + 13)) for x in (20, 130) for y in (20, 60, 100, 140, 180)])
    shapes = np.concatenate([block[mapped], houses])
    kind = np.where(np.arange(len(shapes)) < mapped.sum(), "residential", "building")
    land = gpd.GeoDataFrame(
        {"kind": kind, "use": "apartments", "name": None}, geometry=_degrees(shapes), crs=STORAGE_CRS
    )
    ends = np.arange(side + 1) * _BLOCK_M
    pieces = [((x, y), (x + dx, y + dy)) for x in ends for y in ends for dx, dy in ((_BLOCK_M, 0.0), (0.0, _BLOCK_M))]
    lines = _degrees(shapely.linestrings(np.array(pieces)))
    ways = gpd.GeoDataFrame(
        {"kind": ["road"] * len(lines), "road_class": "residential", "tunnel": False}, geometry=lines, crs=STORAGE_CRS
    )
    ids = np.array([f"E{k:06d}" for k in range(n_estates)], dtype=object)
    grounds = gpd.GeoSeries(_degrees(estate[drawn]), index=ids[drawn], crs=STORAGE_CRS)
    points = gpd.GeoSeries(shapely.point_on_surface(_degrees(estate[~drawn])), index=ids[~drawn], crs=STORAGE_CRS)
    steps = np.arange(0.0, side * _BLOCK_M, 10 * _BLOCK_M)
    corners = np.stack([grid.ravel() for grid in np.meshgrid(steps, steps)], axis=1)
    streets = _degrees(_boxes(corners, (0, 0, 10 * _BLOCK_M, 10 * _BLOCK_M)))
    zones = gpd.GeoSeries(streets, index=[f"S{k:04d}" for k in range(len(streets))], crs=STORAGE_CRS)
    served = {str(name): bool(flag) for name, flag in zip(ids, rng.random(n_estates) < 0.8, strict=True)}
    wall, cpu, areas = _bench.timed(lambda: residential(land, ways, _PLANE))
    wall_2, cpu_2, division = _bench.timed(lambda: without_record(areas, grounds, served, points, zones))
    return {
        "row": "speed", "estates": n_estates, "houses": len(houses), "roads": len(lines), "areas": len(areas),
        "pieces": len(division.pieces), "residential_s": round(wall, 1), "record_s": round(wall_2, 1),
        "cpu_s": round(cpu + cpu_2, 1), "peak_mb": _bench.peak_mb(), "all": "", "landuse": "", "houses_only": "",
        "households": "",
    }  # fmt: skip


def _accuracy(n_estates: int, seed: int) -> dict[str, object]:
    actor, profile = Actor("测试", Role.ADMIN), load_profile("demo")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_demo(folder, n_estates, seed)
        store = open_store(f"sqlite:///{folder / 'store.db'}")
        load(store, actor, [folder], profile)
        with store.begin(actor) as work:
            city = City.read(work, more=(LAND,))
        truth = gpd.read_file(folder / "truth" / "land.gpkg").to_crs(_PLANE)
    states = runs.assess(city, profile, date(2026, 12, 1)).states
    wall, cpu, found = _bench.timed(lambda: land_coverage(city, states))
    wanted, pieces = truth[truth["estate"].isna()], found.pieces.to_crs(_PLANE)
    from_land = pieces["source"] == "landuse"
    true, estimated = int(wanted["households"].sum()), found.rates[0].households or 0
    n_roads = int((city.ways["kind"] == "road").sum())
    return {
        "row": f"demo {seed}", "estates": n_estates, "houses": found.n_buildings, "roads": n_roads,
        "areas": found.n_areas, "pieces": f"{len(pieces)}/{len(wanted)}", "residential_s": "", "record_s": round(wall, 1),
        "cpu_s": round(cpu, 1), "peak_mb": _bench.peak_mb(), "all": _overlap(wanted, pieces),
        "landuse": _overlap(wanted[wanted["mapped"]], pieces[from_land]),
        "houses_only": _overlap(wanted[~wanted["mapped"]], pieces[~from_land]), "households": f"{estimated / true - 1:+.0%}",
    }  # fmt: skip


def _overlap(plots: gpd.GeoDataFrame, shapes: gpd.GeoDataFrame) -> float:
    one, other = plots.union_all(), shapes.union_all()
    return round(float(one.intersection(other).area / one.union(other).area), 3)


def _boxes(corners: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    x, y = corners.T
    return np.asarray(shapely.box(x + box[0], y + box[1], x + box[2], y + box[3]))


def _degrees(shapes: np.ndarray) -> np.ndarray:
    return np.asarray(shapely.transform(shapes, lambda xy: np.column_stack(from_metric(*(xy + _ORIGIN).T, _PLANE))))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--estates", "--size", type=int, nargs="+", default=[2000, 10_000])
    parser.add_argument("--accuracy", type=int, default=600, help="estates of the demo cities; 0: none")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(argv)


def show(rows: Rows) -> None:
    """Print the table."""
    _bench.show(rows, ("shapely", "geopandas"))


def main(argv: list[str] | None = None) -> int:
    """Run and print."""
    show(table(argv))
    return 0


if __name__ == "__main__":
    sys.exit(main())
