"""Tables of former and other names: recognised by header, doubtful pairs kept and told, contradictions refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from load_inputs import ACTOR, run

from data.place_names import PlacePair, ambiguous_aliases, place_name_records, put_place_names
from data.profile_file import load_profile
from data.registers import RegisterResult, read_register
from data.schemas import PLACE_NAMES, UNITS
from data.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path}/store.db") as opened:
        yield opened


def _read(path: Path, text: str) -> RegisterResult:
    path.write_text(text, "utf-8")
    return read_register(path, load_profile("demo"), UNITS.empty())


def _pairs(result: RegisterResult) -> set[tuple[str, str, str]]:
    return {(str(r["alias"]), str(r["name"]), str(r["kind"])) for r in result.places}


def _stored(store: Store) -> set[tuple[str, str]]:
    with store.begin(ACTOR) as work:
        frame = work.read(PLACE_NAMES)
    return set(zip(frame["alias"], frame["name"], strict=True))


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("旧名,现名", "former"),
        ("曾用名,标准名称", "former"),
        ("原名,道路名称", "former"),
        ("俗称,标准地名", "alternative"),
        ("别名,现用名", "alternative"),
    ],
)
def test_headers_say_what_the_pairs_are(tmp_path: Path, header: str, kind: str) -> None:
    result = _read(tmp_path / "t.csv", f"序号,{header}\n1,建设 路,解放路\n2,老街、后街,人民路\n")
    assert result.kind == "places"
    assert _pairs(result) == {("建设路", "解放路", kind), ("老街", "人民路", kind), ("后街", "人民路", kind)}


def test_one_table_may_hold_both_and_say_the_kind_itself(tmp_path: Path) -> None:
    rows = "现名,曾用名,别名,类别\n解放路,建设路,大马路,道路\n人民路,民权路,,俗称\n"
    assert _pairs(_read(tmp_path / "t.csv", rows)) == {
        ("建设路", "解放路", "former"),
        ("大马路", "解放路", "alternative"),
        ("民权路", "人民路", "alternative"),
    }


def test_a_workbook_under_a_title_line_is_read(tmp_path: Path) -> None:
    path = tmp_path / "地名.xlsx"
    pd.DataFrame([["全市道路更名对照表", None], ["原名", "现名"], ["建设路", "解放路"]]).to_excel(
        path, index=False, header=False
    )
    assert _pairs(read_register(path, load_profile("demo"), UNITS.empty())) == {("建设路", "解放路", "former")}


def test_rows_without_two_different_names_are_refused_each_with_its_place(tmp_path: Path) -> None:
    rows = "旧名,现名\n,甲路\n乙路,\n丙路,丙路\n" + "长" * 61 + ",丁路\n戊路,己路\n"
    result = _read(tmp_path / "t.csv", rows)
    assert [(fault.row, fault.problem) for fault in result.faults] == [
        (2, "没有旧名或别名"),
        (3, "没有填写"),
        (4, "旧名（别名）与现名相同"),
        (5, "旧名或别名长达 61 个字，不是名称"),
    ]
    assert (result.n_rows_read, result.n_rows_refused) == (5, 4)
    assert _pairs(result) == {("戊路", "己路", "former")}


def test_of_two_rows_that_say_the_opposite_neither_is_taken(tmp_path: Path) -> None:
    result = _read(tmp_path / "t.csv", "旧名,现名\n甲路,乙路\n丙路,丁路\n乙路,甲路\n")
    assert _pairs(result) == {("丙路", "丁路", "former")}
    assert sorted(fault.row or 0 for fault in result.faults) == [2, 4]
    assert (result.n_rows_read, result.n_rows_refused) == (3, 2)


def test_an_alias_of_two_names_keeps_both_and_says_so(tmp_path: Path) -> None:
    result = _read(tmp_path / "t.csv", "旧名,现名\n环路,东环路\n环路,西环路\n环路,西环路\n")
    assert _pairs(result) == {("环路", "东环路", "former"), ("环路", "西环路", "former")}
    assert any("“环路”对应东环路、西环路" in note for note in result.notes)
    assert any("1 组" in note for note in result.notes)
    assert not result.faults


def test_ids_do_not_depend_on_width_spaces_or_source() -> None:
    one = place_name_records([("建设路", "解放路"), ("Ａ路", "Ｂ路")], "a.csv")
    other = place_name_records([PlacePair("建设 路", "解放路 ", "alternative"), ("A路", "B路")], "b.osm.pbf")
    assert [r["alias_id"] for r in one] == [r["alias_id"] for r in other]
    assert place_name_records([("", "甲路"), ("甲路", "甲路")], "a.csv") == []
    both = place_name_records([PlacePair("甲", "乙", "alternative"), PlacePair("甲", "乙", "former")], "a")
    assert [r["kind"] for r in both] == ["former"]
    assert ambiguous_aliases([*one, *both]) == {}


def test_a_mended_table_takes_its_wrong_pairs_back_and_leaves_those_of_others(store: Store, tmp_path: Path) -> None:
    path, other = tmp_path / "names.csv", tmp_path / "other.csv"
    path.write_text("旧名,现名\n建设路,解放路\n红旗路,人民路\n", "utf-8")
    other.write_text("旧名,现名\n建设路,解放路\n老街,中山路\n", "utf-8")
    assert run(store, path, other).counts["places"] == 3
    stamp = store.stamp
    assert run(store, path, other).changed == 0
    assert run(store, path).changed == 0
    assert run(store, other).changed == 0
    assert store.stamp == stamp
    path.write_text("旧名,现名\n建设路,解放路\n红旗路,五四路\n", "utf-8")
    run(store, path)
    assert _stored(store) == {("建设路", "解放路"), ("红旗路", "五四路"), ("老街", "中山路")}


def test_nothing_read_changes_nothing(store: Store) -> None:
    with store.begin(ACTOR, write=True) as work:
        assert not put_place_names(work, [], ())
