"""Boundary files meet what is in force: surveyed or drawn, better or worse, the same again, a person's decision."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from load_inputs import ACTOR, estates, run, write_boundaries, write_register, write_units

from data.boundaries import draw, history, move_gate, withdraw
from data.geofiles.origin import source_of_cell, source_of_name
from data.schemas import BOUNDARIES, BOUNDARY_HISTORY, BOUNDARY_STEPS, ESTATES, GATES
from data.store import Store, open_store

N = 6


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a store with units and a register, loaded once."""
    folder = tmp_path_factory.mktemp("made")
    with open_store(f"sqlite:///{folder}/store.db") as one:
        run(one, write_units(folder), write_register(folder, estates(N)))
    return (folder / "store.db").read_bytes()


@pytest.fixture
def store(tmp_path: Path, made: bytes) -> Iterator[Store]:
    (tmp_path / "store.db").write_bytes(made)
    with open_store(f"sqlite:///{tmp_path}/store.db") as one:
        yield one


def _read(store: Store, table: object = BOUNDARIES) -> pd.DataFrame:
    with store.begin(ACTOR) as work:
        return work.read(table)  # type: ignore[arg-type]


def _ids(store: Store) -> dict[str, str]:
    frame = _read(store, ESTATES)
    return dict(zip(frame["name"], frame.index, strict=True))


def _layer(folder: Path, file: str, shift: float = 0.0, **columns: object) -> Path:
    """The squares of `write_boundaries`, moved east, with more columns, as a file of one layer."""
    shapes = gpd.read_file(write_boundaries(folder, estates(N), "squares.gpkg"), layer="boundaries")
    shapes = shapes.assign(**columns).set_geometry(shapes.geometry.translate(shift))
    path = folder / file
    shapes.to_file(path)
    return path


@pytest.mark.parametrize(
    ("word", "source"),
    [
        ("测绘", "survey"), ("规划红线", "survey"), ("CAD图纸", "survey"), ("手绘", "drawn"), ("目测", "drawn"),
        ("示意", "drawn"), ("人工绘制", "drawn"), ("测绘底图上勾绘", "drawn"), ("四至文字", "text"), ("推算", "derived"),
        ("高德", None), ("", None), (None, None), (float("nan"), None), ("无", None),
    ],
)  # fmt: skip
def test_words_of_a_cell_tell_the_source(word: object, source: str | None) -> None:
    assert source_of_cell(word) == source


def test_names_tell_drawings_and_nothing_else() -> None:
    assert source_of_name("2026小区手绘图.shp", "") == source_of_name("a.gpkg", "草图") == "drawn"
    assert source_of_name("小区边界.shp", "boundaries") == source_of_name("影像图.shp") == "survey"


def test_a_sketch_does_not_replace_a_survey_but_fills_what_is_missing(store: Store, tmp_path: Path) -> None:
    survey = _layer(tmp_path, "边界.gpkg")
    part = gpd.read_file(survey).iloc[: N - 2]
    part.to_file(tmp_path / "测绘.gpkg")
    run(store, tmp_path / "测绘.gpkg")
    before = _read(store)
    report = run(store, _layer(tmp_path, "手绘.gpkg", shift=0.0001))
    assert any(note.startswith(f"{N - 2} 个小区已有更可靠的边界，未替换：") for note in report.notes)
    found = _read(store)
    assert found["source"].value_counts().to_dict() == {"survey": N - 2, "drawn": 2}
    assert found.loc[before.index].geometry.geom_equals(before.geometry).all()
    assert _read(store, BOUNDARY_HISTORY).empty
    again = run(store, _layer(tmp_path, "手绘.gpkg", shift=0.0001))
    assert again.changed == 0


