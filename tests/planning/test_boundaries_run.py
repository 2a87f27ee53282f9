"""Boundaries of a whole town from words and points: what comes into force, what waits, and that it stays so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from data.boundaries import accept, draw, put_boundaries, withdraw
from data.schemas import BOUNDARIES, BOUNDARY_PROPOSALS, ESTATES, LAND, REGIONS, UNITS, WAYS
from data.store import Actor, Role, Store, open_store
from geo.blocks.confidence import Verdict
from geo.blocks.features import NAMES
from geo.blocks.model import Model, StepModel
from geo.blocks.scores import overlap
from geo.errors import InputError
from geo.progress import Stopped
from planning.boundaries import BoundaryRun, at_stake, run, stored_model
from planning.boundaries.running import chosen_by_person
from tests.geo.grid_town import LEVEL, UPRIGHT, grid_ways, sides_text, square
from tests.strategies import at

ACTOR = Actor("张工", Role.PLANNER)
NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
LATER = datetime(2026, 11, 2, 8, tzinfo=UTC)


@cache
def _sure() -> Model:
    """Trusts every candidate that no hard rule forbids and whose area fits."""
    flat = (0.0,) * len(NAMES)
    weight = tuple(-6.0 if name == "area_off" else 0.0 for name in NAMES)
    steps = tuple(StepModel(k, flat, (1.0,) * len(NAMES), weight, 4.0, 0.9 if k < 2 else None) for k in range(5))
    return Model(NAMES, steps, 100, 50, 1, "2026-01-01", "any")


def _estate(estate_id: str, i: float, j: float, **more: object) -> dict[str, object]:
    """In the middle of square i, j, with the words and area of that square unless told otherwise."""
    lon, lat = at((i + 0.5) * 200, (j + 0.5) * 200)
    words = sides_text(int(i), int(j))
    row: dict[str, object] = {
        "estate_id": estate_id, "name": f"{estate_id}小区", "region_id": "R1", "street_id": "S1", "households": 100,
        "consent": "unknown", "lon": lon, "lat": lat, "land_area_m2": 36_000.0, "four_sides": words, "service_form": None,
    }  # fmt: skip
    return {**row, **more}


ESTATE_ROWS = (
    _estate("A", 1, 1),
    _estate("B", 3, 1, four_sides=f"东至{UPRIGHT[4]}，南至{LEVEL[1]}，西至{UPRIGHT[3]}，北至规划道路"),
    _estate("C", 5, 1),
    _estate("D", 5.2, 1.2),
    _estate("E", 1, 4, four_sides=None),
    _estate("F", 3, 4, four_sides=None, lon=None, lat=None),
    _estate("G", 5, 4, street_id="S2"),
    _estate("H", 1, 6, land_area_m2=9_000.0),
    _estate("K", 3, 6, four_sides="东至无名甲，南至无名乙，西至无名丙，北至无名丁"),
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town's store, made once."""
    path = tmp_path_factory.mktemp("town") / "store.db"
    with open_store(f"sqlite:///{path}") as one, one.begin(ACTOR, write=True) as work:
        work.put(UNITS, UNITS.frame([_unit("S1", "一街"), _unit("S2", "二街")]))
        work.put(REGIONS, REGIONS.frame([{"region_id": "R1", "name": "区域"}]))
        work.put(ESTATES, ESTATES.frame([dict(row) for row in ESTATE_ROWS]))
        work.put(WAYS, grid_ways(9))
    return path


@pytest.fixture
def store(town: Path, tmp_path: Path) -> Iterator[Store]:
    for file in town.parent.iterdir():
        shutil.copy(file, tmp_path / file.name)
    with open_store(f"sqlite:///{tmp_path}/store.db") as one:
        yield one


def _unit(unit_id: str, name: str) -> dict[str, object]:
    return {"unit_id": unit_id, "name": name, "kind": "street", "geometry": square(0, 0, 8, 8)}


def _run(store: Store, **more: object) -> BoundaryRun:
    options: dict[str, object] = {"now": NOW, "model": _sure(), **more}
    return run(store, ACTOR, **options)  # type: ignore[arg-type]


def _by_id(found: BoundaryRun) -> Mapping[str, object]:
    return {estate.estate_id: estate for estate in found.estates}


