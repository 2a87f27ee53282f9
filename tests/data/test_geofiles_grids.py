"""Zones with and without numbers, axes in any order, and old grids carried over by common points."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS, Transformer
from shapely.geometry import Polygon, box

from data.geofiles import Layer, read_layers
from data.geofiles.control_points import Control, read_control
from data.geofiles.reading import Reading, checked_encoding
from data.geofiles.zones import Zone, parse_zone, plane_order, prefixed
from geo.errors import InputError
from tests.data.load_inputs import ACTOR, estates, run, write_boundaries, write_register, write_units

HOME = box(112, 30, 112.01, 30.01)
CITY = (111.8, 29.8, 112.3, 30.3)


def _shapefile(path: Path, shape: Polygon, crs: CRS | None, *, turned: bool = False, prj: bool = False) -> Path:
    if crs is not None:
        project = Transformer.from_crs(4490, crs, always_xy=True)
        shape = shapely.transform(shape, lambda xy: np.column_stack(project.transform(*xy.T)))
    if turned:
        shape = shapely.transform(shape, lambda xy: xy[:, ::-1])
    gpd.GeoDataFrame({"name": ["甲"]}, geometry=[shape], crs=crs if prj else None).to_file(path, encoding="UTF-8")
    return path


def _is_home(layer: Layer) -> bool:
    return bool(shapely.hausdorff_distance(layer.frame.geometry.iloc[0], HOME) < 1e-7)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("prj", [False, True])
@pytest.mark.parametrize("zone", [Zone(111.0), Zone(111.0, 37), Zone(111.0, 19), Zone(114.0)])
def test_every_zone_is_read_in_both_orders(tmp_path: Path, zone: Zone, prj: bool, turned: bool) -> None:
    path = _shapefile(tmp_path / "a.shp", HOME, zone.crs, turned=turned, prj=prj)
    (layer,) = read_layers(path, reading=Reading(home=CITY))
    assert _is_home(layer)
    assert any("对调" in text for text in layer.warnings) is turned


@pytest.mark.parametrize(("declared", "real"), [(4546, 4525), (4525, 4546), (4490, 4525)])
def test_a_declaration_that_contradicts_the_numbers_is_overruled_aloud(
    tmp_path: Path, declared: int, real: int
) -> None:
    path = _shapefile(tmp_path / "a.shp", HOME, CRS.from_epsg(real))
    (tmp_path / "a.prj").write_text(CRS.from_epsg(declared).to_wkt("WKT1_ESRI"))
    (layer,) = read_layers(path, reading=Reading(home=CITY))
    assert _is_home(layer)
    assert layer.warnings or declared == 4490


def test_without_a_number_the_zone_must_be_said_or_shown(tmp_path: Path) -> None:
    path = _shapefile(tmp_path / "a.shp", HOME, Zone(111.0).crs)
    with pytest.raises(InputError, match="--zone"):
        read_layers(path)
    (layer,) = read_layers(path, reading=Reading(zone=parse_zone("111")))
    assert _is_home(layer)
    (layer,) = read_layers(path, reading=Reading(zone=parse_zone("37")))
    assert _is_home(layer)
    with pytest.raises(InputError, match=r"114.*--zone|--zone.*114") as error:
        read_layers(path, reading=Reading(home=(113.5, 29.9, 113.6, 30.1)))
    assert "113.50" in str(error.value)
    wide = (108.0, 29.0, 116.0, 31.0)
    with pytest.raises(InputError, match="都能落在"):
        read_layers(path, reading=Reading(home=wide))


def test_a_zone_against_the_number_is_refused(tmp_path: Path) -> None:
    path = _shapefile(tmp_path / "a.shp", HOME, Zone(111.0, 37).crs)
    with pytest.raises(InputError, match="--zone"):
        read_layers(path, reading=Reading(zone=Zone(117.0)))


@pytest.mark.parametrize(
    ("text", "zone"),
    [("117", Zone(117)), ("117°E", Zone(117)), ("39", Zone(117)), ("39带", Zone(117)), ("20", Zone(117)),
     ("113.75", Zone(113.75)), ("EPSG:4548", Zone(117)), ("4527", Zone(117, 39)), ("EPSG:4498", Zone(117, 20)),
     ("cgcs2000:117", Zone(117))],
)  # fmt: skip
def test_zones_by_any_name(text: str, zone: Zone) -> None:
    assert parse_zone(text) == zone
    method = zone.crs.coordinate_operation
    assert method is not None and any(abs(p.value - zone.meridian) < 1e-9 for p in method.params)


@pytest.mark.parametrize("text", ["", "abc", "50", "12", "200", "4555", "-3", "EPSG:3857"])
def test_what_is_no_zone_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="投影带"):
        parse_zone(text)


@pytest.mark.parametrize(
    ("x", "y", "order"),
    [(500_000, 3_300_000, "en"), (3_300_000, 500_000, "ne"), (39_500_000, 3_300_000, "en"), (3_300_000, 39_500_000, "ne"),
     (20_500_000, 3_300_000, "en"), (1234, 5678, ""), (1e12, 2e12, ""), (500_000, 9_900_000, "")],
)  # fmt: skip
def test_orders_of_plane_numbers(x: float, y: float, order: str) -> None:
    assert plane_order(x, y) == order


def test_prefixes_name_three_and_six_degree_zones() -> None:
    assert prefixed(39_512_345.6) == Zone(117, 39) and prefixed(20_512_345.6) == Zone(117, 20)
    assert prefixed(512_345.6) is None and prefixed(float("nan")) is None and prefixed(24_500_000) is None


def test_encodings_by_any_name() -> None:
    assert [checked_encoding(n) for n in ("gbk", "936", "utf8", "big5", "GB18030")] == [
        "GB18030", "GB18030", "UTF-8", "Big5", "GB18030",
    ]  # fmt: skip
    with pytest.raises(InputError, match="编码"):
        checked_encoding("no such")


# Old grids: a similarity of the true plane, as Beijing 54 and city grids are over a city.
TURN, SCALE, SHIFT = np.radians(0.8), 1.00012, np.array([-431_000.0, -3_290_000.0])
PLANE = Zone(111.0).crs


def _old(lonlat: np.ndarray) -> np.ndarray:
    """The city's own grid ``(east, north)``."""
    xy = np.column_stack(Transformer.from_crs(4490, PLANE, always_xy=True).transform(*np.asarray(lonlat, float).T))
    middle = np.array([596_000.0, 3_320_000.0])
    rotation = np.array([[np.cos(TURN), -np.sin(TURN)], [np.sin(TURN), np.cos(TURN)]])
    return SCALE * (xy - middle) @ rotation.T + middle + SHIFT


