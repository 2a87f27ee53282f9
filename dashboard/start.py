"""``make run``: on the first start builds the demo city and all its results, then opens the dashboard.

Each step is done only when its result is missing, so that a start that was broken off goes on where it stopped.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from dashboard.places import DEFAULT_STORE
from dashboard.serve import serve
from dashboard.terminal import say
from data.quarter import Quarter
from data.store import Actor, Role, open_store
from geo.errors import InputError
from planning import runs
from planning.boundaries import stored_model

DEMO_QUARTER = "2027Q1"
_DEMO = Path("var/demo")


def _wuyetu(*arguments: str) -> None:
    """One step of the command line; exit code 1 (rows refused, visits unplaced) is a result, 2 ends the start."""
    code = subprocess.run([sys.executable, "-m", "dashboard.cli", *arguments], check=False).returncode
    if code not in (0, 1):
        sys.exit(code)


def prepare(store_url: str, out: Path) -> None:
    """Bring the store to the state in which every page has something to show."""
    actor = Actor("make run", Role.ADMIN)
    with open_store(store_url) as store, store.begin(actor) as uow:
        city = uow.setting("profile")
        loaded = uow.last_load() is not None
        outlined = stored_model(uow) is not None
        bundled = uow.document(runs.BUNDLES) is not None
        planned = uow.document(runs.PLAN) is not None
    if loaded and city != "demo":
        return
    if not loaded:
        say("首次启动：生成虚构的示例城市并计算，约需两三分钟。")
        _wuyetu("demo", str(_DEMO))
        _wuyetu("load", str(_DEMO), "--city", "demo")
    if not outlined:
        _wuyetu("boundaries")
    if not bundled:
        _wuyetu("bundle")
    if not planned:
        _wuyetu("plan", "--quarter", DEMO_QUARTER)
    if not (out / ".complete").exists():
        _wuyetu("coverage")
        _wuyetu("export", "all", "--quarter", DEMO_QUARTER, "--out", str(out))
        (out / ".complete").write_text(Quarter.parse(DEMO_QUARTER).title, "utf-8")


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501)
@click.option("--store", "store_url", envvar="WUYETU_STORE", default=DEFAULT_STORE)
@click.option("--out", type=click.Path(path_type=Path), default=Path("out"))
def main(port: int, store_url: str, out: Path) -> None:
    """Prepare, then serve."""
    os.environ["WUYETU_STORE"] = store_url
    try:
        prepare(store_url, out)
        sys.exit(serve(store_url, port, out=out))
    except InputError as error:
        say(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        say("已中断；下次启动会接着做。")
        sys.exit(130)


if __name__ == "__main__":
    main()