def _read(store: Store, table: object) -> pd.DataFrame:
    with store.begin(ACTOR) as work:
        return work.read(table)  # type: ignore[arg-type]


def test_every_estate_has_an_outcome_with_its_reason(store: Store) -> None:
    found = _by_id(_run(store))
    outcomes = {i: e.outcome.value for i, e in found.items()}
    assert outcomes == {
        "A": "accepted", "B": "look", "C": "look", "D": "look", "E": "look", "F": "cannot", "G": "accepted", "H": "look",
        "K": "cannot",
    }  # fmt: skip
    why = {i: "；".join(e.why) for i, e in found.items()}
    assert "北侧“规划道路”" in why["B"]
    assert "与“D小区”的四至是同一块地" in why["C"] and "与“C小区”的四至是同一块地" in why["D"]
    assert "按坐标所在的街区推算" in why["E"]
    assert why["F"] == "没有四至文字，也没有坐标"
    assert why["H"]  # a quarter of its block: which quarter, no words tell
    assert "没有一个名称" in why["K"]
    assert found["A"].why == ()


def test_what_is_accepted_comes_into_force_with_model_and_confidence(store: Store) -> None:
    found = _run(store)
    rows = _read(store, BOUNDARIES)
    assert list(rows.index) == ["A", "G"]
    assert overlap(rows.geometry["A"], square(1, 1)) > 0.7
    assert set(rows["source"]) == {"text"} and set(rows["model"]) == {_sure().version}
    assert rows["confidence"].tolist() == [e.confidence for i, e in sorted(_by_id(found).items()) if i in ("A", "G")]
    assert found.changed == {"proposals": len(found.proposals), "boundaries": 2}


def test_candidates_are_kept_for_the_person_who_looks(store: Store) -> None:
    _run(store)
    rows = _read(store, BOUNDARY_PROPOSALS)
    first = rows[rows["rank"] == 0].set_index("estate_id")
    assert set(first.index) == {"A", "B", "C", "D", "E", "F", "G", "H", "K"}
    assert first["outcome"]["K"] == "cannot" and first.geometry["K"] is None
    sides = {side["side"]: side for side in first["evidence"]["B"]["sides"]}
    assert sides["east"]["matches"][0]["name"] == UPRIGHT[4] and not sides["north"]["chosen"]
    assert overlap(first.geometry["B"], square(3, 1)) > 0.6
    assert pd.isna(first["confidence"]["E"]) and overlap(first.geometry["E"], square(1, 4)) > 0.99
    shapes = rows.geometry[rows.geometry.notna()]
    assert shapes.is_valid.all()


def test_a_second_run_changes_nothing(store: Store) -> None:
    first = _run(store)
    before = [_read(store, table).to_json() for table in (BOUNDARIES, BOUNDARY_PROPOSALS)]
    second = _run(store, now=LATER)
    assert second.changed == {"proposals": 0, "boundaries": 0}
    assert [_read(store, table).to_json() for table in (BOUNDARIES, BOUNDARY_PROPOSALS)] == before
    assert second.estates == first.estates


def test_a_street_alone_leaves_the_others_as_they_are(store: Store) -> None:
    found = _run(store, street_id="S2")
    assert [e.estate_id for e in found.estates] == ["G"]
    assert list(_read(store, BOUNDARIES).index) == ["G"]
    with pytest.raises(InputError, match="没有编号"):
        _run(store, street_id="nowhere")


def test_surveyed_ground_is_not_asked_for_and_cannot_be_claimed(store: Store) -> None:
    surveyed = {"estate_id": "D", "source": "survey", "geometry": square(5, 1, inset_m=10)}
    with store.begin(ACTOR, write=True) as work:
        put_boundaries(work, [surveyed], cause="导入", now=NOW)
    found = _by_id(_run(store))
    assert "D" not in found
    assert found["C"].outcome is Verdict.LOOK and any("与已有边界的“D小区”重叠" in why for why in found["C"].why)


