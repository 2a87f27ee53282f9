"""A store of an older revision with data in it: upgraded on opening, everything still there, the new parts usable."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
import shapely
from alembic import command
from shapely.geometry import box

from data.boundaries import draw, history, put_boundaries, undo_last
from data.schemas import (
    BOUNDARIES,
    BOUNDARY_HISTORY,
    BOUNDARY_PROPOSALS,
    BOUNDARY_STEPS,
    BUNDLE_STEPS,
    COMPANIES,
    ESTATES,
    LAND,
    PLACE_NAMES,
)
from data.store import Actor, Change, Role, open_store
from data.store.engine import connect, parse_url, writing
from data.store.migrate import alembic_config

CLERK = Actor("科员", Role.PLANNER)
NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
SQUARE = box(112.0, 30.0, 112.002, 30.002)


def _old_store(path: Path, revision: str) -> str:
    """A store of a revision with two estates, one with a boundary, written without the code of today."""
    url = f"sqlite:///{path}"
    engine = connect(parse_url(url))
    config = alembic_config()
    with writing(engine) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
    with closing(sqlite3.connect(path)) as file:
        for i in range(2):
            file.execute(
                "INSERT INTO estates (estate_id, name, region_id, consent, extra) VALUES (?, ?, 'R', 'unknown', '{}')",
                (f"E{i}", f"小区{i}"),
            )
        file.execute(
            "INSERT INTO boundaries (estate_id, source, datum, source_file, confidence, geometry)"
            " VALUES ('E0', 'survey', 'gcj02', 'b.gpkg', 1.0, ?)",
            (shapely.to_wkb(SQUARE, byte_order=1),),
        )
        file.commit()
    return url


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_what_bundles_need_is_there_after_an_upgrade(tmp_path: Path, revision: str) -> None:
    with open_store(_old_store(tmp_path / "old.db", revision)) as store, store.begin(CLERK, write=True) as work:
        known = {"consent": "yes", "consent_rate": 0.8, "public_income_yuan": 1200.0, "income_objection": False}
        estates = work.read(ESTATES)
        assert estates[["consent_rate", "public_income_yuan", "income_objection"]].isna().all(axis=None)
        changed = pd.DataFrame([known], index=pd.Index(["E0"], name=ESTATES.index))
        assert work.put(ESTATES, changed) == Change(changed=1)
        assert work.read(ESTATES).loc["E0", list(known)].to_dict() == known
        company = {"company_id": "p", "name": "甲物业公司", "stars": 4, "credit_list": "red", "period": "2025年"}
        work.put(COMPANIES, COMPANIES.frame([company]))
        assert work.read(COMPANIES).loc["p", "stars"] == 4 and work.read(BUNDLE_STEPS).empty


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_an_older_store_with_data_is_upgraded_and_goes_on(tmp_path: Path, revision: str) -> None:
    url = _old_store(tmp_path / "old.db", revision)
    with open_store(url, clock=lambda: NOW) as store:
        with store.begin(CLERK) as work:
            boundary = work.read(BOUNDARIES).loc["E0"]
            for table in (BOUNDARY_HISTORY, BOUNDARY_STEPS, BOUNDARY_PROPOSALS, PLACE_NAMES, LAND):
                assert work.read(table).empty
            assert list(work.read(ESTATES).index) == ["E0", "E1"]
        assert (boundary["source"], boundary["datum"], boundary["source_file"]) == ("survey", "gcj02", "b.gpkg")
        assert boundary[["person", "at", "model", "reason"]].isna().all()
        same = {"estate_id": "E0", "source": "survey", "confidence": 1.0, "geometry": SQUARE}
        with store.begin(CLERK, write=True) as work:
            assert put_boundaries(work, [same], cause="导入", now=NOW).change == Change(unchanged=1)
            draw(work, "E0", box(112.0, 30.0, 112.003, 30.002), now=NOW, reason="围墙外移")
            assert history(work, "E0")["person"].isna().all()
            assert undo_last(work, NOW) is not None
            back = work.read(BOUNDARIES).loc["E0"]
        assert back["geometry"].equals(SQUARE) and back[["person", "at"]].isna().all()
    with open_store(url) as store, store.begin(CLERK) as work:
        assert len(work.read(BOUNDARY_HISTORY)) == 2 and work.verify_audit() is None


def test_an_upgrade_that_fails_leaves_the_old_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    url = _old_store(path, "0001")

    def fails(config: object, revision: str) -> None:
        whole(config, "0002")  # type: ignore[arg-type]
        raise RuntimeError("power cut")

    whole = command.upgrade
    monkeypatch.setattr(command, "upgrade", fails)
    with pytest.raises(RuntimeError):
        open_store(url)
    monkeypatch.undo()
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        names = {name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert "boundary_history" not in names
    with open_store(url) as store, store.begin(CLERK) as work:
        assert list(work.read(BOUNDARIES).index) == ["E0"]
