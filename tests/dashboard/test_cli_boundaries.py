"""The commands about boundaries: what ``--json`` promises, exit codes, and that a second run changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_city import Answer, City, copy_of

from data.schemas import BOUNDARIES, BOUNDARY_PROPOSALS, ESTATES
from data.store import Actor, Role, open_store


@pytest.fixture(scope="module")
def outlined(tmp_path_factory: pytest.TempPathFactory) -> tuple[City, Answer]:
    city = City(tmp_path_factory.mktemp("outlined"))
    city.ask("demo", city.input, "--estates", "60", "--seed", "1")
    city.ask("load", city.input, "--city", "demo")
    return city, city.ask("boundaries")


def test_a_text_is_read_aloud_side_by_side(outlined: tuple[City, Answer]) -> None:
    text = "东至解放路中心线，西至青年路，南至人民街，北至建设大道"
    answer = outlined[0].ask("parse", text)
    assert answer.code == 0
    sides = answer.body["sides"]
    assert {side: [part["name"] for part in parts] for side, parts in sides.items()} == {
        "east": ["解放路"], "west": ["青年路"], "south": ["人民街"], "north": ["建设大道"],
    }  # fmt: skip
    assert [(part["kind"], part["line"]) for part in sides["east"]] == [("road", "centre")]
    assert answer.body["unread"] == []
    assert all(text[part["start"] : part["end"]].startswith(part["name"]) for parts in sides.values() for part in parts)


@pytest.mark.parametrize("text", ["", "无", "详见附图", "东至解放路", "甲路、乙路围合", "Lorem ipsum", "\x00\x07东至"])
def test_what_is_not_read_needs_a_person(outlined: tuple[City, Answer], text: str) -> None:
    answer = outlined[0].ask("parse", text)
    assert answer.code == 1
    assert set(answer.body["sides"]) <= {"east"}


def test_every_estate_without_a_boundary_has_an_outcome_and_its_reason(outlined: tuple[City, Answer]) -> None:
    city, answer = outlined
    body = answer.body
    assert body["accepted"] + body["look"] + body["cannot"] == len(body["estates"]) > 0
    assert answer.code == (1 if body["look"] or body["cannot"] else 0)
    for estate in body["estates"]:
        assert estate["outcome"] == "accepted" or estate["why"], estate
        assert estate["confidence"] is None or 0 <= estate["confidence"] <= 1
    with open_store(f"sqlite:///{city.store}") as store, store.begin(Actor("测试", Role.ADMIN)) as work:
        stored, proposals = work.read(BOUNDARIES), work.read(BOUNDARY_PROPOSALS)
    accepted = {estate["id"] for estate in body["estates"] if estate["outcome"] == "accepted"}
    assert accepted <= set(stored.index[stored["source"] == "text"])
    assert {estate["id"] for estate in body["estates"]} == set(proposals["estate_id"])


def test_running_again_changes_nothing(outlined: tuple[City, Answer], tmp_path: Path) -> None:
    city = copy_of(outlined[0], tmp_path)
    again = city.ask("boundaries")
    assert again.body["changed"] == {"proposals": 0, "boundaries": 0}
    assert again.body["estates"] == outlined[1].body["estates"]


def test_a_street_alone_leaves_the_others_as_they_are(outlined: tuple[City, Answer], tmp_path: Path) -> None:
    city = copy_of(outlined[0], tmp_path)
    with open_store(f"sqlite:///{city.store}") as store, store.begin(Actor("测试", Role.ADMIN)) as work:
        streets = work.read(ESTATES)["street_id"]
    chosen = str(streets.dropna().mode().iloc[0])
    answer = city.ask("boundaries", "--street", chosen)
    assert answer.body["estates"]
    assert {streets[estate["id"]] for estate in answer.body["estates"]} == {chosen}
    assert city.ask("boundaries", "--street", "没有这个街道").code == 2


def test_the_quality_report_names_kind_place_and_remedy(outlined: tuple[City, Answer]) -> None:
    answer = outlined[0].ask("quality")
    assert answer.code == 1
    assert all(finding["remedy"] and finding["kind"] for finding in answer.body["findings"])
    one = answer.body["findings"][0]["kind"]
    assert {f["kind"] for f in outlined[0].ask("quality", "--kind", one).body["findings"]} == {one}
    assert outlined[0].ask("quality", "--kind", "nonsense").code == 2


def test_a_monstrous_text_is_told_in_few_lines(outlined: tuple[City, Answer]) -> None:
    answer = outlined[0].ask("parse", "东至" * 6000)
    assert answer.code == 1 and answer.body["unread"]
    assert len(answer.said.splitlines()) < 20