def test_what_a_person_decided_stays(store: Store) -> None:
    _run(store)
    with store.begin(ACTOR, write=True) as work:
        withdraw(work, "A", "不对", LATER)
        rows = work.read(BOUNDARY_PROPOSALS)
        accept(work, [str(rows.index[(rows["estate_id"] == "B") & (rows["rank"] == 0)][0])], now=LATER)
        draw(work, "G", square(5, 4, inset_m=20), now=LATER, reason="现场看过")
    found = _by_id(_run(store, now=LATER))
    assert found["A"].outcome is Verdict.LOOK and found["A"].why[-1] == "人工撤换过这样的边界，没有自动采用"
    assert "B" not in found and "G" not in found
    boundaries = _read(store, BOUNDARIES)
    assert sorted(boundaries.index) == ["B", "G"] and boundaries["source"]["G"] == "drawn"
    with store.begin(ACTOR) as work:
        assert chosen_by_person(work) == {"B", "G"}


def test_an_automatic_boundary_that_no_longer_holds_stays_until_a_person_looks(store: Store) -> None:
    _run(store)
    with store.begin(ACTOR, write=True) as work:
        work.put(ESTATES, ESTATES.frame([_estate("A", 1, 1, land_area_m2=5_000.0)]))
    found = _by_id(_run(store, now=LATER))
    assert found["A"].outcome is Verdict.LOOK and found["A"].why[-1] == "现有的自动边界仍然有效，请一并复核"
    assert "A" in _read(store, BOUNDARIES).index


def test_residential_land_round_a_point_comes_before_the_block(store: Store) -> None:
    lot = {"land_id": 1, "kind": "residential", "geometry": square(1, 4, inset_m=10)}
    with store.begin(ACTOR, write=True) as work:
        work.put(LAND, LAND.frame([lot]))
    found = _by_id(_run(store))
    assert found["E"].outcome is Verdict.LOOK and found["E"].confidence is None
    assert found["E"].why == ("没有四至文字，按坐标所在的住宅用地推算",)
    first = _read(store, BOUNDARY_PROPOSALS).query("estate_id == 'E'").sort_values("rank")
    assert overlap(first.geometry.iloc[0], square(1, 4, inset_m=10)) > 0.99
    assert overlap(first.geometry.iloc[1], square(1, 4)) > 0.99


def test_ground_of_others_is_cut_from_what_a_point_gives(store: Store) -> None:
    surveyed = {"estate_id": "G", "source": "survey", "geometry": square(1, 4).intersection(_west_of(300))}
    with store.begin(ACTOR, write=True) as work:
        put_boundaries(work, [surveyed], cause="导入", now=NOW)
        work.put(ESTATES, ESTATES.frame([_estate("E", 1.3, 4, four_sides=None)]))
    _run(store)
    shapes = _read(store, BOUNDARY_PROPOSALS).query("estate_id == 'E'").geometry
    assert shapes.iloc[0].intersection(surveyed["geometry"]).area < 1e-12


def _west_of(x_m: float) -> shapely.Polygon:
    return shapely.Polygon([at(0, 0), at(x_m, 0), at(x_m, 2000), at(0, 2000)])


