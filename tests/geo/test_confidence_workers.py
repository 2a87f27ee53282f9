"""Texts read on all cores: the same answers as here, and no text that stops the others."""

from __future__ import annotations

import logging

import pytest

from geo.blocks import workers
from geo.blocks.confidence import Verdict, outcome
from geo.blocks.fitting import fit
from geo.blocks.model import judge
from geo.blocks.workers import FAILED, WHOLE, Map, Question, reader, readers
from geo.progress import SILENT, Stopped
from tests.geo.grid_town import grid_ways, sides_text
from tests.strategies import at

QUESTIONS = [Question(sides_text(i, j), at(i * 200 + 90, j * 200 + 90), 38_000.0) for i in range(4) for j in range(3)]


def _keys(outlines):
    return [[(c.step, c.evidence, c.geometry.wkt) for c in one.candidates] for one in outlines]


def test_helpers_answer_as_this_process_does_and_in_order(monkeypatch: pytest.MonkeyPatch):
    batches = [(WHOLE, QUESTIONS), ((0.2, 5), QUESTIONS[:3]), (WHOLE, QUESTIONS[:1])]
    with readers(Map(grid_ways(5))) as found:
        here = found.read(batches, SILENT, "试验")
    monkeypatch.setattr(workers, "_WORTH_IT", 1)
    monkeypatch.setattr(workers, "_BATCH", 4)
    monkeypatch.setattr(workers, "cores", lambda: 2)
    with readers(Map(grid_ways(5))) as found:
        there = found.read(batches, SILENT, "试验")
    assert [len(one) for one in there] == [12, 3, 1]
    assert [_keys(one) for one in here] == [_keys(one) for one in there]


def test_a_text_that_the_program_fails_on_is_named_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    honest = workers.read

    def broken(question: Question, gazetteer: object) -> object:
        if question is QUESTIONS[1]:
            raise IndexError("list index out of range")
        return honest(question, gazetteer)  # type: ignore[arg-type]

    monkeypatch.setattr(workers, "read", broken)
    with caplog.at_level(logging.ERROR), readers(Map(grid_ways(5))) as found:
        outlines = found.read([(WHOLE, QUESTIONS[:3])], SILENT, "试验")[0]
    assert [bool(one.candidates) for one in outlines] == [True, False, True]
    assert outlines[1].notes[0].startswith(f"{FAILED}（IndexError）")
    assert QUESTIONS[1].text in caplog.text and "list index out of range" in caplog.text


def test_a_stop_is_heard_and_ends_the_helpers(monkeypatch: pytest.MonkeyPatch):
    class Stop:
        stopped = True

        def update(self, share: float, text: str) -> None: ...

    monkeypatch.setattr(workers, "_WORTH_IT", 1)
    monkeypatch.setattr(workers, "cores", lambda: 2)
    with readers(Map(grid_ways(5))) as found, pytest.raises(Stopped):
        found.read([(WHOLE, QUESTIONS)], Stop(), "试验")


def test_a_model_of_a_whole_town_knows_the_good_from_the_bad():
    ways = grid_ways(9)
    with readers(Map(ways)) as found:
        model = fit(ways, reader(found), seed=3, fitted_on="2026-01-01", n=130)
        good, off = (
            found.read([(WHOLE, [Question(sides_text(3, 3), at(700, 700), area)])], SILENT, "试验")[0][0]
            for area in (40_000.0, 15_000.0)
        )
    assert model.fitted and model.n_cases >= 130 and model.n_blocks > 60 and model.table[0].n == model.n_cases
    assert good.best is not None and judge(model, good.best) > 0.8
    assert outcome(model, off).verdict is not Verdict.ACCEPTED
    assert outcome(model, off).confidence < judge(model, good.best)
