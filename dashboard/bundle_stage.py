"""What the bundles' page sends once for each state of the data or of the proposal, kept between runs."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from dashboard import loading
from dashboard.bundle_ground import ground
from dashboard.bundle_scene import Stage, scene
from planning.bundles.types import BundlePlan
from planning.runs import Stored


@st.cache_resource(max_entries=2, show_spinner=False)
def _stage(url: str, stamp: str, profile: str) -> Stage:
    return Stage.of(loading.city(), loading.stops(), loading.profile())


def stage_of() -> Stage:
    """Estates, stops and rules that scenes refer to."""
    now = loading.status()
    return _stage(loading.store_url(), now.stamp, now.profile or "")


@st.cache_resource(max_entries=2, show_spinner="正在准备地图……")
def _ground(url: str, stamp: str, profile: str, on: date) -> dict[str, Any]:
    return ground(loading.city(), loading.stops(), loading.coverage("", on).states)


def ground_of() -> tuple[str, dict[str, Any]]:
    """Version and content of the page's ground."""
    now, on = loading.status(), date.today()
    return f"{now.stamp}-{on}", _ground(loading.store_url(), now.stamp, now.profile or "", on)


@st.cache_resource(max_entries=8, show_spinner=False)
def _scene(url: str, stamp: str, version: str, _saved: Stored[BundlePlan]) -> dict[str, Any]:
    return scene(_saved.value, stage_of())


def scene_of(saved: Stored[BundlePlan], version: str) -> dict[str, Any]:
    """The stored proposal as the browser draws it."""
    return _scene(loading.store_url(), loading.status().stamp, version, saved)