POINTS = np.array([[111.98, 29.98], [112.04, 29.985], [112.035, 30.04], [111.985, 30.035], [112.01, 30.01]])


def _control(path: Path, n: int = 5, *, noise: float = 0.0, swap: bool = False, **columns: str) -> Path:
    east, north = (_old(POINTS[:n]) + np.random.default_rng(1).normal(0, noise, (n, 2))).T
    x, y = (east, north) if swap else (north, east)
    table = pd.DataFrame(
        {"点名": [f"G{i}" for i in range(n)], "旧X": x, "旧Y": y, "经度": POINTS[:n, 0], "纬度": POINTS[:n, 1]}
    )
    table.rename(columns=columns).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("swap", [False, True])
def test_a_citys_own_grid_is_carried_over_with_its_residuals(tmp_path: Path, swap: bool) -> None:
    control = read_control(_control(tmp_path / "c.csv", noise=0.02, swap=swap))
    assert control.fit.residuals.max() < 0.1 and control.names[0] == "G0"
    assert any("与测绘习惯相反" in note for note in control.notes) is swap
    shape = shapely.transform(HOME, _old)
    gpd.GeoDataFrame({"name": ["甲"]}, geometry=[shape]).to_file(tmp_path / "a.shp", encoding="UTF-8")
    with pytest.raises(InputError, match="--control-points"):
        read_layers(tmp_path / "a.shp")
    (layer,) = read_layers(tmp_path / "a.shp", reading=Reading(control=control))
    assert shapely.hausdorff_distance(layer.frame.geometry.iloc[0], HOME) < 2e-6
    assert layer.reason is not None and "fitted" in layer.reason and "中误差" in layer.reason


def test_beijing_54_is_refused_by_name_and_carried_over_with_points(tmp_path: Path) -> None:
    old = CRS.from_epsg(2434)  # Beijing 1954 / 3-degree Gauss-Kruger CM 111E
    path = _shapefile(tmp_path / "a.shp", HOME, PLANE)
    (tmp_path / "a.prj").write_text(old.to_wkt("WKT1_ESRI"))
    with pytest.raises(InputError, match=r"北京.*--control-points"):
        read_layers(path)
    project = Transformer.from_crs(4490, PLANE, always_xy=True)
    east, north = project.transform(*POINTS.T)
    table = pd.DataFrame(
        {"点号": range(5), "54X": north, "54Y": east, "2000X": north + 3, "2000Y": east + 37_000_000 - 40}
    )
    table.to_csv(tmp_path / "c.csv", index=False)
    (layer,) = read_layers(path, reading=Reading(control=read_control(tmp_path / "c.csv")))
    x, y = project.transform(*shapely.get_coordinates(layer.frame.geometry.iloc[0].centroid)[0])
    a, b = project.transform(*shapely.get_coordinates(HOME.centroid)[0])
    assert (x - a, y - b) == (pytest.approx(-40, abs=0.01), pytest.approx(3, abs=0.01))


