"""Browser files for the maps, taken at set-up from an installed package, so that no page asks another host.

folium names its scripts on public networks; here they are copied into Streamlit's static folder (ignored by git) and
folium is told to load them from there. Only Leaflet itself is needed: the other default scripts serve marker kinds that
this program does not use.
"""

from __future__ import annotations

import shutil
import sys
from importlib import resources
from pathlib import Path
from typing import Final

import folium

STATIC: Final = Path(__file__).resolve().parent / "static"
_LEAFLET: Final = STATIC / "leaflet"
_FILES: Final = ("leaflet.js", "leaflet.css")
URL: Final = "../../app/static/leaflet"
"""Relative to a component's own page, so that it also holds under a base path."""


def install() -> Path:
    """Copy Leaflet out of the installed package; gives the folder.

    Raises
    ------
    FileNotFoundError
        If the package lacks a file.
    """
    source = resources.files("xstatic.pkg.leaflet") / "data"
    _LEAFLET.mkdir(parents=True, exist_ok=True)
    with resources.as_file(source) as folder:
        for name in _FILES:
            shutil.copyfile(folder / name, _LEAFLET / name)
        shutil.copytree(folder / "images", _LEAFLET / "images", dirs_exist_ok=True)
    return _LEAFLET


def installed() -> bool:
    """Whether the copied files are all there."""
    return all((_LEAFLET / name).is_file() for name in _FILES)


def use_local_files() -> None:
    """Make every map load Leaflet from this program's own address."""
    folium.Map.default_js = [("leaflet", f"{URL}/leaflet.js")]
    folium.Map.default_css = [("leaflet_css", f"{URL}/leaflet.css")]


if __name__ == "__main__":
    sys.stderr.write(f"浏览器文件已放入 {install()}\n")
