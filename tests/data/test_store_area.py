"""What an actor of one unit sees and may change, and what masked columns show."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import shapely

from data.masking import mask_extra, mask_mobiles, mask_person
from data.schemas import BOUNDARIES, CALENDAR, CASES, ESTATES, GATES, REGIONS, TEAMS, UNITS, WAYS, Table
from data.store import Actor, Role, Store, open_store
from geo.errors import InputError

ADMIN = Actor("admin", Role.ADMIN)
STREET = Actor("street clerk", Role.PLANNER, "S1")
COMMUNITY = Actor("community clerk", Role.PLANNER, "V1")
COUNTY = Actor("county clerk", Role.PLANNER, "C1")

_TEAM = {
    "n_people": 2,
    "depot_name": "大厅",
    "depot_lon": 112.0,
    "depot_lat": 30.0,
    "starts_s": 30600,
    "ends_s": 63000,
    "lunch_s": 3600,
    "lunch_from_s": 41400,
    "lunch_to_s": 46800,
}


def _unit(unit_id: str, kind: str, parent_id: str | None) -> dict[str, object]:
    return {"unit_id": unit_id, "name": unit_id, "kind": kind, "parent_id": parent_id}


def _estate(number: int, street: str | None, community: str | None, county: str) -> dict[str, object]:
    return {
        "estate_id": f"E{number}",
        "name": f"小区{number}",
        "region_id": f"R{number}",
        "county_id": county,
        "street_id": street,
        "community_id": community,
        "consent": "unknown",
        "manager": "王某某",
        "extra": {"联系电话": "13900000000", "备注": "电话13900000001", "层数": 6},
    }


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """County C1 with the streets S1 (communities V1, V2) and S2, C2 with S3; one estate in each of V1, V2, S2, S3."""
    path = tmp_path_factory.mktemp("area") / "store.db"
    with open_store(f"sqlite:///{path}") as opened, opened.begin(ADMIN, write=True) as work:
        work.put(
            UNITS,
            UNITS.frame(
                [
                    _unit("C1", "county", None),
                    _unit("C2", "county", None),
                    _unit("S1", "street", "C1"),
                    _unit("S2", "street", "C1"),
                    _unit("S3", "street", "C2"),
                    _unit("V1", "community", "S1"),
                    _unit("V2", "community", "S1"),
                ]
            ),
        )
        work.put(
            REGIONS,
            REGIONS.frame(
                [
                    {"region_id": "R1", "name": "一", "street_id": "S1"},
                    {"region_id": "R2", "name": "二", "street_id": "S1"},
                    {"region_id": "R3", "name": "三", "street_id": "S2"},
                    {"region_id": "R4", "name": "四"},
                ]
            ),
        )
        estates = [
            _estate(1, "S1", "V1", "C1"),
            _estate(2, None, "V2", "C1"),
            _estate(3, "S2", None, "C1"),
            _estate(4, "S3", None, "C2"),
        ]
        work.put(ESTATES, ESTATES.frame(estates))
        gate = {"lon": 112.0, "lat": 30.0, "main": True}
        work.put(GATES, GATES.frame([gate | {"gate_id": f"G{i}", "estate_id": f"E{i}"} for i in (1, 2, 3, 4)]))
        square = {"source": "survey", "geometry": shapely.box(112, 30, 112.01, 30.01)}
        work.put(BOUNDARIES, BOUNDARIES.frame([square | {"estate_id": f"E{i}"} for i in (1, 4)]))
        work.put(
            CASES,
            CASES.frame(
                [
                    {"case_id": "K1", "project_name": "一", "estate_id": "E1", "closed": False},
                    {"case_id": "K2", "project_name": "二", "street_id": "S1", "closed": False},
                    {"case_id": "K3", "project_name": "三", "street_id": "S2", "closed": True},
                    {
                        "case_id": "K4",
                        "project_name": "四",
                        "closed": False,
                        "responsible": "住建局 李某",
                        "content": "请打13900000000",
                    },
                ]
            ),
        )
        work.put(
            TEAMS,
            TEAMS.frame(
                [
                    _TEAM | {"team_id": "T1", "name": "一组", "unit_ids": ["S1"]},
                    _TEAM | {"team_id": "T2", "name": "二组", "unit_ids": ["S3"]},
                    _TEAM | {"team_id": "T3", "name": "三组", "unit_ids": []},
                    _TEAM | {"team_id": "T4", "name": "四组", "unit_ids": ["C1"]},
                ]
            ),
        )
        way = {"way_id": 1, "kind": "road", "oneway": 0, "bridge": False, "tunnel": False}
        work.put(WAYS, WAYS.frame([way | {"geometry": shapely.LineString([(112, 30), (112.1, 30)])}]))
    return path


@pytest.fixture
def store(tmp_path: Path, template: Path) -> Iterator[Store]:
    shutil.copy(template, tmp_path / "store.db")
    with open_store(f"sqlite:///{tmp_path}/store.db") as opened:
        yield opened


def _ids(store: Store, table: Table, actor: Actor) -> list[str]:
    with store.begin(actor) as work:
        return list(work.read(table).index)


@pytest.mark.parametrize(
    ("actor", "table", "expected"),
    [
        (STREET, ESTATES, ["E1", "E2"]),
        (COMMUNITY, ESTATES, ["E1"]),
        (COUNTY, ESTATES, ["E1", "E2", "E3"]),
        (ADMIN, ESTATES, ["E1", "E2", "E3", "E4"]),
        (Actor("x", Role.PLANNER, "nowhere"), ESTATES, []),
        (STREET, GATES, ["G1", "G2"]),
        (STREET, BOUNDARIES, ["E1"]),
        (STREET, REGIONS, ["R1", "R2"]),
        (COMMUNITY, REGIONS, ["R1"]),
        (Actor("x", Role.PLANNER, "S3"), REGIONS, ["R4"]),
        (STREET, CASES, ["K1", "K2"]),
        (COUNTY, CASES, ["K1", "K2", "K3"]),
        (STREET, UNITS, ["C1", "S1", "V1", "V2"]),
        (COMMUNITY, UNITS, ["C1", "S1", "V1"]),
        (STREET, TEAMS, ["T1", "T3", "T4"]),
        (STREET, WAYS, [1]),
    ],
)
def test_an_actor_sees_its_own_area(store: Store, actor: Actor, table: Table, expected: list[object]) -> None:
    assert _ids(store, table, actor) == expected


def test_units_in_a_ring_do_not_hang(store: Store) -> None:
    with store.begin(ADMIN, write=True) as work:
        work.put(UNITS, pd.DataFrame({"parent_id": ["V1"]}, index=["S1"]))
    assert _ids(store, UNITS, STREET) == ["S1", "V1", "V2"]


@pytest.mark.parametrize(
    ("table", "frame"),
    [
        (ESTATES, pd.DataFrame({"households": [5]}, index=["E3"])),
        (ESTATES, pd.DataFrame({"street_id": ["S1"]}, index=["E4"])),
        (ESTATES, pd.DataFrame({"street_id": ["S2"], "community_id": ["V9"]}, index=["E1"])),
        (ESTATES, ESTATES.frame([_estate(9, "S2", None, "C1")])),
        (GATES, pd.DataFrame({"estate_id": ["E3"]}, index=["G1"])),
        (UNITS, pd.DataFrame({"parent_id": ["C2"]}, index=["S1"])),
        (UNITS, pd.DataFrame({"parent_id": ["S1"]}, index=["S2"])),
        (UNITS, UNITS.frame([_unit("S9", "street", "C1")])),
        (TEAMS, pd.DataFrame({"name": ["新"]}, index=["T3"])),
        (TEAMS, pd.DataFrame({"unit_ids": [["S1", "S2"]]}, index=["T1"])),
        (WAYS, pd.DataFrame({"name": ["新路"]}, index=[1])),
        (CALENDAR, CALENDAR.frame([{"day": pd.Timestamp("2027-02-08").date(), "working": False}])),
    ],
)
def test_changes_outside_the_own_area_are_refused_whole(store: Store, table: Table, frame: pd.DataFrame) -> None:
    before = store.stamp
    with pytest.raises(InputError, match="不在您负责的范围内"), store.begin(STREET, write=True) as work:
        work.put(ESTATES, pd.DataFrame({"households": [7]}, index=["E1"]))
        work.put(table, frame)
    assert store.stamp == before
    with store.begin(ADMIN) as work:
        assert pd.isna(work.read(ESTATES).loc["E1", "households"])


def test_changes_inside_the_own_area_are_taken(store: Store) -> None:
    with store.begin(STREET, write=True) as work:
        work.put(UNITS, UNITS.frame([_unit("V3", "community", "S1")]))
        work.put(ESTATES, ESTATES.frame([_estate(9, "S1", "V3", "C1")]))
        work.put(ESTATES, pd.DataFrame({"community_id": ["V2"]}, index=["E1"]))
        work.put(TEAMS, pd.DataFrame({"unit_ids": [["V1", "V2"]]}, index=["T1"]))
        assert work.remove(ESTATES, ["E2"], "撤销") == 1
    assert _ids(store, ESTATES, STREET) == ["E1", "E9"]
    with store.begin(STREET) as work:
        log = work.audit(100)
    assert set(log["person"]) == {"street clerk"} and set(log["unit_id"]) == {"S1"}


def test_removal_outside_and_settings_are_refused(store: Store) -> None:
    with pytest.raises(InputError, match="不在您负责的范围内"), store.begin(STREET, write=True) as work:
        work.remove(ESTATES, ["E1", "E4"], "误删")
    with pytest.raises(InputError, match="全市"), store.begin(STREET, write=True) as work:
        work.set_setting("profile", "x")
    assert _ids(store, ESTATES, ADMIN) == ["E1", "E2", "E3", "E4"]


def test_results_belong_to_the_area_they_were_made_for(store: Store) -> None:
    with store.begin(STREET, write=True) as work:
        own = work.save_document("coverage", "", {"rate": 1})
        work.record_load([{"file": "街道.xlsx"}], [], {})
    with store.begin(ADMIN, write=True) as work:
        assert work.document("coverage") is None and work.last_load() is None
        assert work.document_by_id(own) is None
        work.save_document("coverage", "", {"rate": 0.5})
    with store.begin(STREET) as work:
        document = work.document("coverage")
        assert document is not None and document.id == own and len(work.documents("coverage")) == 1


def test_an_estate_takes_its_gates_and_boundary_along_and_its_cases_stay(store: Store) -> None:
    with store.begin(ADMIN, write=True) as work:
        assert work.remove(ESTATES, ["E1"], "拆除") == 1
    assert _ids(store, GATES, ADMIN) == ["G2", "G3", "G4"]
    assert _ids(store, BOUNDARIES, ADMIN) == ["E4"]
    with store.begin(ADMIN) as work:
        assert pd.isna(work.read(CASES).loc["K1", "estate_id"])
        assert work.verify_audit() is None
        log = work.audit(4)
    assert list(zip(log["action"], log["object_type"], strict=True))[::-1] == [
        ("remove", "gates"),
        ("remove", "boundaries"),
        ("change", "cases"),
        ("remove", "estates"),
    ]


@pytest.mark.parametrize(("table", "ids"), [(REGIONS, ["R1"]), (UNITS, ["S1"]), (UNITS, ["S3", "C2"])])
def test_what_still_holds_others_is_not_removed(store: Store, table: Table, ids: list[str]) -> None:
    before = store.stamp
    with pytest.raises(InputError, match="不能删除"), store.begin(ADMIN, write=True) as work:
        work.remove(table, ids, "撤并")
    assert store.stamp == before


def test_persons_are_masked_for_those_who_may_not_see_them(store: Store) -> None:
    with store.begin(Actor("chief", Role.LEADER)) as work:
        estates, cases, log = work.read(ESTATES), work.read(CASES), work.audit(100)
    assert set(estates["manager"]) == {"王**"}
    assert estates.loc["E1", "extra"] == {"联系电话": "139****0000", "备注": "电话139****0001", "层数": 6}
    assert cases.loc["K4", "responsible"] == "住建局 李*" and cases.loc["K4", "content"] == "请打139****0000"
    assert pd.isna(cases.loc["K1", "responsible"])
    shown = log.astype(str).to_string()
    assert "王某某" not in shown and "13900000000" not in shown and "李某" not in shown
    ESTATES.check(estates)
    with store.begin(ADMIN) as work:
        assert set(work.read(ESTATES)["manager"]) == {"王某某"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("王某某", "王**"),
        ("王某", "王*"),
        ("", ""),
        ("王某某、李某", "王**、李*"),
        ("某某物业公司 王某某", "某某物业公司 王**"),
        ("城管局王某某", "城管局王**"),
        ("王某某（13900000000）", "王**（139****0000）"),
        ("0564-1234567", "056****4567"),
        ("住建局", "住建局"),
    ],
)
def test_masks(text: str, shown: str) -> None:
    assert mask_person(text) == shown


def test_masks_of_other_columns() -> None:
    assert mask_mobiles("电话+86 139 0000 0000，编号15012345") == "电话139****0000，编号15012345"
    assert mask_extra({"项目经理": "王某某", "楼栋": "12", "空": None}) == {
        "项目经理": "王**",
        "楼栋": "12",
        "空": None,
    }
