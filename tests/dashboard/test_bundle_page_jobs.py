"""Slow work beside the page: it reports, stops, keeps or drops what it has, and its faults reach whoever asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard import bundle_jobs as jobs
from dashboard import loading
from dashboard.background import Job
from geo.errors import InputError
from geo.progress import Progress, Stopped
from planning import bundle_versions as versions
from planning.bundles import settings_from
from planning.city import Scope
from tests.dashboard.bundle_cases import CLERK, clear_caches, make_store


@pytest.fixture
def store_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    url = make_store(tmp_path)
    monkeypatch.setenv("WUYETU_STORE", url)
    clear_caches()
    yield url
    clear_caches()


def test_a_job_reports_and_gives_its_result() -> None:
    go = threading.Event()

    def work(progress: Progress) -> int:
        progress.update(0.5, "一半")
        go.wait(10)
        return 7

    job = Job("算", work)
    assert not job.wait(0.05)
    assert (job.share, job.text, job.ended) == (0.5, "一半", False)
    go.set()
    assert job.result() == 7
    assert job.ended
    assert job.failed is None
    assert job.elapsed_s == job.seconds


def test_a_job_is_told_to_stop_and_gives_what_it_has() -> None:
    def work(progress: Progress) -> str:
        while not progress.stopped:
            pass
        return "已有"

    job = Job("算", work)
    job.stop()
    assert job.result() == "已有"
    assert not job.dropped


@pytest.mark.parametrize("error", [InputError("坏", "改"), Stopped(), RuntimeError("bug")])
def test_a_fault_reaches_whoever_asks_for_the_result(error: Exception) -> None:
    def work(progress: Progress) -> None:
        raise error

    job: Job[None] = Job("算", work)
    with pytest.raises(type(error)):
        job.result()
    assert job.failed is error


def test_a_solve_is_kept_and_one_that_is_cancelled_is_not(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(settings_from(loading.profile()), min_households=250)
    before = loading.bundles()
    assert before is not None
    held = threading.Event()
    solve = jobs.solve
    monkeypatch.setattr(jobs, "solve", lambda *a, **k: (held.wait(20), solve(*a, **k))[1])
    jobs.begin_solve(settings, 20.0, before, Scope())
    job = jobs.solving("service")
    assert job is not None
    jobs.begin_solve(settings, 20.0, before, Scope())
    assert jobs.solving("service") is job, "a solve that runs is not begun twice"
    job.stop(drop=True)
    held.set()
    assert job.result() is None
    now = versions.current(loading.store(), CLERK, "service")
    assert now is not None
    assert now.number == before.number
    jobs.forget("service")
    monkeypatch.setattr(jobs, "solve", solve)
    jobs.begin_solve(settings, 20.0, before, Scope())
    job = jobs.solving("service")
    assert job is not None
    plan = job.result()
    kept = loading.bundles()
    assert kept is not None
    assert kept.value.settings == settings
    assert kept.value.bundles == plan.bundles
    assert kept.value.households_covered == 540
    jobs.forget("service")


def test_what_was_prepared_once_serves_every_session(store_url: str) -> None:
    settings = settings_from(loading.profile())
    first = jobs.prepared(settings, Scope())
    assert jobs.prepared(settings, Scope()) is first
    assert first.result().settings == settings
    assert jobs.prepared(replace(settings, radius_m=600.0), Scope()) is not first


def test_settings_that_cannot_be_prepared_tell_why(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise InputError("道路断了", "请补上道路")

    monkeypatch.setattr(jobs, "prepare", fail)
    settings = replace(settings_from(loading.profile()), radius_m=700.0)
    jobs.begin_solve(settings, 5.0, loading.bundles(), Scope())
    job = jobs.solving("service")
    assert job is not None
    with pytest.raises(InputError, match="道路断了"):
        job.result()
    jobs.forget("service")
