"""Each command's promise: exit code, one JSON object on stdout, and the keys that scripts rely on."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_city import QUARTER, Answer, City, copy_of, make_city

KEYS = {
    "demo": {"files", "counts"},
    "load": {"rows_read", "rows_loaded", "rows_refused", "faults"},
    "coverage": {"kpis", "uncovered"},
    "bundle": {"bundles", "alone", "fallback", "households_covered", "bound", "proven", "seconds"},
    "plan": {"visits", "placed", "unplaced", "travel_s", "service_s", "violations", "teams", "seconds"},
    "check": {"violations"},
    "export": {"files"},
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[City, dict[str, Answer]]:
    return make_city(tmp_path_factory.mktemp("cli"))


@pytest.mark.parametrize("name", KEYS)
def test_every_command_gives_its_keys(built: tuple[City, dict[str, Answer]], name: str) -> None:
    assert KEYS[name] <= built[1][name].body.keys()


def test_exit_codes_of_a_whole_city(built: tuple[City, dict[str, Answer]]) -> None:
    codes = {name: answer.code for name, answer in built[1].items()}
    # The demo register holds wrong rows on purpose: they need a person.
    assert codes == {"demo": 0, "load": 1, "coverage": 0, "bundle": 0, "plan": 0, "check": 0, "export": 0}


def test_every_fault_says_its_place_and_its_remedy(built: tuple[City, dict[str, Answer]]) -> None:
    body = built[1]["load"].body
    assert body["rows_refused"] == len({(f["file"], f["sheet"], f["row"]) for f in body["faults"]}) > 0
    for fault in body["faults"]:
        assert {"file", "sheet", "row", "column", "value", "problem", "remedy"} == fault.keys()
        assert fault["file"] and fault["row"] and fault["remedy"]


def test_indicators_say_value_target_and_gap(built: tuple[City, dict[str, Answer]]) -> None:
    body = built[1]["coverage"].body
    for kpi in body["kpis"]:
        assert {"id", "value", "target", "due", "missing", "rule"} <= kpi.keys()
        share = kpi["numerator"] / kpi["denominator"]
        assert kpi["value"] == pytest.approx(share if kpi["measure"] == "share" else kpi["numerator"])
        reached = kpi["numerator"] + kpi["missing"]
        assert reached / kpi["denominator"] >= kpi["target"] - 1e-9
        if kpi["missing"]:
            assert (reached - 1) / kpi["denominator"] < kpi["target"]
    listed = {estate["estate_id"] for estate in body["uncovered"]}
    assert len(listed) == len(body["uncovered"]) == body["rates"][0]["n_estates"] - body["rates"][0]["n_covered"]


def test_each_uncovered_estate_ends_in_one_way(built: tuple[City, dict[str, Answer]]) -> None:
    body = built[1]["bundle"].body
    members = [member for bundle in body["bundles"] for member in bundle["members"]]
    ends = [*members, *(item["estate_id"] for item in [*body["alone"], *body["fallback"]])]
    listed = {estate["estate_id"] for estate in built[1]["coverage"].body["uncovered"]}
    assert len(ends) == len(set(ends))
    assert set(ends) == listed


def test_sums_of_teams_are_the_sums_of_the_plan(built: tuple[City, dict[str, Answer]]) -> None:
    body = built[1]["plan"].body
    assert body["visits"] == body["placed"] + len(body["unplaced"]) == 60
    for key, total in (("visits", "placed"), ("travel_s", "travel_s"), ("service_s", "service_s")):
        assert sum(team[key] for team in body["teams"]) == body[total]


def test_exported_files_exist(built: tuple[City, dict[str, Answer]]) -> None:
    files = [Path(file) for file in built[1]["export"].body["files"]]
    assert files and all(file.stat().st_size > 0 for file in files)


def test_loading_again_changes_nothing(built: tuple[City, dict[str, Answer]], tmp_path: Path) -> None:
    city = copy_of(built[0], tmp_path)
    before = city.content()
    answer = city.ask("load", city.input)
    assert (answer.code, answer.body["changed"]) == (1, 0)
    assert city.content() == before


USAGE = [
    ["nothing"],
    ["load"],
    ["load", ""],
    ["plan"],
    ["plan", "--quarter", "2027Q5"],
    ["plan", "--quarter", QUARTER, "--budget", "nan"],
    ["plan", "--quarter", QUARTER, "--within", "0,0,1,1"],
    ["bundle", "--seconds", "x"],
    ["bundle", "--seconds", "-1"],
    ["bundle", "--seconds", "nan"],
    ["bundle", "--seconds", "inf"],
    ["bundle", "--within", "0,0,1,1"],
    ["coverage", "--bogus"],
    ["coverage", "--on", "2027-02-30"],
    ["coverage", "--on", "9999-12-31"],
    ["coverage", "--within", "1,2,3"],
    ["coverage", "--within", "nan,nan,nan,nan"],
    ["coverage", "--within", "113,30,112,31"],
    ["coverage", "--unit", "zzz"],
    ["coverage", "--city", "nosuch"],
    ["coverage", "--store", ""],
    ["coverage", "--store", "mysql://host/base"],
    ["demo", "x", "--estates", "19"],
    ["demo", "x", "--seed", "-1"],
    ["demo", "bad\0name"],
    ["load", "nosuch.xlsx"],
    ["load", ".", "--datum", "mars"],
    ["load", ".", "--mapping", "nosuch"],
    ["bench", "nosuch"],
    ["export", "poem"],
    ["export", "plan", "--quarter", "2027Q2"],
    ["serve", "--port", "99999"],
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_wrong_use_is_one_sentence_and_exit_2(built: tuple[City, dict[str, Answer]], arguments: list[str]) -> None:
    before = built[0].content()
    answer = built[0].ask(*arguments)
    assert answer.code == 2
    assert answer.body["error"] == answer.said.strip()
    assert "Error" not in answer.said and "Usage" not in answer.said
    assert built[0].content() == before


@pytest.mark.parametrize("command", [["coverage"], ["bundle"], ["plan", "--quarter", QUARTER], ["check"], ["export"]])
@pytest.mark.parametrize("rules", [[], ["--city", "demo"]])
def test_commands_before_any_data_say_what_to_do(tmp_path: Path, command: list[str], rules: list[str]) -> None:
    answer = City(tmp_path).ask(*command, *rules)
    assert answer.code == 2
    assert ("wuyetu load" if rules else "demo") in answer.body["error"]


def test_help_and_version_are_no_errors(tmp_path: Path) -> None:
    for arguments in (["--help"], ["--version"], ["load", "--help"]):
        result = City(tmp_path).call(*arguments)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout
