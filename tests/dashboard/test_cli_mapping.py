"""An own column mapping names the layout of one table, not of all tables of the same load."""

from __future__ import annotations

from pathlib import Path

from cli_city import City


def test_teams_and_cases_load_beside_a_register_with_a_mapping(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.ask("demo", city.input, "--estates", "20")
    answer = city.ask("load", city.input, "--city", "demo", "--mapping", "annex1")
    assert answer.body["counts"]["estates"] == 20
    assert answer.body["counts"]["teams"] > 0 and answer.body["counts"]["cases"] > 0
    assert {fault["file"] for fault in answer.body["faults"]} <= {"register.xlsx"}
