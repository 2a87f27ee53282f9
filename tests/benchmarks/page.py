"""The overview of a large city in a real browser: page open to drawn map, beside an empty map and one polygon layer.

    python -m tests.benchmarks.page --estates 10000 --runs 3

All three pages run in the same Streamlit, Leaflet from the same static folder. The yardsticks: a folium map with nothing
on it, and one folium ``GeoJson`` layer with a 12-cornered polygon for every estate. Warm: the first opening of each page
is not counted.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from dashboard.places import ROOT
from data.demo import write_demo
from data.load import load
from data.profile_file import load_profile
from data.store import Actor, Role, open_store
from tests.benchmarks import _bench
from tests.benchmarks._bench import Rows
from tests.browser.install import chromium

_ACTOR = Actor("benchmark", Role.ADMIN)
_PATIENCE_MS = 120_000
_YARDSTICK = """
import sys
sys.path.insert(0, {root!r})
import folium, geopandas as gpd, numpy as np, shapely, streamlit as st
from streamlit_folium import st_folium
from dashboard import assets
assets.use_local_files()
st.set_page_config(layout="wide")
m = folium.Map(location=[30.2, 112.3], zoom_start=11, tiles=None, prefer_canvas=True)
n = {n}
if n:
    rng = np.random.default_rng(1)
    points = shapely.points(112.1 + 0.4 * rng.random(n), 30.05 + 0.3 * rng.random(n))
    shapes = shapely.buffer(points, 0.001, quad_segs=3)
    frame = gpd.GeoDataFrame({{"name": [f"e{{i}}" for i in range(n)]}}, geometry=shapes, crs=4326)
    folium.GeoJson(frame, style_function=lambda f: {{"weight": 1}}, tooltip=folium.GeoJsonTooltip(["name"])).add_to(m)
else:
    folium.CircleMarker([30.2, 112.3]).add_to(m)
st_folium(m, key="m", height=560, use_container_width=True, returned_objects=[])
"""


def table(argv: Sequence[str] | None = None) -> Rows:
    """One row for each page: median, least and most seconds of several openings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--estates", "--size", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        store = _store(folder, options.estates)
        (folder / "empty.py").write_text(_YARDSTICK.format(root=str(ROOT), n=0), "utf-8")
        (folder / "polygons.py").write_text(_YARDSTICK.format(root=str(ROOT), n=options.estates), "utf-8")
        (folder / "static").symlink_to(ROOT / "dashboard" / "static")
        pages = {
            "empty map": folder / "empty.py",
            "wuyetu overview": ROOT / "dashboard" / "app.py",
            "one folium layer of polygons": folder / "polygons.py",
        }
        flags = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        rows: Rows = []
        for title, script in pages.items():
            with _served(script, store) as url:
                seconds = [
                    _opened(browser.new_page(viewport={"width": 1366, "height": 768}), url)
                    for _ in range(options.runs + 1)
                ]
            warm = seconds[1:]
            rows.append(
                {
                    "page": title,
                    "estates": 0 if title == "empty map" else options.estates,
                    "median_s": round(statistics.median(warm), 1),
                    "least_s": round(min(warm), 1),
                    "most_s": round(max(warm), 1),
                    "cold_s": round(seconds[0], 1),
                }
            )
        browser.close()
    slow = float(str(rows[-1]["median_s"]))
    for row in rows:
        row["times_polygons"] = round(float(str(row["median_s"])) / slow, 2)
    return rows


def _store(folder: Path, n_estates: int) -> str:
    url = f"sqlite:///{folder}/wuyetu.db"
    write_demo(folder / "city", n_estates=n_estates)
    with open_store(url) as store:
        load(store, _ACTOR, [folder / "city"], load_profile("demo"))
    return url


@contextmanager
def _served(script: Path, store: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    command += ["--server.headless", "true", "--server.enableStaticServing", "true"]
    quiet = subprocess.DEVNULL
    environment = {**os.environ, "WUYETU_STORE": store}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet) as process:
        try:
            while True:
                try:
                    urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2).read()
                    break
                except OSError:
                    time.sleep(0.1)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()


def _opened(page: Page, url: str) -> float:
    """Seconds from opening the page to a canvas on which something is drawn."""
    began = time.perf_counter()
    page.goto(url)
    frame = page.frame_locator("iframe[title*=folium]").first
    canvas = frame.locator(".leaflet-overlay-pane canvas").first
    canvas.wait_for(timeout=_PATIENCE_MS)
    canvas.evaluate(
        """canvas => new Promise(done => {
            const look = () => {
                const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                for (let i = 3; i < data.length; i += 4) if (data[i]) return done();
                requestAnimationFrame(look);
            };
            look();
        })"""
    )
    seconds = time.perf_counter() - began
    page.close()
    return seconds


def show(rows: Rows) -> None:
    """Print the table."""
    _bench.show(rows, ("streamlit", "folium", "streamlit-folium", "playwright"))


def main(argv: list[str] | None = None) -> int:
    """Run and print."""
    show(table(argv))
    return 0


if __name__ == "__main__":
    sys.exit(main())
