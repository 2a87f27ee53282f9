"""The datum check by the sides of roads: weak evidence, that keeps silent where it would mislead."""

from __future__ import annotations

import numpy as np
import shapely

from data.load_datum import told
from data.load_datum_layers import unless_contradicted
from data.load_report import Findings
from geo.crs import Datum, from_storage
from geo.datum_fit import DatumFit
from geo.datum_sides import datum_fit_beside

PLACE = "台账.xlsx"
# Parallel roads 200 m apart near (112, 30).
ROADS = [shapely.LineString([(112 + k * 0.002, 29.95), (112 + k * 0.002, 30.05)]) for k in range(-30, 60)]


def _points(share_beside: float, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Points in EPSG:4490 of which a share lies 30 m from a road, the others in the middle of a block."""
    rng = np.random.default_rng(3)
    off = np.where(np.arange(n) < share_beside * n, 30.0, 100.0) / 96_500
    return 112 + rng.integers(0, 30, n) * 0.002 + off, rng.uniform(29.96, 30.04, n)


def _fit(counts: dict[Datum, int], likely: Datum | None) -> DatumFit:
    return DatumFit(Datum.GCJ02, 300, counts, counts, likely)


def test_points_beside_roads_name_their_datum() -> None:
    lon, lat = from_storage(*_points(0.9), Datum.BD09)
    assert datum_fit_beside(lon, lat, Datum.WGS84, ROADS).likely is Datum.BD09


def test_nothing_is_said_where_no_datum_puts_most_points_beside_roads() -> None:
    lon, lat = from_storage(*_points(0.65), Datum.BD09)
    fit = datum_fit_beside(lon, lat, Datum.WGS84, ROADS)
    assert fit.hits[Datum.BD09] > fit.hits[Datum.WGS84] + 40 and fit.likely is None


def test_a_check_by_names_outweighs_the_roads() -> None:
    weak = _fit({Datum.WGS84: 260, Datum.GCJ02: 120, Datum.BD09: 126}, Datum.WGS84)
    findings = Findings()
    assert unless_contradicted(PLACE, weak, findings).likely is Datum.WGS84
    told(PLACE, _fit({Datum.WGS84: 100, Datum.GCJ02: 300, Datum.BD09: 24}, None), "落入街道", findings)
    assert unless_contradicted(PLACE, weak, findings).likely is None
    assert unless_contradicted("另一个.xlsx", weak, findings).likely is Datum.WGS84


def test_a_check_by_names_that_agrees_keeps_the_warning() -> None:
    weak = _fit({Datum.WGS84: 260, Datum.GCJ02: 120, Datum.BD09: 126}, Datum.WGS84)
    findings = Findings()
    told(PLACE, _fit({Datum.WGS84: 290, Datum.GCJ02: 100, Datum.BD09: 24}, Datum.WGS84), "落入街道", findings)
    assert unless_contradicted(PLACE, weak, findings).likely is Datum.WGS84
