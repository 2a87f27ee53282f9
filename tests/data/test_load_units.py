"""Units of layers become one tree, the same one each time."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from data.codes import UnitKind
from data.geofiles import UnitShape, read_layers, unit_shapes
from data.load_report import Findings
from data.load_units import UnitTree, add_units, place_points, unit_key
from data.registers.unit_names import UnitResolver
from data.schemas import UNITS


def _square(x: int, y: int, width: int = 1) -> object:
    return box(112 + x / 100, 30 + y / 100, 112 + (x + width) / 100, 30 + (y + width) / 100)


def _shapes(folder: Path, layer: str, shapes: list, **columns: list) -> list[UnitShape]:
    path = folder / f"{layer}_{len(list(folder.iterdir()))}.gpkg"
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4490).to_file(path, layer=layer)
    return list(unit_shapes(read_layers(path)[0])[0])


def _names(tree: UnitTree) -> dict[str, str | None]:
    rows = tree.rows
    return {row["name"]: None if row["parent_id"] is None else rows[row["parent_id"]]["name"] for row in rows.values()}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("三里桥街道", "三里桥街道办事处", True), ("三里桥街道", "三里桥 街道办", True), ("甲社区", "甲社区居委会", True),
     ("甲镇", "甲街道", False), ("甲社区", "乙社区", False)],
)  # fmt: skip
def test_forms_of_one_name(one: str, other: str, same: bool) -> None:
    assert (unit_key(one) == unit_key(other)) is same


def test_parents_come_from_codes_names_and_places(tmp_path: Path) -> None:
    findings, tree = Findings(), UnitTree()
    shapes = _shapes(tmp_path, "community", [_square(0, 0), _square(2, 0)], name=["甲社区", "甲社区"])
    shapes += _shapes(tmp_path, "street", [_square(0, 0, 2)], name=["子街道"], code=["990101001"])
    shapes += _shapes(tmp_path, "street", [_square(2, 0, 2)], name=["丑街道"], parent=["西山县"])
    shapes += _shapes(tmp_path, "county", [_square(0, 0, 2), _square(2, 0, 2)], name=["东风区", "西山县"],
                      code=["990101", None])  # fmt: skip
    add_units(tree, shapes, findings)
    assert len(tree.rows) == 6
    parents = [(row["name"], tree.rows[row["parent_id"]]["name"]) for row in tree.rows.values() if row["parent_id"]]
    assert sorted(parents) == sorted(
        [("子街道", "东风区"), ("丑街道", "西山县"), ("甲社区", "子街道"), ("甲社区", "丑街道")]
    )
    assert any("2 个行政单元没有写明上级" in note for note in findings.notes)
    assert list(UNITS.frame(tree.frame_rows()).index) == list(tree.rows)


def test_order_of_files_changes_nothing(tmp_path: Path) -> None:
    county = _shapes(tmp_path, "county", [_square(0, 0, 4)], name=["东风区"])
    street = _shapes(tmp_path, "street", [_square(0, 0, 2), _square(2, 0, 2)], name=["子街道", "丑街道"])
    trees = []
    for shapes in (county + street, street[::-1] + county):
        tree = UnitTree()
        add_units(tree, shapes, Findings())
        trees.append(tree)
    assert trees[0].rows.keys() == trees[1].rows.keys() and _names(trees[0]) == _names(trees[1])


def test_a_unit_that_is_known_is_updated_and_keeps_its_id(tmp_path: Path) -> None:
    tree = UnitTree()
    first = _shapes(tmp_path, "county", [_square(0, 0, 2)], name=["东风区"])
    (unit_id,) = add_units(tree, first, Findings())
    again = _shapes(tmp_path, "county", [_square(0, 0, 3)], name=["东风区"], code=["990101"])
    assert add_units(tree, again, Findings()) == [unit_id]
    assert tree.rows[unit_id]["code"] == "990101" and tree.rows[unit_id]["geometry"].area > first[0].shape.area
    longer = _shapes(tmp_path, "county", [_square(0, 0, 3)], name=["东风新区"], code=["990101000000"])
    assert add_units(tree, longer, Findings()) == [unit_id] and len(tree.rows) == 1


def test_units_made_from_names_by_a_register_meet_their_polygons(tmp_path: Path) -> None:
    resolver = UnitResolver(UNITS.empty(), "云栖市")
    resolver.resolve("东风区子街道甲社区", {})
    tree = UnitTree()
    for row in resolver.created.values():
        tree.put(row)
    ids = set(tree.rows)
    shapes = _shapes(tmp_path, "county", [_square(0, 0, 2)], name=["东风区"])
    shapes += _shapes(tmp_path, "street", [_square(0, 0, 2)], name=["子街道办事处"])
    shapes += _shapes(tmp_path, "community", [_square(0, 0)], name=["甲社区居委会"], parent=["子街道"])
    add_units(tree, shapes, Findings())
    assert set(tree.rows) == ids
    fresh = UnitTree()
    add_units(fresh, shapes, Findings())
    assert set(fresh.rows) == ids


def test_points_get_every_level_and_parents_fill_levels_without_polygons(tmp_path: Path) -> None:
    tree = UnitTree()
    add_units(tree, _shapes(tmp_path, "county", [_square(0, 0, 4)], name=["东风区"]), Findings())
    add_units(tree, _shapes(tmp_path, "street", [_square(0, 0, 2)], name=["子街道"]), Findings())
    county = next(i for i, row in tree.rows.items() if row["kind"] == "county")
    tree.put({**tree.rows[county], "geometry": None})
    placed = place_points(tree, np.array([112.005, 112.035, np.nan]), np.array([30.005, 30.005, 30.0]))
    assert placed["county_id"].tolist()[0] == county and placed["street_id"].notna().tolist() == [True, False, False]
    assert placed["county_id"].isna().tolist() == [False, True, True]
    assert placed["community_id"].isna().all()
    assert pd.Series(tree.polygons(UnitKind.COUNTY), dtype=object).empty
