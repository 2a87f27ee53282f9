"""What the pages show, loaded once for each state of the store and shared by all sessions.

Cached by small values: the store's address, its stamp, the scope. The tables are values that nobody edits, so one copy
serves every session.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.places import DEFAULT_STORE, absolute, cache_dir
from data.profile import Profile
from data.profile_file import load_profile
from data.store import Actor, Load, Role, Store, open_store
from planning import bundle_versions, quality, runs
from planning.bundle_versions.named import VERSIONS
from planning.bundles.settings import Way
from planning.bundles.types import BundlePlan
from planning.city import City, Scope
from planning.coverage_types import Coverage
from planning.ground_types import LandCoverage
from planning.quality import checked
from planning.quarter.types import Plan, Problem

ACTOR = Actor("网页", Role.PLANNER)
_RESULTS = (runs.BUNDLES, runs.PLAN, VERSIONS, checked.KIND)


def store_url() -> str:
    """Address of the store that this server shows."""
    return absolute(os.environ.get("WUYETU_STORE", DEFAULT_STORE))


def cache_folder() -> Path:
    """Where travel matrices are kept."""
    return cache_dir(store_url())


@st.cache_resource(show_spinner=False)
def _store(url: str) -> Store:
    return open_store(url)


def store() -> Store:
    """The store of this server."""
    return _store(store_url())


@dataclass(frozen=True)
class Status:
    """The small facts of the store, read afresh each run."""

    stamp: str
    profile: str | None
    load: Load | None


def status() -> Status:
    """Stamp, profile and last load; one short read."""
    with store().begin(ACTOR) as uow:
        name = uow.setting("profile")
        return Status(uow.stamp, None if name is None else str(name), uow.last_load())


@st.cache_resource(max_entries=2, show_spinner="正在读取数据……")
def _city(url: str, stamp: str) -> City:
    return runs.read_city(_store(url), ACTOR)


def city() -> City:
    """All tables of the store."""
    return _city(store_url(), status().stamp)


@st.cache_data(max_entries=16, show_spinner=False)
def _profile(name: str) -> Profile:
    return load_profile(name)


def profile() -> Profile:
    """The rules that the data were loaded with."""
    name = status().profile
    if name is None:
        raise LookupError("the store has no profile")
    return _profile(name)


def profile_named(name: str) -> Profile:
    """The rules of that name."""
    return _profile(name)


@st.cache_resource(max_entries=64, show_spinner="正在计算覆盖率……")
def _coverage(url: str, stamp: str, name: str, unit_id: str, on: date) -> Coverage:
    part = _city(url, stamp).inside(Scope(unit_id or None))
    return runs.assess(part, _profile(name), on)


def coverage(unit_id: str, on: date) -> Coverage:
    """Coverage of a unit (empty: the city) on a day."""
    now = status()
    return _coverage(store_url(), now.stamp, now.profile or "", unit_id, on)


@st.cache_resource(max_entries=2, show_spinner="正在计算用地覆盖……")
def _land(url: str, stamp: str, name: str, on: date) -> LandCoverage:
    return runs.assess_land(_store(url), ACTOR, _city(url, stamp), _profile(name), on)


def land(on: date) -> LandCoverage:
    """Residential land of the whole city on a day."""
    now = status()
    return _land(store_url(), now.stamp, now.profile or "", on)


@st.cache_resource(max_entries=2, show_spinner="正在定位出入口……")
def _stops(url: str, stamp: str) -> pd.DataFrame:
    return runs.stops_of(_city(url, stamp))


def map_footer() -> dict[str, object]:
    """Source, data date and 审图号 of every map (``dashboard.maps.base.frame``)."""
    load = status().load
    return {
        "source": "本库台账与路网",
        "on": load.at.astimezone().date() if load else None,
        "approval": os.environ.get("WUYETU_MAP_APPROVAL", ""),
    }


def stops() -> pd.DataFrame:
    """Where an inspection of each estate stops."""
    return _stops(store_url(), status().stamp)


@st.cache_resource(max_entries=2, show_spinner=False)
def _reports(url: str, stamp: str, load_id: int) -> dict[str, quality.Report]:
    """Holds the quality report of a state of the store once it is made; empty until then."""
    return {}


def kept_quality() -> dict[str, quality.Report]:
    """Where the quality report of the present data is kept (``report``): it is made by a button, not by a rerun."""
    now = status()
    return _reports(store_url(), now.stamp, now.load.id if now.load else 0)


@st.cache_resource(max_entries=8, show_spinner=False)
def _bundles(url: str, sequence: int, way: Way) -> runs.Stored[BundlePlan] | None:
    return bundle_versions.current(_store(url), ACTOR, way)


def bundles(way: Way = "service") -> runs.Stored[BundlePlan] | None:
    """The bundle proposals in force of one way; parsed once for each state of the store."""
    with store().begin(ACTOR) as uow:
        sequence = uow.sequence
    return _bundles(store_url(), sequence, way)


def results_stamp() -> str:
    """Changes with the data, with every result that is kept (plans, hand moves, named versions, marks) and every day."""
    with store().begin(ACTOR) as uow:
        heads = [head.id for kind in _RESULTS for head in uow.documents(kind)]
        load = uow.last_load()
        return f"{uow.stamp}-{load.id if load else 0}-{max(heads, default=0)}-{date.today()}"


def plan(quarter: str) -> runs.Stored[Plan] | None:
    """The latest plan of a quarter."""
    return runs.stored(store(), ACTOR, runs.PLAN, quarter, Plan)


def planned_quarters() -> list[str]:
    """Quarters that have a plan, in order."""
    with store().begin(ACTOR) as uow:
        return sorted({document.period for document in uow.documents(runs.PLAN)})


@st.cache_resource(max_entries=2, show_spinner="正在准备路网……")
def _problem(url: str, stamp: str, name: str, quarter: str, scope: Scope) -> Problem:
    part = _city(url, stamp).inside(scope)
    return runs.pose_quarter(part, _profile(name), quarter, cache_dir=cache_dir(url))


def problem(quarter: str, scope: Scope) -> Problem:
    """The quarter's visits, teams and matrix, as the plan of that scope was made from."""
    now = status()
    return _problem(store_url(), now.stamp, now.profile or "", quarter, scope)