def test_the_model_is_fitted_once_and_again_only_for_other_ways(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[int] = []

    def fake(city: object, found: object, *, seed: int, on: object, progress: object) -> Model:
        from dataclasses import replace

        from geo.blocks.fitting import ways_key

        fitted.append(seed)
        return replace(_sure(), ways_key=ways_key(city.ways), seed=seed)  # type: ignore[attr-defined]

    monkeypatch.setattr("planning.boundaries.running.fit_model", fake)
    for _ in range(2):
        _run(store, model=None)
    assert fitted == [1]
    _run(store, model=None, seed=2)
    assert fitted == [1, 2]
    with store.begin(ACTOR, write=True) as work:
        work.remove(WAYS, [0], "试验")
    _run(store, model=None, seed=2)
    assert fitted == [1, 2, 2]
    with store.begin(ACTOR) as work:
        known = stored_model(work)
    assert known is not None and known.version == _sure().version


def test_a_town_that_is_too_small_accepts_nothing_and_says_why(store: Store) -> None:
    with store.begin(ACTOR, write=True) as work:
        kept = set(grid_ways(9).query("name in @UPRIGHT[:4] or name in @LEVEL[:4]").index)
        work.remove(WAYS, [i for i in grid_ways(9).index if i not in kept], "试验")
    found = _run(store, model=None)
    assert found.accepted == 0 and found.model is not None and not found.model.fitted
    assert "可用街区" in found.notes[0]
    assert any("可用街区" in why for why in _by_id(found)["A"].why)


def test_a_stopped_run_changes_nothing(store: Store) -> None:
    class Stop:
        stopped = True

        def update(self, share: float, text: str) -> None: ...

    with pytest.raises(Stopped):
        _run(store, progress=Stop())
    assert _read(store, BOUNDARY_PROPOSALS).empty and _read(store, BOUNDARIES).empty


def test_readers_may_not_run_it(store: Store) -> None:
    with pytest.raises(InputError, match="只能查看"):
        run(store, Actor("领导", Role.LEADER), now=NOW, model=_sure())


def test_a_store_without_estates_is_refused(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/empty.db") as empty, pytest.raises(InputError, match="还没有小区"):
        run(empty, ACTOR, now=NOW)


def test_a_city_without_ways_can_do_nothing_but_says_so(store: Store) -> None:
    with store.begin(ACTOR, write=True) as work:
        work.remove(WAYS, list(grid_ways(9).index), "试验")
    found = _run(store)
    assert found.accepted == 0 and found.cannot == len(found.estates)


def test_a_city_without_ways_and_positions_is_refused(store: Store) -> None:
    with store.begin(ACTOR, write=True) as work:
        work.remove(WAYS, list(grid_ways(9).index), "试验")
        work.remove(ESTATES, [str(row["estate_id"]) for row in ESTATE_ROWS], "试验")
        work.put(ESTATES, ESTATES.frame([_estate("A", 1, 1, lon=None, lat=None)]))
    with pytest.raises(InputError, match="没有道路，小区也都没有坐标"):
        _run(store)


def test_without_a_ledgers_area_homes_must_speak_for_the_block(store: Store) -> None:
    names = {"东": UPRIGHT[7], "南": LEVEL[1], "西": UPRIGHT[6], "北": LEVEL[2]}
    words = "，".join(f"{side}至{name}道路红线" for side, name in names.items())
    few, many = (
        _estate(i, 6, 1, four_sides=words, land_area_m2=None, households=n) for i, n in (("P", 100), ("Q", 900))
    )
    for row, outcome in ((few, Verdict.LOOK), (many, Verdict.ACCEPTED)):
        with store.begin(ACTOR, write=True) as work:
            work.put(ESTATES, ESTATES.frame([row]))
        estate = next(e for e in _run(store).estates if e.estate_id == row["estate_id"])
        assert estate.outcome is outcome and ("每户用地" in "".join(estate.why)) is (outcome is Verdict.LOOK)
        with store.begin(ACTOR, write=True) as work:
            work.remove(ESTATES, [str(row["estate_id"])], "试验")


def test_the_json_holds_what_the_command_promises(store: Store) -> None:
    found = _run(store)
    body = json.loads(json.dumps(found.as_dict(), ensure_ascii=False))
    assert body["accepted"] + body["look"] + body["cannot"] == len(body["estates"]) == 9
    assert {"id", "confidence", "outcome", "why"} <= set(body["estates"][0])


def test_the_most_at_stake_comes_first(store: Store) -> None:
    with store.begin(ACTOR, write=True) as work:
        work.put(ESTATES, ESTATES.frame([_estate("B", 3, 1, four_sides="东至解放路", households=5_000)]))
    found = _run(store)
    assert found.estates[0].estate_id == "B"
    stakes = [e.stake for e in found.estates]
    assert stakes == sorted(stakes, reverse=True)


def test_stake_is_households_times_doubt() -> None:
    rows = [
        _estate("A", 1, 1),
        _estate("B", 1, 1, households=None),
        _estate("C", 1, 1, households=None, land_area_m2=None),
    ]
    stake = at_stake(ESTATES.frame(rows), pd.Series({"A": 0.9, "B": 0.5}))
    assert stake.tolist() == pytest.approx([10.0, 0.5 * 3.6 * 120, 50.0])
    assert np.isfinite(at_stake(ESTATES.empty(), pd.Series(dtype=float))).all()
