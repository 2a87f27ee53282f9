"""The city as one reads it: small tables always, large ones where they were asked for, scopes keep to their estates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from shapely.geometry import box

from data.boundaries import put_proposals
from data.place_names import place_name_records, put_place_names
from data.schemas import BOUNDARY_PROPOSALS, COMPANIES, ESTATES, LAND, UNITS
from data.store import Actor, Role, Store, open_store
from planning.city import City, Scope

ADMIN = Actor("admin", Role.ADMIN)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/s.db") as store:
        with store.begin(ADMIN, write=True) as work:
            work.put(UNITS, UNITS.frame([{"unit_id": i, "name": i, "kind": "street"} for i in ("s", "t")]))
            work.put(ESTATES, ESTATES.frame([
                {"estate_id": i, "name": i, "region_id": "r", "consent": "unknown", "street_id": s}
                for i, s in (("a", "s"), ("b", "t"))
            ]))  # fmt: skip
            work.put(LAND, LAND.frame([{"land_id": 1, "kind": "residential", "geometry": box(112, 30, 112.1, 30.1)}]))
            put_place_names(work, place_name_records([("旧路", "新路")], "n.csv"), ["n.csv"])
            put_proposals(work, [{"estate_id": i, "rank": 0, "outcome": "cannot"} for i in "ab"])
        yield store


def test_large_tables_are_there_only_when_asked_for(store: Store) -> None:
    with store.begin(ADMIN) as work:
        plain, whole = City.read(work), City.read(work, more=(LAND, BOUNDARY_PROPOSALS))
        land_only = City.read(work, more=(LAND,))
    assert plain.place_names["name"].tolist() == ["新路"]
    for city in (plain, land_only):
        with pytest.raises(ValueError, match=r"City\.read\(uow, more=\(BOUNDARY_PROPOSALS,\)\)"):
            city.proposals  # noqa: B018
    with pytest.raises(ValueError, match="LAND"):
        plain.land  # noqa: B018
    assert len(whole.land) == len(land_only.land) == 1 and len(whole.proposals) == 2


def test_a_scope_keeps_its_estates_candidates_and_all_land(store: Store) -> None:
    with store.begin(ADMIN) as work:
        city = City.read(work, more=(LAND, BOUNDARY_PROPOSALS)).inside(Scope("s"))
        plain = City.read(work).inside(Scope("s"))
    assert city.proposals["estate_id"].tolist() == ["a"] and len(city.land) == 1 and len(city.place_names) == 1
    with pytest.raises(ValueError, match="not read"):
        plain.proposals  # noqa: B018


def test_companies_are_read_and_hold_for_every_scope(store: Store) -> None:
    with store.begin(ADMIN, write=True) as work:
        work.put(
            COMPANIES, COMPANIES.frame([{"company_id": "p1", "name": "甲物业公司", "stars": 4, "credit_list": "red"}])
        )
    with store.begin(ADMIN) as work:
        city = City.read(work)
    assert city.companies["stars"].tolist() == [4]
    assert city.inside(Scope("s")).companies["name"].tolist() == ["甲物业公司"]
