"""OpenStreetMap extracts as ways: which elements, which tags, and files that are cut or something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.geofiles import read_osm
from data.geofiles.osm import parse_maxspeed, parse_oneway
from data.schemas import WAYS
from geo.errors import InputError
from geo.progress import Stopped

NODES = {1: (112.0, 30.0), 2: (112.0, 30.01), 3: (112.01, 30.01), 4: (112.01, 30.0), 5: (112.003, 30.003),
         6: (112.003, 30.006), 7: (112.006, 30.006)}  # fmt: skip


def _osm(path: Path, *ways: tuple[int, list[int], dict[str, str]], relations: str = "") -> Path:
    nodes = "".join(f'<node id="{i}" lon="{x}" lat="{y}"/>' for i, (x, y) in NODES.items())
    body = ""
    for way_id, refs, tags in ways:
        body += f'<way id="{way_id}">' + "".join(f'<nd ref="{r}"/>' for r in refs)
        body += "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items()) + "</way>"
    path.write_text(f'<osm version="0.6">{nodes}{body}{relations}</osm>', encoding="utf-8")
    return path


def _by_id(path: Path) -> dict[int, dict]:
    return {row["way_id"]: row for row in read_osm(path).rows}


def test_cars_roads_rivers_and_railways_are_read_and_paths_are_not(tmp_path: Path) -> None:
    rows = _by_id(
        _osm(
            tmp_path / "a.osm",
            (11, [1, 2], {"highway": "primary", "name": "中山路", "maxspeed": "60", "bridge": "viaduct"}),
            (12, [2, 3], {"highway": "footway"}),
            (13, [1, 3], {"waterway": "river", "name": "淠河"}),
            (14, [1, 4], {"railway": "rail"}),
            (15, [2, 4], {"railway": "subway", "tunnel": "yes"}),
            (16, [2, 4], {"railway": "subway", "bridge": "yes"}),
            (17, [3, 4], {"highway": "construction", "construction": "primary"}),
            (18, [3, 1], {"highway": "residential", "motor_vehicle": "no"}),
            (19, [3, 1], {"highway": "motorway_link", "tunnel": "yes"}),
            (20, [3, 1], {"waterway": "ditch"}),
        )
    )
    assert {i: r["kind"] for i, r in rows.items()} == {
        11: "road", 13: "river", 14: "railway", 16: "railway", 19: "road",
    }  # fmt: skip
    road = rows[11]
    assert (road["name"], road["road_class"], road["maxspeed_kmh"]) == ("中山路", "primary", 60)
    assert (road["bridge"], road["tunnel"], road["oneway"]) == (True, False, 0)
    assert list(road["geometry"].coords) == [(112.0, 30.0), (112.0, 30.01)]
    assert rows[19]["tunnel"] is True
    assert WAYS.frame(list(rows.values())).index.tolist() == sorted(rows)


def test_roads_share_the_very_same_point_where_they_meet(tmp_path: Path) -> None:
    rows = _by_id(_osm(tmp_path / "a.osm", (1, [1, 5, 2], {"highway": "road"}), (2, [3, 5, 4], {"highway": "service"})))
    assert rows[1]["geometry"].coords[1] == rows[2]["geometry"].coords[1]


def test_water_areas_come_from_closed_ways_and_from_relations(tmp_path: Path) -> None:
    relation = (
        '<relation id="11"><member type="way" ref="8" role="outer"/><member type="way" ref="9" role="outer"/>'
        '<member type="way" ref="10" role="inner"/>'
        '<tag k="type" v="multipolygon"/><tag k="natural" v="water"/><tag k="name" v="湖"/></relation>'
    )
    rows = _by_id(
        _osm(
            tmp_path / "a.osm",
            (7, [1, 2, 3, 1], {"natural": "water", "name": "塘"}),
            (8, [1, 2, 3], {}),
            (9, [3, 4, 1], {}),
            (10, [5, 6, 7, 5], {}),
            (12, [1, 2, 3, 1], {"natural": "wood"}),
            (13, [1, 2, 4, 1], {"waterway": "riverbank"}),
            relations=relation,
        )
    )
    assert {i: (r["kind"], r["name"]) for i, r in rows.items()} == {
        7: ("water", "塘"), -11: ("water", "湖"), 13: ("water", None),
    }  # fmt: skip
    lake = rows[-11]["geometry"]
    assert lake.is_valid and lake.area == pytest.approx(1e-4 - 4.5e-6)


def test_a_way_that_leaves_the_extract_keeps_its_longest_run(tmp_path: Path) -> None:
    path = _osm(
        tmp_path / "a.osm",
        (1, [1, 99, 2, 3, 4], {"highway": "primary"}),
        (2, [1, 98, 97], {"highway": "primary"}),
    )
    result = read_osm(path)
    (row,) = result.rows
    assert list(row["geometry"].coords) == [NODES[2], NODES[3], NODES[4]]
    assert any("1 条线有部分节点" in note for note in result.notes)
    assert any("1 条线的节点或图形不完整" in note for note in result.notes)


@pytest.mark.parametrize(
    ("tags", "oneway"),
    [
        ({"highway": "primary"}, 0),
        ({"highway": "primary", "oneway": "yes"}, 1),
        ({"highway": "primary", "oneway": "1"}, 1),
        ({"highway": "primary", "oneway": "-1"}, -1),
        ({"highway": "primary", "oneway": "reversible"}, 0),
        ({"highway": "primary", "junction": "roundabout"}, 1),
        ({"highway": "primary", "junction": "roundabout", "oneway": "no"}, 0),
        ({"highway": "motorway"}, 1),
        ({"highway": "motorway", "oneway": "no"}, 0),
    ],
)
def test_oneway(tags: dict[str, str], oneway: int) -> None:
    assert parse_oneway(tags) == oneway


@pytest.mark.parametrize(
    ("text", "kmh"),
    [("60", 60), ("60 km/h", 60), ("60km/h", 60), ("40 mph", 64.37376), ("CN:urban", None), ("", None), (None, None),
     ("walk", None), ("0", None), ("999", None), ("60;80", None), ("nan", None), ("-30", None)],
)  # fmt: skip
def test_maxspeed(text: str | None, kmh: float | None) -> None:
    assert parse_maxspeed(text) == (None if kmh is None else pytest.approx(kmh))


@given(st.text(max_size=12))
def test_any_maxspeed_text_gives_a_speed_in_range_or_nothing(text: str) -> None:
    speed = parse_maxspeed(text)
    assert speed is None or 1 <= speed <= 200


@pytest.mark.parametrize("name", ["a.osm", "a.osm.pbf"])
@pytest.mark.parametrize("content", [b"", b"this is no map", b"\x00\x00\x00\x0e", b"<html><body>404</body></html>"])
def test_files_that_are_no_osm_get_one_clear_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as error:
        read_osm(tmp_path / name)
    (fault,) = error.value.faults
    assert fault.file == name and fault.remedy


def test_an_extract_without_roads_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有道路"):
        read_osm(_osm(tmp_path / "a.osm", (1, [1, 2], {"highway": "footway"})))


class _StopAtOnce:
    stopped = True

    def update(self, share: float, text: str) -> None: ...


def test_reading_stops_when_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.geofiles.osm._BATCH", 1)
    with pytest.raises(Stopped):
        read_osm(_osm(tmp_path / "a.osm", (1, [1, 2], {"highway": "road"})), _StopAtOnce())


@pytest.mark.parametrize("name", ["shanghai_center.osm", "shanghai_center.osm.pbf"])
def test_real_extract_gives_the_same_roads_from_both_formats(shared_data: Path, name: str) -> None:
    result = read_osm(shared_data / "shanghai" / name)
    classes = [row["road_class"] for row in result.rows]
    assert len(result.rows) == 4691
    assert (classes.count("secondary"), classes.count("primary"), classes.count("residential")) == (1173, 1008, 1552)
    assert sum(row["name"] is not None for row in result.rows) == pytest.approx(4228, abs=15)
    assert sum(row["oneway"] == 1 for row in result.rows) == pytest.approx(2803, abs=15)
    assert any("10 条道路禁止机动车" in note for note in result.notes)


@pytest.mark.parametrize("name", ["shanghai_center.osm", "shanghai_center.osm.pbf"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
def test_a_cut_extract_is_refused_as_a_whole(shared_data: Path, tmp_path: Path, name: str, share: float) -> None:
    whole = (shared_data / "shanghai" / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError, match="截断"):
        read_osm(tmp_path / name)
