"""Slow work of the bundles' page: preparing walks and pairs, solving; beside the page, one at a time for each way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

import streamlit as st

from dashboard import loading
from dashboard.background import Job
from geo.progress import Progress, Share
from planning import bundle_versions as versions
from planning import runs
from planning.bundles.plan import solve
from planning.bundles.prepare import Prepared, prepare
from planning.bundles.settings import BundleSettings, Way
from planning.bundles.types import BundlePlan
from planning.city import Scope
from planning.runs import Stored

SEED: Final = 1
_PREPARING: Final = 0.35
"""Share of a solve's progress bar that preparing takes."""
_KEPT: Final = 6


@dataclass
class _Bench:
    """The work of one store: prepared data by what they were prepared for, the newest last, and what runs now."""

    prepared: dict[object, Job[Prepared]] = field(default_factory=dict)
    running: dict[str, Job[Any]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


@st.cache_resource(show_spinner=False)
def _bench(url: str) -> _Bench:
    return _Bench()


def prepared(settings: BundleSettings, scope: Scope) -> Job[Prepared]:
    """Walks, barriers and allowed pairs under these settings; begins at the first call, shared by all sessions."""
    now = loading.status()
    key = (now.stamp, now.profile, settings, scope, date.today())
    bench = _bench(loading.store_url())
    with bench.lock:
        job = bench.prepared.pop(key, None)
        if job is None or (job.ended and job.failed is not None):
            job = Job("准备路网和可同包关系", _preparing(settings, scope))
        bench.prepared[key] = job
        for old in list(bench.prepared)[:-_KEPT]:
            del bench.prepared[old]
    return job


def _preparing(settings: BundleSettings, scope: Scope) -> Callable[[Progress], Prepared]:
    city, profile = loading.city(), loading.profile()
    stops = loading.stops()

    def work(progress: Progress) -> Prepared:
        part = city.inside(scope)
        states = runs.assess(part, profile, date.today()).states
        return prepare(
            part.estates, states, stops.reindex(part.estates.index), part.ways, profile, settings, part.companies,
            progress=progress,
        )  # fmt: skip

    return work


def begin_solve(settings: BundleSettings, seconds: float, before: Stored[BundlePlan] | None, scope: Scope) -> None:
    """Solve one way anew with the wishes that hold, and keep the result; a solve that runs is not begun twice."""
    way = settings.way
    if (running := solving(way)) is not None and not running.ended:
        return
    ready = prepared(settings, scope)
    store, city = loading.store(), loading.city()
    old = before.value if before else None

    def work(progress: Progress) -> BundlePlan | None:
        while not ready.ended:
            progress.update(_PREPARING * ready.share, ready.text)
            if progress.stopped:
                return None
            ready.wait(0.2)
        plan = solve(
            ready.result(),
            old.wishes if old else (),
            seed=SEED,
            seconds=seconds,
            progress=Share(progress, _PREPARING, 1.0),
            before=old,
        )
        if getattr(progress, "dropped", False):
            return None
        versions.solved(store, loading.ACTOR, way, plan, scope, city, now=datetime.now(UTC))
        return plan

    _bench(loading.store_url()).running[way] = Job("求解", work)


def solving(way: Way) -> Job[Any] | None:
    """The solve of a way that runs or has just ended."""
    return _bench(loading.store_url()).running.get(way)


def forget(way: Way) -> None:
    """The end of a solve was told."""
    _bench(loading.store_url()).running.pop(way, None)
