"""Coverage of the ground (用地覆盖): how much residential land each street has, is served, and has no record at all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from data.codes import UnitKind
from data.registers.text import key_id
from geo.crs import STORAGE_CRS, metric_crs
from geo.ground import CLASSES, Division, residential, without_record
from geo.progress import SILENT, Progress, Stopped
from geo.shapes import join_units, metric_shapes, middle
from planning.city import City
from planning.coverage_types import CoverageState
from planning.ground_estimate import Density, estimate
from planning.ground_types import LandCoverage, LandRate, Method

_NEAR_ROAD_M: Final = 80.0
_FAR_ROAD_M: Final = 2000.0
_ROADS_NAMED: Final = 3


def land_coverage(city: City, states: Mapping[str, CoverageState], progress: Progress = SILENT) -> LandCoverage:
    """Residential land of the city by street and record.

    Parameters
    ----------
    city
        Read with ``LAND``.
    states
        State of every estate, from `planning.coverage.assess`: land counts as served where the state is covered.

    Raises
    ------
    Stopped
        When the progress says so.
    """
    land = city.land
    crs = metric_crs(_meridian(city, land))
    is_building = (land["kind"] == "building").to_numpy(dtype=bool)
    _step(progress, 0.0, "整理住宅用地")
    areas = residential(land, city.ways, crs)
    _step(progress, 0.5, "减去小区边界")
    kind, zones = _zones(city)
    served = {str(estate): state.covered for estate, state in states.items()}
    bare = city.estates[~city.estates.index.isin(city.boundaries.index[city.boundaries.geometry.notna()])]
    placed = bare[bare["lon"].notna() & bare["lat"].notna()]
    points = gpd.GeoSeries(gpd.points_from_xy(placed["lon"], placed["lat"]), index=placed.index, crs=STORAGE_CRS)
    boundaries = city.boundaries.geometry[city.boundaries.index.isin(city.estates.index)]
    division = without_record(areas, boundaries, served, points, zones)
    _step(progress, 0.8, "估算户数")
    density = Density.of(city.estates, boundaries, crs)
    households, methods = estimate(division.pieces, land[is_building], density)
    pieces = _pieces(division.pieces, areas, city, households, methods)
    unplaced = bare.loc[bare.index.difference(placed.index)]
    rates = _rates(division, pieces, city, kind, served, unplaced)
    recorded = division.recorded.to_crs(STORAGE_CRS).rename(columns={"zone": "unit_id"})
    n_lone = int(areas.attrs["n_lone"])
    _step(progress, 1.0, "用地覆盖计算完毕")
    return LandCoverage(
        rates,
        pieces,
        recorded,
        _assumptions(density, len(unplaced), n_lone),
        int((~is_building).sum()),
        int(is_building.sum()),
    )


def _step(progress: Progress, share: float, text: str) -> None:
    if progress.stopped:
        raise Stopped
    progress.update(share, text)


def _meridian(city: City, land: gpd.GeoDataFrame) -> float:
    for shapes in (land.geometry, city.boundaries.geometry, city.units.geometry, city.ways.geometry):
        known = shapes[shapes.notna() & ~shapes.is_empty].to_numpy()
        if len(known):
            return middle(known)[0]
    return float(city.estates["lon"].median()) if city.estates["lon"].notna().any() else 105.0


def _zones(city: City) -> tuple[UnitKind | None, gpd.GeoSeries | None]:
    """Streets, else counties, that have a shape."""
    for kind in (UnitKind.STREET, UnitKind.COUNTY):
        units = city.units[(city.units["kind"] == kind.value) & city.units.geometry.notna()]
        if len(units):
            return kind, units.geometry
    return None, None


# ------------------------------------------------------------------------------------------------------------ pieces


def _pieces(
    found: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    city: City,
    households: Sequence[int | None],
    methods: Sequence[Method],
) -> gpd.GeoDataFrame:
    crs = found.crs
    shapes = found.geometry.to_numpy()
    inner = shapely.point_on_surface(shapes)
    places = gpd.GeoSeries(inner, crs=crs).to_crs(STORAGE_CRS)
    lon, lat = places.x.to_numpy(), places.y.to_numpy()
    names = city.unit_names
    above = city.units["parent_id"]
    of_community = join_units(
        lon, lat, city.units.geometry[(city.units["kind"] == UnitKind.COMMUNITY.value).to_numpy()]
    )
    zone = found["zone"].to_numpy(dtype=object)
    is_street = [unit in city.units.index and city.units.at[unit, "kind"] == UnitKind.STREET for unit in zone]
    county = [above.get(unit) if street else unit for unit, street in zip(zone, is_street, strict=True)]
    said, source = _named_land(shapes, areas)
    table = gpd.GeoDataFrame(
        {
            "unit_id": [unit or None for unit in zone],
            "county": [names.get(unit, "") if isinstance(unit, str) else "" for unit in county],
            "street": [names.get(unit, "") if street else "" for unit, street in zip(zone, is_street, strict=True)],
            "community": [names.get(unit, "") if isinstance(unit, str) else "" for unit in of_community],
            "area_m2": found["area_m2"].to_numpy(dtype=float),
            "households": pd.array(households, dtype="Int64"),
            "method": [method.value for method in methods],
            "roads": _nearest_roads(shapes, city.ways, crs),
            "name": said,
            "source": source,
            "lon": lon,
            "lat": lat,
        },
        geometry=found.geometry.to_crs(STORAGE_CRS).to_numpy(),
        crs=STORAGE_CRS,
    )
    table.index = pd.Index(
        [key_id("L", f"{x:.5f}", f"{y:.5f}") for x, y in zip(lon, lat, strict=True)], name="piece_id"
    )
    order = np.lexsort((table.index.to_numpy(dtype=str), -table["area_m2"].round(1).to_numpy()))
    return table.iloc[order]


def _named_land(shapes: np.ndarray, areas: gpd.GeoDataFrame) -> tuple[list[str], list[str]]:
    """What the map calls the land under each piece (largest share first), and what it was made of."""
    cells = areas.geometry.to_numpy()
    names, sources = areas["name"].to_numpy(dtype=object), areas["source"].to_numpy(dtype=object)
    said: list[dict[str, float]] = [defaultdict(float) for _ in shapes]
    of: list[dict[str, float]] = [defaultdict(float) for _ in shapes]
    piece, cell = shapely.STRtree(cells).query(shapes, predicate="intersects")
    common = shapely.area(shapely.intersection(shapes[piece], cells[cell]))
    for at, row, area in zip(piece, cell, common, strict=True):
        of[at][str(sources[row])] += float(area)
        if isinstance(names[row], str) and area > 1:
            said[at][names[row]] += float(area)
    return ["、".join(_by_weight(found)) for found in said], [next(iter(_by_weight(found)), "") for found in of]


def _by_weight(found: Mapping[str, float]) -> list[str]:
    """Keys, the heaviest first; equals by name."""
    return [name for name, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))]


def _nearest_roads(shapes: np.ndarray, ways: gpd.GeoDataFrame, crs: CRS) -> list[str]:
    """Named roads beside each piece, nearest first, so that a person finds it."""
    roads = ways[(ways["kind"] == "road") & ways["name"].notna() & ways.geometry.notna()]
    if roads.empty or not len(shapes):
        return ["" for _ in shapes]
    lines, names = metric_shapes(roads.geometry.to_numpy(), crs), roads["name"].to_numpy(dtype=object)
    tree = shapely.STRtree(lines)
    near: list[dict[str, float]] = [{} for _ in shapes]
    piece, line = tree.query(shapes, predicate="dwithin", distance=_NEAR_ROAD_M)
    metres = np.round(shapely.distance(shapes[piece], lines[line]), 1)
    for at, row, far in zip(piece, line, metres, strict=True):
        near[at][names[row]] = min(float(far), near[at].get(names[row], np.inf))
    nearest = [sorted(one.items(), key=lambda item: (item[1], item[0])) for one in near]
    found = ["、".join(name for name, _ in one[:_ROADS_NAMED]) for one in nearest]
    alone = [at for at, text in enumerate(found) if not text]
    if alone:
        (at, line), far = tree.query_nearest(shapes[alone], max_distance=_FAR_ROAD_M, return_distance=True)
        for row, road, metre in sorted(zip(at, names[line], far, strict=True), reverse=True):
            found[alone[row]] = f"距{road}约{round(metre, -1):.0f}米"
    return found


# ------------------------------------------------------------------------------------------------------------- rates


def _rates(
    division: Division,
    pieces: gpd.GeoDataFrame,
    city: City,
    kind: UnitKind | None,
    served: Mapping[str, bool],
    unplaced: pd.DataFrame,
) -> tuple[LandRate, ...]:
    facts = division.totals.copy()
    facts = facts.reindex(facts.index.union(_known(city, kind)).union([""]), fill_value=0.0)
    covered = [all(served.get(estate, False) for estate in ids) for ids in division.recorded["estates"]]
    kept = division.recorded[np.array(covered, dtype=bool)]
    facts["no_boundary_served"] = kept.groupby("zone")["area_m2"].sum().reindex(facts.index).fillna(0.0)
    unit = pieces["unit_id"].fillna("")
    facts["n_pieces"] = unit.value_counts().reindex(facts.index).fillna(0)
    facts["households"] = pieces["households"].fillna(0).groupby(unit.to_numpy()).sum().reindex(facts.index).fillna(0)
    facts["n_unestimated"] = pieces["households"].isna().groupby(unit.to_numpy()).sum().reindex(facts.index).fillna(0)
    column = f"{kind.value}_id" if kind is not None else None
    lost = Counter(unplaced[column].fillna("")) if column else Counter({"": len(unplaced)})
    facts["n_unplaced"] = [lost.pop(unit_id, 0) for unit_id in facts.index]
    facts.loc["", "n_unplaced"] += lost.total()  # of units that have no shape
    total = facts.sum()
    total["n_unplaced"] = len(unplaced)
    rates = [_rate(None, "全市", "city", total)]
    if kind is None:
        return tuple(rates)
    inside = facts[facts.index != ""]
    if kind is UnitKind.STREET:
        parents = city.units["parent_id"].reindex(inside.index)
        for county, sums in inside.groupby(parents).sum().sort_index().iterrows():
            rates.append(_rate(str(county), city.unit_names.get(str(county), str(county)), "county", sums))
    rates += [_rate(str(unit_id), city.unit_names[str(unit_id)], kind.value, row) for unit_id, row in inside.iterrows()]
    if facts.loc["", list(CLASSES)].sum() > 0 or facts.at["", "n_unplaced"]:
        rates.append(_rate(None, f"未归入{kind.label}", kind.value, facts.loc[""]))
    return tuple(rates)


def _known(city: City, kind: UnitKind | None) -> pd.Index:
    if kind is None:
        return pd.Index([], dtype=object)
    return city.units.index[(city.units["kind"] == kind.value).to_numpy()]


def _rate(unit_id: str | None, name: str, level: str, row: pd.Series) -> LandRate:
    in_boundary = float(row["served"] + row["unserved"])
    n_pieces, n_open = int(row["n_pieces"]), int(row["n_unestimated"])
    return LandRate(
        unit_id=unit_id,
        name=name,
        level=level,
        served_m2=float(row["served"]),
        unserved_m2=float(row["unserved"]),
        no_boundary_m2=float(row["no_boundary"]),
        without_record_m2=float(row["without_record"]),
        sliver_m2=float(row["sliver"]),
        no_boundary_served_m2=float(row["no_boundary_served"]),
        outside_m2=max(0.0, float(row["ground"]) - in_boundary),
        n_pieces=n_pieces,
        households=None if n_pieces and n_open == n_pieces else int(row["households"]),
        n_unestimated=n_open,
        n_unplaced=int(row["n_unplaced"]),
    )


def _assumptions(density: Density, n_unplaced: int, n_lone: int) -> tuple[str, ...]:
    floor = (
        f"按台账中{density.n_floor}个小区的合计，户均建筑面积{density.m2_per_household:.0f}平方米"
        if density.n_floor
        else f"台账没有可用的户数和建筑面积，户均建筑面积假定{density.m2_per_household:.0f}平方米"
    )
    lines = [
        "户数是估算值，取两位有效数字：有楼栋户数的用楼栋户数；知道层数的按占地×层数÷户均建筑面积；"
        "都没有的按有边界小区的户数密度（同街道不足5个小区时用全市）乘以用地面积。",
        f"{floor}。没有写明用途、又位于住宅用地上的楼按住宅计算。",
    ]
    if density.city_per_m2 is not None:
        lines.append(f"全市有边界小区的户数密度为每万平方米{density.city_per_m2 * 10_000:.0f}户。")
    if n_unplaced:
        lines.append(f"另有{n_unplaced}个小区既没有边界也没有位置，可能就在无记录用地上；补上位置后再看。")
    if n_lone:
        lines.append(f"{n_lone}栋零星房屋占地太小，没有算作住宅用地。")
    return tuple(lines)
