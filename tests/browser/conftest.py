"""A small demo city behind a running dashboard, and a browser that fails on any request to another host."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright

from tests.browser.install import chromium

ROOT = Path(__file__).resolve().parent.parent.parent
QUARTER = "2027Q1"
_PATIENCE_MS = 90_000
expect.set_options(timeout=_PATIENCE_MS)


def wuyetu(*arguments: str, store: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would."""
    environment = {**os.environ, "WUYETU_STORE": store}
    return subprocess.run(
        [sys.executable, "-m", "dashboard.cli", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Served:
    """A running dashboard."""

    url: str
    store: str


def serve(store: str, folder: Path) -> Iterator[Served]:
    """Start the dashboard on a free port, wait until it answers, end it afterwards."""
    port = free_port()
    log = (folder / "serve.log").open("w")
    command = [sys.executable, "-m", "dashboard.cli", "serve", "--port", str(port), "--store", store]
    with subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log) as process:
        try:
            deadline = time.monotonic() + 90
            while True:
                try:
                    urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2).read()
                    break
                except OSError:
                    if time.monotonic() > deadline or process.poll() is not None:
                        raise AssertionError((folder / "serve.log").read_text("utf-8")) from None
                    time.sleep(0.2)
            yield Served(f"http://localhost:{port}", store)
        finally:
            process.terminate()
            process.wait(20)
            log.close()


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Store of a demo city of 150 estates with bundles and a plan, made by the command line."""
    folder = tmp_path_factory.mktemp("demo")
    store = f"sqlite:///{folder}/wuyetu.db"
    for arguments in (
        ("demo", str(folder / "input"), "--estates", "150"),
        ("load", str(folder / "input"), "--city", "demo"),
        ("bundle",),
        ("plan", "--quarter", QUARTER, "--budget", "6"),
    ):
        done = wuyetu(*arguments, store=store)
        assert done.returncode in (0, 1), f"{arguments}: {done.stderr[-3000:]}"
    return store


@pytest.fixture(scope="session")
def app(demo_store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The dashboard of the demo city."""
    yield from serve(demo_store, tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium: the installed one, else Playwright's own."""
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page with what it asked for and what went wrong in it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, url: str) -> None:
        self.page.goto(url)

    def map(self) -> FrameLocator:
        """The frame of the (first) map, drawn."""
        frame = self.page.frame_locator("iframe[title*=folium]").first
        frame.locator("canvas.leaflet-zoom-animated").first.wait_for(timeout=_PATIENCE_MS)
        return frame

    def settle(self) -> None:
        """Wait until the server has finished the run."""
        self.page.wait_for_function(
            "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'",
            timeout=_PATIENCE_MS,
        )

    def strangers(self) -> list[str]:
        """Requests that left this machine."""
        hosts = ("localhost", "127.0.0.1")
        return [url for url in self.requests if urlparse(url).scheme in ("http", "https", "ws", "wss")
                and urlparse(url).hostname not in hosts]  # fmt: skip


def _watched(browser: Browser, width: int, height: int, name: str) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    watched = Watched(page)
    page.on("request", lambda request: watched.requests.append(request.url))
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    try:
        yield watched
    finally:
        failures = ROOT / "tests" / "browser" / "failures"
        failures.mkdir(exist_ok=True)
        page.screenshot(path=failures / f"{name}.png")
        context.close()


@pytest.fixture
def desk(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Watched]:
    """An office PC's screen."""
    yield from _watched(browser, 1366, 768, request.node.name.replace("/", "_"))


@pytest.fixture
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Watched]:
    """A phone's screen."""
    yield from _watched(browser, 390, 844, request.node.name.replace("/", "_"))