def test_files_far_from_the_points_are_refused(tmp_path: Path) -> None:
    control = read_control(_control(tmp_path / "c.csv"))
    far = shapely.transform(shapely.transform(HOME, lambda xy: xy + 0.5), _old)
    gpd.GeoDataFrame({"name": ["甲"]}, geometry=[far]).to_file(tmp_path / "a.shp", encoding="UTF-8")
    with pytest.raises(InputError):
        read_layers(tmp_path / "a.shp", reading=Reading(control=control))


def test_points_that_are_wrong_few_or_unreadable_are_refused_with_their_place(tmp_path: Path) -> None:
    path = _control(tmp_path / "c.csv")
    lines = path.read_text("utf-8").splitlines()
    (tmp_path / "few.csv").write_text("\n".join(lines[:3]), "utf-8")
    with pytest.raises(InputError, match="至少要 3 个"):
        read_control(tmp_path / "few.csv")
    cells = lines[2].split(",")
    (tmp_path / "typo.csv").write_text(
        "\n".join([*lines[:2], ",".join([*cells[:3], "东经", cells[4]]), *lines[3:]]), "utf-8"
    )
    with pytest.raises(InputError, match="新经度") as error:
        read_control(tmp_path / "typo.csv")
    assert error.value.faults[0].row == 3
    cells[1] = str(float(cells[1]) + 50)
    (tmp_path / "off.csv").write_text("\n".join([*lines[:2], ",".join(cells), *lines[3:]]), "utf-8")
    with pytest.raises(InputError, match="核对第 2 点"):
        read_control(tmp_path / "off.csv")
    (tmp_path / "none.csv").write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(InputError, match="列名"):
        read_control(tmp_path / "none.csv")


def test_two_header_rows_and_degrees_of_the_old_system(tmp_path: Path) -> None:
    shift = np.array([0.0006, 0.0004])
    shifted = POINTS + shift
    rows = [["点号", "旧坐标", "", "新坐标", ""], ["", "经度", "纬度", "经度", "纬度"]]
    rows += [[f"P{i}", *map(str, (*old, *new))] for i, (old, new) in enumerate(zip(shifted, POINTS, strict=True))]
    (tmp_path / "c.csv").write_text("\n".join(",".join(row) for row in rows), "utf-8")
    control: Control = read_control(tmp_path / "c.csv")
    assert control.degrees is not None and control.fit.residuals.max() < 0.05
    shape = shapely.transform(HOME, lambda xy: xy + shift)
    gpd.GeoDataFrame({"name": ["甲"]}, geometry=[shape]).to_file(tmp_path / "a.shp", encoding="UTF-8")
    (layer,) = read_layers(tmp_path / "a.shp", reading=Reading(control=control))
    assert shapely.hausdorff_distance(layer.frame.geometry.iloc[0], HOME) < 1e-6


def test_a_load_carries_boundaries_over_and_says_so_in_each_row(tmp_path: Path) -> None:
    from data.schemas import BOUNDARIES
    from data.store import open_store

    frame = estates(20)
    write_units(tmp_path)
    write_register(tmp_path, frame)
    source = gpd.read_file(write_boundaries(tmp_path, frame), layer="boundaries")
    (tmp_path / "boundaries.gpkg").unlink()
    shapes = [shapely.transform(shape, _old) for shape in source.geometry]
    gpd.GeoDataFrame(source.drop(columns="geometry"), geometry=shapes).to_file(tmp_path / "旧图.shp", encoding="UTF-8")
    control = _control(tmp_path / "控制点.csv", noise=0.01)
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        report = run(store, tmp_path, control_points=control)
        assert report.counts["boundaries"] == 20 and report.faults == []
        assert [row["point"] for row in report.control_points] == [f"G{i}" for i in range(5)]
        assert all(row["residual_m"] < 0.1 for row in report.control_points)
        with store.begin(ACTOR) as work:
            rows = work.read(BOUNDARIES)
        assert rows["reason"].str.contains("fitted").all()
        assert np.abs(shapely.get_x(shapely.centroid(rows.geometry.to_numpy())).mean() - frame["经度"].mean()) < 1e-3
