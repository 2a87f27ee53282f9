"""The bundles' own map with its list and panel: three Streamlit components that share one small script.

Ground and proposal are sent once for each of their versions; only the third changes with every step. Leaflet comes
from this program's own static folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import shapely
import streamlit as st

from dashboard import theme
from dashboard.maps.component import component
from planning.bundles.types import Bundle

_SCRIPTS: Final = tuple(f"bundle_{part}" for part in ("core", "map", "list", "panel", "hands", "main"))
GROUND: Final = "wuyetu_bundle_ground"
PLAN: Final = "wuyetu_bundle_plan"
DESK: Final = "wuyetu_bundle_desk"
DESK_KEY: Final = "bundle-desk"
_COMPONENTS: Final = {name: component(name, _SCRIPTS, "bundle") for name in (GROUND, PLAN, DESK)}


def bundle_ground(version: str, ground: Mapping[str, Any]) -> None:
    """Estates and ways (`dashboard.bundle_ground.ground`); sent once for each state of the data."""
    _COMPONENTS[GROUND](key="bundle-ground", data={"version": version, "ground": ground}, height=1)


def bundle_plan(version: str, plan: Mapping[str, Any]) -> None:
    """The stored proposal (`dashboard.bundle_scene.scene`); sent once for each of its versions."""
    _COMPONENTS[PLAN](key="bundle-plan", data={"version": version, "plan": plan}, height=1)


def bundle_desk(answer: Mapping[str, Any]) -> None:
    """Map, list and panel.

    Parameters
    ----------
    answer
        What `dashboard.bundle_session.answer` gives, with ``at``, ``view``, ``unit``, ``inside``, ``links``, ``footer``.
    """
    _COMPONENTS[DESK](key=DESK_KEY, data=dict(answer), on_ask_change=lambda: None)


def asked() -> Mapping[str, Any]:
    """What the browser told last: its acts, what it shows, the explanations that it wants."""
    state = st.session_state.get(DESK_KEY)
    told = None if state is None else state.get("ask")
    return told if isinstance(told, Mapping) else {}


def bundle_colors(bundles: tuple[Bundle, ...], outlines: list[shapely.Geometry]) -> list[int]:
    """Row of ``theme.SERIES`` for each bundle such that outlines that touch differ where seven colours allow it."""
    tree = shapely.STRtree(outlines)
    colors: list[int] = []
    for row, outline in enumerate(outlines):
        taken = {colors[other] for other in tree.query(outline, predicate="intersects") if other < row}
        start = row % len(theme.SERIES)
        order = [(start + step) % len(theme.SERIES) for step in range(len(theme.SERIES))]
        colors.append(next((color for color in order if color not in taken), start))
    return colors
