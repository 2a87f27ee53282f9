"""Papers for the meeting, files for GIS users, pages for the teams; each file is whole or not there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from dashboard.exports.makers import Makers
from data.profile import Profile
from data.store import Actor, Store
from geo.errors import InputError
from geo.progress import SILENT, Progress
from planning import runs

KINDS: Final = (
    "coverage", "bundles", "bundle-summary", "plan", "routes", "geopackage", "quality", "boundaries", "tender",
    "consultation",
)  # fmt: skip
ALL: Final = "all"


def export(
    store: Store,
    actor: Actor,
    profile: Profile,
    kind: str,
    *,
    period: str | None,
    on: date,
    directory: Path,
    cache_dir: Path | None,
    unit_id: str | None = None,
    progress: Progress = SILENT,
) -> list[Path]:
    """Write one kind of export, or all that there is something for; gives the files.

    With ``unit_id``, dossiers and owners' sheets are those of one unit: a large city has thousands.

    What was written goes to the audit log, also when a later file fails or the work is stopped.

    Raises
    ------
    InputError
        If the kind is unknown, or what it shows has not been computed or no longer fits the data; nothing is written.
    OSError
        If a file cannot be written; the files before it are whole, nothing else is left.
    """
    if kind not in (*KINDS, ALL):
        raise InputError(f"没有名为“{kind}”的导出", f"可选：{'、'.join((*KINDS, ALL))}")
    if directory.exists() and not directory.is_dir():
        raise InputError(f"“{directory}”不是文件夹，无法把导出的文件放进去", "请用 --out 另选一个文件夹")
    progress.update(0.0, "读取数据")
    city = runs.read_city(store, actor)
    makers = Makers(store, actor, profile, city, period, on, directory, cache_dir, unit_id)
    kinds = makers.possible(KINDS) if kind == ALL else [kind]
    makers.require(kinds)
    files: list[Path] = []
    try:
        for file in _made(makers, kinds, progress):
            files.append(file)
    finally:
        _note(store, actor, directory, files)
    return files


def _made(makers: Makers, kinds: list[str], progress: Progress) -> Iterator[Path]:
    for step, kind in enumerate(kinds):
        if progress.stopped:
            return
        for share, file in makers.make(kind):
            yield file
            progress.update((step + share) / len(kinds), file.name)
            if progress.stopped:
                return


def _note(store: Store, actor: Actor, directory: Path, files: list[Path]) -> None:
    """Enter the files in the audit log; files that cannot be entered are taken back: none goes out unseen (D6)."""
    try:
        with store.begin(actor) as uow:
            uow.note_export([file.relative_to(directory).as_posix() for file in files])
    except BaseException:
        for file in files:
            file.unlink(missing_ok=True)
        raise
