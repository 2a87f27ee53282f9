"""``wuyetu bundle`` in all ways and with limits, and ``wuyetu frontier``: what they answer, keep and refuse."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cli_city import City, copy_of

from data.store import Actor, Role, open_store
from planning import bundle_versions, runs

ACTOR = Actor(os.environ.get("USER") or "命令行", Role.ADMIN)
"""Who the command line says that it is: nobody undoes what another one did."""
DAY = ("--on", "2026-11-01")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> City:
    city = City(tmp_path_factory.mktemp("bundles"))
    city.ask("demo", city.input, "--estates", "60", "--seed", "1")
    city.ask("load", city.input, "--city", "demo")
    return city


@pytest.fixture
def city(loaded: City, tmp_path: Path) -> City:
    return copy_of(loaded, tmp_path)


@pytest.mark.parametrize("way", ["service", "anchor", "audit", "regions"])
def test_each_way_is_stored_beside_the_others_and_checked(city: City, way: str) -> None:
    city.ask("bundle", *DAY)
    answer = city.ask("bundle", "--way", way, *DAY)
    assert answer.code == 0
    assert answer.body["settings"]["way"] == way
    assert answer.body["proven"] is True
    with open_store(f"sqlite:///{city.store}") as store:
        service, own = (runs.stored_bundles(store, ACTOR, one) for one in ("service", way))  # type: ignore[arg-type]
    assert service is not None
    assert own is not None
    assert own.value.settings.way == way
    assert city.ask("check", *DAY).body["violations"] == []


def test_limits_on_the_command_line_take_the_place_of_the_citys(city: City) -> None:
    given = ("--radius", "900", "--min-households", "120", "--max-households", "800", "--compact", "both")
    settings = city.ask("bundle", *given, "--viability", "money", "--mode", "near", *DAY).body["settings"]
    assert (settings["radius_m"], settings["min_households"], settings["max_households"]) == (900.0, 120, 800)
    assert (settings["compact"], settings["viability"], settings["mode"]) == ("both", "money", "near")
    assert city.ask("check", *DAY).body["violations"] == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--min-households", "900", "--max-households", "300"), "最少户数 900 大于最多户数 300"),
        (("--min-households", "99999"), "大于最多户数"),
        (("--way", "audit", "--viability", "money"), "没有成本表"),
        (("--way", "nonsense"), "nonsense"),
        (("--radius", "0"), "超出范围"),
        (("--radius", "-5"), "超出范围"),
    ],
)
def test_limits_without_sense_change_nothing(city: City, given: tuple[str, ...], told: str) -> None:
    before = city.content()
    answer = city.ask("bundle", *given, *DAY)
    assert answer.code == 2
    assert told in answer.said
    assert city.content() == before


def test_no_time_still_gives_a_valid_plan_with_an_honest_bound(city: City) -> None:
    answer = city.ask("bundle", "--seconds", "0", *DAY)
    assert answer.code == 0
    assert answer.body["bound"] >= answer.body["households_covered"]
    assert city.ask("check", *DAY).body["violations"] == []


def test_a_second_solve_can_be_undone(city: City) -> None:
    first = city.ask("bundle", *DAY).body
    city.ask("bundle", "--radius", "1200", *DAY)
    with open_store(f"sqlite:///{city.store}") as store:
        assert bundle_versions.can_undo(store, ACTOR, "service")
        back = runs.stored_bundles(store, ACTOR)
        assert back is not None
        bundle_versions.undo(store, ACTOR, "service", now=back.created_at)
        again = runs.stored_bundles(store, ACTOR)
    assert again is not None
    assert again.value.settings.radius_m == first["settings"]["radius_m"]
    assert [one.bundle_id for one in again.value.bundles] == [one["bundle_id"] for one in first["bundles"]]


def test_the_frontier_gives_its_solved_points_and_stores_nothing(city: City) -> None:
    before = city.content()
    answer = city.ask("frontier", "--axis", "radius", "--values", "300,600，1200", *DAY)
    assert answer.code == 0
    assert [point["value"] for point in answer.body["points"]] == [300.0, 600.0, 1200.0]
    covered = [point["households"] for point in answer.body["points"]]
    assert covered == sorted(covered)
    assert all(point["proven"] and point["bound"] == point["households"] for point in answer.body["points"])
    assert city.content() == before
    plan = city.ask("bundle", "--radius", "600", *DAY).body
    assert plan["households_covered"] == covered[1]


@pytest.mark.parametrize("values", ["300,x", "-1", "0", ",".join(str(n) for n in range(1, 70))])
def test_values_without_sense_are_refused(city: City, values: str) -> None:
    assert city.ask("frontier", "--values", values, *DAY).code == 2


def test_a_frontier_without_time_asks_for_a_person(city: City) -> None:
    answer = city.ask("frontier", "--seconds", "0", *DAY)
    assert answer.code == 1
    assert answer.body["complete"] is False
    assert len(answer.body["points"]) == 1