def test_a_survey_replaces_a_sketch_with_history_and_who_and_when(store: Store, tmp_path: Path) -> None:
    run(store, _layer(tmp_path, "边界.gpkg", 来源="目测"))
    report = run(store, _layer(tmp_path, "竣工图.gpkg", shift=0.0001))
    assert report.changed == N and not any("未替换" in note for note in report.notes)
    found, past = _read(store), _read(store, BOUNDARY_HISTORY)
    assert set(found["source"]) == {"survey"} and set(found["person"]) == {ACTOR.person}
    assert found["at"].str.endswith("+00:00").all()
    assert len(past) == N and set(past["source"]) == {"drawn"} and set(past["cause"]) == {"导入边界文件"}
    assert set(past["replaced_by"]) == {ACTOR.person} and set(past["source_file"]) == {"边界.gpkg"}


def test_the_same_files_again_change_nothing_whatever_their_order(store: Store, tmp_path: Path) -> None:
    files = [_layer(tmp_path, "手绘.gpkg", shift=0.0001), _layer(tmp_path, "测绘.gpkg")]
    first = run(store, *files)
    assert sum("以测绘的为准" in text for text in first.warnings) > 0
    stamp, before = store.stamp, _read(store)
    assert run(store, *reversed(files)).changed == 0
    assert run(store, files[0]).changed == 0
    assert run(store, files[1]).changed == 0
    assert store.stamp == stamp
    pd.testing.assert_frame_equal(pd.DataFrame(_read(store)), pd.DataFrame(before))


def test_the_decision_of_a_person_outlives_the_next_load(store: Store, tmp_path: Path) -> None:
    path = write_boundaries(tmp_path, estates(N))
    run(store, path)
    found = _read(store)
    first, second, third = (str(i) for i in found.index[:3])
    with store.begin(ACTOR, write=True) as work:
        shape = found.geometry.translate(0.0001)[first]
        draw(work, first, shape, now=work.now, reason="现场核对")
        withdraw(work, second, "画错了小区", work.now)
        centre = found.geometry[third].centroid
        move_gate(work, third, centre.x, centre.y, now=work.now)
    stamp = store.stamp
    report = run(store, path)
    assert report.changed == 0 and store.stamp == stamp
    assert any(note.startswith("2 个小区的边界经人工采用、绘制或撤回") for note in report.notes)
    assert any(note.startswith("1 个小区的出入口经人工调整") for note in report.notes)
    gates = _read(store, GATES)
    assert gates.loc[gates["estate_id"] == third, "lon"].tolist() == [centre.x]


def test_an_outline_that_is_not_taken_gives_no_point(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/pointless.db") as store:
        frame = estates(N)
        run(store, write_units(tmp_path), write_register(tmp_path, frame.drop(columns=["经度", "纬度"]), None, "r.csv"))
        run(store, _layer(tmp_path, "测绘.gpkg"))
        points = _read(store, ESTATES)[["lon", "lat"]]
        assert points.notna().all().all()
        run(store, _layer(tmp_path, "手绘.gpkg", shift=0.002))
        pd.testing.assert_frame_equal(_read(store, ESTATES)[["lon", "lat"]], points)


def test_unknown_words_and_own_confidences_are_taken_as_they_are(store: Store, tmp_path: Path) -> None:
    words = ["四至文字", "推算", "高德", "高德", "", "人工绘制"]
    report = run(store, _layer(tmp_path, "b.gpkg", 边界来源=words, 可信度=["0.83", "0.4", "2", "", "x", "0.9"]))
    assert any("“边界来源”列的“高德”2 个说不清" in note for note in report.notes)
    ids, found = _ids(store), _read(store)
    names = [f"小区{n:03d}" for n in range(N)]
    assert [found.at[ids[name], "source"] for name in names] == [
        "text", "derived", "survey", "survey", "survey", "drawn",
    ]  # fmt: skip
    assert [found.at[ids[name], "confidence"] for name in names] == [0.83, 0.4, 1.0, 1.0, 1.0, 0.9]


def test_a_first_load_of_surveys_leaves_no_steps(store: Store, tmp_path: Path) -> None:
    run(store, write_boundaries(tmp_path, estates(N)))
    assert _read(store, BOUNDARY_STEPS).empty
    with store.begin(ACTOR) as work:
        assert history(work, next(iter(_read(store).index))).empty
