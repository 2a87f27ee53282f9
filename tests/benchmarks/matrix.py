"""Travel matrix on a synthetic city beside one networkx Dijkstra for every estate.

    python -m tests.benchmarks.matrix --estates 2000 --nodes 40000 --seeds 1 2 3

The city is a crooked grid with bends, a twentieth of its blocks joined, a third of its streets one-way and faster main
roads every tenth. Networkx gets the same graph with the estates already built in and finds times only, no lengths; it is
run for ``--sample`` estates and scaled to all of them, and its times must equal the matrix's.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
from numpy.typing import NDArray
from shapely import LineString

from data.schemas import WAYS
from geo.crs import from_metric, metric_crs, to_metric
from geo.progress import SILENT
from geo.road_matrix import build_arcs, many_to_many
from planning import travel
from planning.travel import network, travel_matrix
from tests.benchmarks import _bench
from tests.benchmarks._bench import Rows, timed

_STEP_M = 180.0
_CRS = metric_crs(111.0)


def city(n_nodes: int, seed: int) -> gpd.GeoDataFrame:
    """Ways of a crooked grid of about ``n_nodes`` junctions, each block's side one way with a bend."""
    rng = np.random.default_rng(seed)
    k = round(np.sqrt(n_nodes * 1.01))
    x0, y0 = (float(v) for v in to_metric(111.0, 30.0, _CRS))
    x, y = np.meshgrid(x0 + np.arange(k) * _STEP_M, y0 + np.arange(k) * _STEP_M, indexing="ij")
    x, y = x + rng.normal(0, 25, x.shape), y + rng.normal(0, 25, y.shape)
    rows: list[dict[str, object]] = []
    for along in (0, 1):
        for street in range(k):
            main = street % 10 == 0
            oneway = 0 if main or street % 3 else (1 if street % 2 else -1)
            for block in range(k - 1):
                if not main and rng.random() < 0.05:
                    continue
                a, b = ((street, block), (street, block + 1)) if along else ((block, street), (block + 1, street))
                px, py = np.array([x[a], (x[a] + x[b]) / 2, x[b]]), np.array([y[a], (y[a] + y[b]) / 2, y[b]])
                px[1], py[1] = px[1] + rng.normal(0, 10), py[1] + rng.normal(0, 10)
                rows.append(
                    {
                        "way_id": len(rows),
                        "kind": "road",
                        "road_class": "primary" if main else "residential",
                        "oneway": oneway,
                        "bridge": False,
                        "tunnel": False,
                        "geometry": LineString(np.column_stack(from_metric(px, py, _CRS))),
                    }
                )
    return WAYS.frame(rows)


def table(argv: Sequence[str] | None = None) -> Rows:
    """One row for each seed and one with the medians: seconds of each step and of the yardstick."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--estates", "--size", type=int, default=2000)
    parser.add_argument("--nodes", type=int, default=40_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--sample", type=int, default=10, help="sources that networkx is run for")
    options = parser.parse_args(argv)
    rows = [_measure(options.estates, options.nodes, seed, options.sample) for seed in options.seeds]
    columns = [name for name in rows[0] if name not in ("seed", "estates", "nodes", "sample")]
    middle = {name: round(statistics.median(float(str(row[name])) for row in rows), 2) for name in columns}
    fixed = {name: rows[0][name] for name in ("estates", "nodes", "sample")}
    return [*rows, {"seed": "median", **fixed, **middle}]


def _measure(n_estates: int, n_nodes: int, seed: int, sample: int) -> dict[str, object]:
    ways = city(n_nodes, seed)
    rng = np.random.default_rng(seed + 1000)
    west, south, east, north = ways.total_bounds
    lon, lat = rng.uniform(west, east, n_estates), rng.uniform(south, north, n_estates)
    graph_s, _, roads = timed(lambda: network(ways))
    assert roads is not None
    with tempfile.TemporaryDirectory() as folder:
        fresh_s, cpu_s, fresh = timed(lambda: travel_matrix(ways, lon, lat, Path(folder)))
        travel.forget_networks()  # as in a new process
        cached_s, _, cached = timed(lambda: travel_matrix(ways, lon, lat, Path(folder)))
    assert np.array_equal(fresh.travel_s, cached.travel_s)
    assert np.array_equal(fresh.distance_m, cached.distance_m)
    arcs = build_arcs(roads.graph, roads.snap(lon, lat))
    milliseconds = arcs.weights.copy()
    milliseconds.data = np.floor(milliseconds.data / arcs.base)
    graph = nx.from_scipy_sparse_array(milliseconds, create_using=nx.DiGraph)
    chosen = rng.choice(n_estates, sample, replace=False)
    peer_s, _, peer = timed(lambda: _by_networkx(graph, arcs.node[chosen], arcs.node))
    one = build_arcs(roads.graph, roads.snap(lon[:200], lat[:200]))
    one_core_s, _, _ = timed(lambda: many_to_many(one, SILENT, 1))
    _check(roads.matrix(lon[chosen], lat[chosen]).travel_s, peer[:, chosen])
    peer_all = peer_s * n_estates / sample
    return {
        "seed": seed,
        "estates": n_estates,
        "nodes": roads.graph.n_nodes,
        "sample": sample,
        "graph_s": round(graph_s, 2),
        "matrix_s": round(fresh_s, 2),
        "cpu_s": round(cpu_s, 2),
        "one_core_s": round(one_core_s * n_estates / min(200, n_estates), 2),
        "cached_s": round(cached_s, 2),
        "networkx_s": round(peer_all, 1),
        "ratio": round(peer_all / fresh_s, 1),
        "peak_mb": _bench.peak_mb(),
    }


def _by_networkx(graph: nx.DiGraph, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Milliseconds from each source to each target, one Dijkstra a source."""
    found = (nx.single_source_dijkstra_path_length(graph, int(source)) for source in sources)
    return np.array([[lengths[int(target)] for target in targets] for lengths in found])


def _check(seconds: NDArray[np.int64], milliseconds: NDArray[np.float64]) -> None:
    """The two differ only by the rounding of arcs cut at other places."""
    worst = float(np.abs(seconds - milliseconds / 1000).max())
    if worst > 1.5:
        raise AssertionError(f"the matrix and networkx differ by {worst} s")


def show(rows: Rows) -> None:
    """Print the table."""
    _bench.show(
        rows,
        ("numpy", "scipy", "shapely", "networkx"),
        "networkx: only the sample of sources measured, scaled to all; one_core: 200 sources, scaled",
    )


def main(argv: list[str] | None = None) -> int:
    """Run and print."""
    show(table(argv))
    return 0


if __name__ == "__main__":
    sys.exit(main())
