"""Where the store lies, whatever form its address has."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from dashboard.places import absolute, store_file
from geo.errors import InputError


def test_plain_and_uri_forms_name_the_same_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert store_file("sqlite:///var/w.db") == tmp_path / "var" / "w.db"
    assert store_file("sqlite:///file:var/w.db?mode=ro&uri=true") == tmp_path / "var" / "w.db"
    assert store_file(f"sqlite:///{tmp_path}/w.db") == tmp_path / "w.db"
    assert store_file("postgresql+psycopg://u:p@h/d") is None


def test_an_absolute_address_keeps_its_options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute("sqlite:///var/w.db") == f"sqlite:///{tmp_path}/var/w.db"
    uri = make_url(absolute("sqlite:///file:var/w.db?mode=ro&uri=true"))
    assert (uri.database, uri.query["mode"], uri.query["uri"]) == (f"file:{tmp_path}/var/w.db", "ro", "true")
    spaced = make_url(absolute("sqlite:///数据 库/w.db"))
    assert spaced.database == f"{tmp_path}/数据 库/w.db"
    assert absolute("postgresql+psycopg://u:p@h/d") == "postgresql+psycopg://u:p@h/d"


def test_nonsense_is_refused() -> None:
    with pytest.raises(InputError, match="无法识别"):
        store_file("not an address")
