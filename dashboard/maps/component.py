"""Components with a map of their own: their scripts joined with the ones that all share, and one style sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any, Final

import streamlit as st

_TEMPLATES: Final = files("dashboard") / "templates"
_SHARED: Final = ("map_marks", "desk_shared")


def component(name: str, scripts: Sequence[str], style: str) -> Callable[..., Any]:
    """A Streamlit component from templates.

    Components given the same ``scripts`` share one module in the browser, and with it what the module remembers.

    Parameters
    ----------
    scripts
        Names of ``.js`` templates in order, without suffix; the shared ones come first by themselves.
    style
        Name of the ``.css`` template, without suffix; ``desk.css`` comes first by itself.
    """
    script = "\n".join((_TEMPLATES / f"{part}.js").read_text("utf-8") for part in (*_SHARED, *scripts))
    css = "\n".join((_TEMPLATES / f"{part}.css").read_text("utf-8") for part in ("desk", style))
    made: Callable[..., Any] = st.components.v2.component(name, css=css, js=script, isolate_styles=False)
    return made
