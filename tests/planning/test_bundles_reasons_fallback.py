"""Estates in no bundle: what keeps the nearest from joining, and the way that the profile has for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from data.profile import FallbackWay
from geo.barrier_lines import Terrain
from geo.barriers import ALLOWED, BY_BARRIER, BY_RADIUS, nearest_pairs
from planning.bundles.candidates.sort import sort_candidates
from planning.bundles.reasons.explain import Reason
from planning.bundles.reasons.fallback import fallback_list
from planning.bundles.reasons.neighbours import nearest
from planning.bundles.settings import BundleSettings, Way
from planning.bundles.types import Fallback, FallbackKind, Wish
from planning.bundles.words import FORBIDDEN_WORDS, KIND_WORDS
from planning.coverage import estate_states
from tests.planning.bundle_cases import NO_WAYS, wish
from tests.strategies import BASIS, at, make_estates, make_profile, make_settings, make_ways

SMALL = {"households": 60, "floor_area_m2": 5000.0}


def neighbours(
    estates: pd.DataFrame, settings: BundleSettings, wanted: str = "E000", wishes: tuple[Wish, ...] = (), **bundles: str
) -> list[tuple[str, str | None]]:
    """Nearest estates of one and the rule that forbids each; ``bundles``: estate → bundle."""
    states = estate_states(estates, make_profile()).to_dict()
    found = sort_candidates(estates, states, estates[["lon", "lat"]], settings)
    frame = pd.concat([found.frame, found.refused]) if len(found.refused) else found.frame
    terrain = Terrain.from_ways(NO_WAYS, settings.barriers)
    near = nearest([wanted], frame, terrain, settings, bundles, wishes)[wanted]
    assert [one.distance_m for one in near] == sorted(one.distance_m for one in near)
    return [(one.estate_id, one.forbidden_by) for one in near]


def line(*rows: dict[str, object]) -> pd.DataFrame:
    """Estates every 100 m."""
    return make_estates([{**SMALL, "xy": (100 * k, 0), **row} for k, row in enumerate(rows)])


def test_five_nearest_with_the_rule_that_forbids_each() -> None:
    estates = line(
        {"year_built": 1990, "fee_yuan_m2": 0.5},
        {"year_built": 2001},
        {"fee_yuan_m2": 1.1},
        {"street_id": "S2"},
        {"consent": "no"},
        {},
        {},
    )
    settings = make_settings(age_breaks=(2000,))
    assert neighbours(estates, settings) == [
        ("E001", "age"),
        ("E002", "fee"),
        ("E003", "unit"),
        ("E004", "consent"),
        ("E005", "radius"),
    ]


def test_what_planners_fixed_or_parted_cannot_be_joined() -> None:
    estates = line({}, {}, {}, {"grid_id": "G1"}, {}, {"grid_id": "G1"})
    settings = make_settings(radius_m=900.0, keep_grids=True)
    wishes = (wish("fix", "E001", "E002"), wish("apart", "E000", "E004"))
    assert neighbours(estates, settings, wishes=wishes) == [
        ("E001", "wish"),
        ("E002", "wish"),
        ("E003", None),
        ("E004", "wish"),
        ("E005", None),
    ]
    assert neighbours(estates, settings, "E003", E005="B001", E004="B002", E002="B001")[:3] == [
        ("E002", None),
        ("E004", "grid"),
        ("E001", None),
    ]


def test_chain_asks_for_a_neighbour_not_for_a_medoid() -> None:
    estates = line({}, {}, {})
    settings = make_settings(compact="chain", radius_m=5000.0, neighbour_m=150.0)
    assert neighbours(estates, settings) == [("E001", None), ("E002", "radius")]


def test_with_anchors_only_these_are_told() -> None:
    managed = {"service_form": 1, "company": "安心物业", "households": 500, "floor_area_m2": 40_000.0}
    estates = line({}, {}, {**managed, "households": 400}, {}, managed, {**managed, "households": 90})
    settings = make_settings(
        way="anchor", radius_m=900.0, anchor_min_households=100, anchor_share=0.12, max_households=5000
    )
    assert neighbours(estates, settings) == [("E002", "room"), ("E004", None)]


def test_nearest_among_some_places_only() -> None:
    lon, lat = (np.array([at(x, 0)[k] for x in (0, 100, 200, 900, -300)]) for k in (0, 1))
    river = make_ways([{"kind": "river", "geometry": LineString([at(-200, -900), at(-200, 900)])}])
    pairs = nearest_pairs(lon, lat, [0, 1], 2, 500.0, Terrain.from_ways(river, ("river",)), [2, 3, 4])
    assert list(zip(pairs.i, pairs.j, pairs.verdict, strict=True)) == [
        (0, 2, ALLOWED),
        (0, 4, BY_BARRIER),
        (1, 2, ALLOWED),
        (1, 4, BY_BARRIER),
    ]
    one = nearest_pairs(lon, lat, [0], 5, 500.0, Terrain.from_ways(NO_WAYS, ()), [3])
    assert list(zip(one.i, one.j, one.verdict, strict=True)) == [(0, 3, BY_RADIUS)]
    none = nearest_pairs(lon, lat, [0], 5, 500.0, Terrain.from_ways(NO_WAYS, ()), [])
    assert len(none) == 0


# ------------------------------------------------------------------------------------------------------------- ways

WAYS = (
    FallbackWay("own", "自办物业", {"service_form": (4,)}, "原由业主自管", replace(BASIS, quote="有继续管理意愿的")),
    FallbackWay(
        "state",
        "国有兜底",
        {},
        "其余小区",
        replace(BASIS, quote="由国有物业企业兜底"),
        {"no_market": "暂不具备条件", "no_bidder": "无法确定企业"},
    ),
    FallbackWay("centre", "社区中心承揽", {"service_form": (5,)}, "", BASIS),
)


def ended(kind: FallbackKind, *, form: int = 5, way: Way = "service", ways: tuple[FallbackWay, ...] = WAYS) -> Fallback:
    estates = make_estates([{**SMALL, "xy": (0, 0), "service_form": form}])
    profile = make_profile(fallback_ways=ways)
    states = estate_states(estates, profile).to_dict()
    (one,) = fallback_list({"E000": Reason(kind, "原因", ("E9",))}, {}, estates, states, profile, way)
    assert (one.reason, one.displaces, one.kind) == ("原因", ("E9",), kind)
    return one


@pytest.mark.parametrize(
    ("kind", "case"),
    [
        ("no_neighbour", "暂不具备条件"),
        ("too_few_households", "暂不具备条件"),
        ("too_little_income", "暂不具备条件"),
        ("no_room", "暂不具备条件"),
        ("no_combination", "暂不具备条件"),
        ("left_over", "无法确定企业（须先招标）"),
        ("refused", "无法确定企业（须先招标）"),
        ("left_out", "无法确定企业（须先招标）"),
    ],
)
def test_way_tells_which_of_the_papers_two_cases_it_is(kind: FallbackKind, case: str) -> None:
    one = ended(kind)
    assert one.way_id == "state"
    assert one.way == f"国有兜底（其余小区；情形：{case}）；另可选用：社区中心承揽"
    assert one.quote == "由国有物业企业兜底"


def test_first_way_that_fits_is_proposed_and_unknown_facts_come_first() -> None:
    own = ended("no_neighbour", form=4)
    assert (own.way_id, own.quote) == ("own", "有继续管理意愿的")
    assert own.way == "自办物业（原由业主自管）；另可选用：国有兜底"
    for kind in ("unknown_state", "no_households", "no_position", "no_fee", "no_income"):
        one = ended(kind)  # type: ignore[arg-type]
        assert (one.way_id, one.way, one.quote) == ("verify", "先核实并补齐台账，再定服务方式", "")
    none = ended("no_neighbour", ways=(WAYS[0],))
    assert (none.way_id, none.way, none.quote) == ("", "", "")


@pytest.mark.parametrize("way", ["audit", "regions"])
def test_who_is_not_to_be_served_needs_no_way(way: Way) -> None:
    assert (ended("no_neighbour", way=way).way_id, ended("exempt", way=way).way) == ("", "")
    assert ended("no_income", way=way).way == "先核实并补齐台账"


def test_every_kind_and_rule_has_words() -> None:
    assert set(KIND_WORDS) == set(FallbackKind.__args__)  # type: ignore[attr-defined]
    assert all(FORBIDDEN_WORDS.values())
