"""One small city, loaded and planned once, and a way to call the command on a copy of its store."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dashboard.cli import main

QUARTER = "2027Q1"


@dataclass(frozen=True)
class Answer:
    """What a command gave: exit code, the one JSON object, and what a person reads."""

    code: int
    body: dict[str, Any]
    said: str


@dataclass(frozen=True)
class City:
    """Input files and a store, both of a test's own."""

    folder: Path

    @property
    def input(self) -> Path:
        return self.folder / "input"

    @property
    def store(self) -> Path:
        return self.folder / "city.db"

    def call(self, *arguments: str | Path) -> Result:
        """Run the command as it is."""
        url = f"sqlite:///{self.store}"
        return CliRunner().invoke(main, [str(a) for a in arguments], env={"WUYETU_STORE": url})

    def ask(self, *arguments: str | Path) -> Answer:
        """Run the command with ``--json``; stdout must hold exactly one object that repeats the exit code."""
        result = self.call(*arguments, "--json")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.stdout.count("\n") == 1 and result.stdout.endswith("\n")
        body = json.loads(result.stdout, parse_constant=_no_constant)
        assert body["exit"] == result.exit_code
        assert "Traceback" not in result.stderr
        return Answer(result.exit_code, body, result.stderr)

    def content(self) -> list[str]:
        """All rows of the store."""
        with sqlite3.connect(self.store) as connection:
            return list(connection.iterdump())


def _no_constant(name: str) -> None:
    pytest.fail(f"{name} is no JSON")


def make_city(folder: Path) -> tuple[City, dict[str, Answer]]:
    """A demo city of 60 estates with all results, and what each command answered."""
    city = City(folder)
    answers = {
        "demo": city.ask("demo", city.input, "--estates", "60", "--seed", "1"),
        "load": city.ask("load", city.input, "--city", "demo"),
        "coverage": city.ask("coverage", "--on", "2026-11-01"),
        "bundle": city.ask("bundle", "--seconds", "2", "--on", "2026-11-01"),
        "plan": city.ask("plan", "--quarter", QUARTER, "--budget", "1"),
        "check": city.ask("check", "--on", "2026-11-01"),
        "export": city.ask("export", "all", "--quarter", QUARTER, "--out", folder / "out"),
    }
    return city, answers


def copy_of(city: City, folder: Path) -> City:
    """The same city for a test that may change it."""
    shutil.copy(city.store, folder / city.store.name)
    shutil.copytree(city.input, folder / "input")
    return City(folder)
