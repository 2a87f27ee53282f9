"""``wuyetu boundaries``: read the city, fit or reuse the confidence model, propose, and save."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Final

import numpy as np

from data.boundaries import put_boundaries, put_proposals, weigh
from data.boundaries.journal import BY_PERSON, GATE_KINDS, LIVE, Step, read_steps
from data.boundaries.precedence import last_step
from data.schemas import LAND
from data.store import Actor, Store, UnitOfWork
from geo.blocks.confidence import Verdict
from geo.blocks.extent import to_fit_on
from geo.blocks.fitting import fit, ways_key
from geo.blocks.model import Model
from geo.blocks.workers import Readers, reader, readers
from geo.errors import InputError
from geo.progress import SILENT, Progress
from planning.boundaries.propose import city_map, propose, task
from planning.boundaries.types import BoundaryRun
from planning.city import City
from planning.documents import dump, parse

MODEL: Final = "boundary_model"
"""Kind of the document that holds the model."""
CURRENT: Final = "current"
CAUSE: Final = "由四至文字自动成图"


def run(
    store: Store,
    actor: Actor,
    *,
    now: datetime,
    street_id: str | None = None,
    seed: int = 1,
    model: Model | None = None,
    progress: Progress = SILENT,
) -> BoundaryRun:
    """Boundaries for all estates (of a street) that have no survey or drawing: proposed, judged and saved.

    Accepted ones come into force as far as their source may replace what is there; a second run on the same data changes
    nothing. The confidence model is the stored one while the ways are unchanged, else it is fitted anew and stored.

    Parameters
    ----------
    now
        The moment, with its time zone.
    street_id
        A unit (街道, or 县区, 社区); ``None``: all estates in the actor's area.
    seed
        Of the cases that the model is fitted on.
    model
        Use this one, whatever the ways.

    Raises
    ------
    InputError
        If there are no estates, no such unit, or the actor may not write.
    Stopped
        When the progress says so; nothing was changed.
    """
    with store.begin(actor) as work:
        city = City.read(work, more=(LAND,))
        chosen = chosen_by_person(work)
        known = stored_model(work)
    if city.estates.empty:
        raise InputError("数据库里还没有小区", "请先用 wuyetu load 导入台账")
    if city.ways.empty and not (city.estates["lon"].notna() & city.estates["lat"].notna()).any():
        raise InputError(
            "数据库里没有道路，小区也都没有坐标，四至无从落到图上", "请先用 wuyetu load 导入本地道路（OSM 文件）"
        )
    progress.update(0.0, "整理四至和坐标")
    todo = task(city, street_id, chosen)
    key = ways_key(city.ways)
    fits = known is not None and known.usable and known.ways_key == key and known.seed == seed
    with readers(city_map(city)) as found:
        used = model if model is not None else (known if fits else None)
        if used is None:
            used = fit_model(city, found, seed=seed, on=now.date(), progress=_Part(progress, 0.02, 0.6))
        share = 0.02 if fits or model is not None else 0.6
        result = propose(todo, used, found, land=city.land, progress=_Part(progress, share, 0.95))
    progress.update(0.95, "保存候选边界")
    fresh = model is None and not fits
    return save(store, actor, result, now=now, model=used if fresh else None)


def fit_model(city: City, found: Readers, *, seed: int, on: date, progress: Progress = SILENT) -> Model:
    """The confidence model of the city's map; the built-in one where the map is too small.

    A large city's is fitted on the ways around some of its estates (`geo.blocks.extent.to_fit_on`).
    """
    ways = to_fit_on(
        city.ways,
        city.estates["lon"].to_numpy(np.float64, na_value=np.nan),
        city.estates["lat"].to_numpy(np.float64, na_value=np.nan),
        seed,
    )
    day = on.isoformat()
    if len(ways) == len(city.ways):
        return fit(ways, reader(found), seed=seed, fitted_on=day, progress=progress)
    with readers(replace(city_map(city), ways=ways)) as nearer:
        model = fit(ways, reader(nearer), seed=seed, fitted_on=day, progress=progress)
    return replace(model, ways_key=ways_key(city.ways))


def save(store: Store, actor: Actor, found: BoundaryRun, *, now: datetime, model: Model | None = None) -> BoundaryRun:
    """Keep the proposals, put the accepted boundaries in force, and keep a new model; gives the run with what changed.

    Everything is kept whole or not at all.
    """
    with store.begin(actor, write=True) as work:
        if model is not None:
            work.save_document(MODEL, CURRENT, {"model": dump(model)})
        weighed = weigh(work, found.boundaries)
        for kept, why in ((weighed.kept_better, "已有更可靠的边界"), (weighed.kept_chosen, "人工撤换过这样的边界")):
            found = not_put(found, {estate_id for estate_id, _, _ in kept}, f"{why}，没有自动采用")
        proposals = put_proposals(work, found.proposals, [estate.estate_id for estate in found.estates])
        outcome = put_boundaries(work, found.boundaries, cause=CAUSE, now=now)
    changed = {
        "proposals": proposals.added + proposals.changed,
        "boundaries": outcome.change.added + outcome.change.changed,
    }
    return replace(found, notes=(*found.notes, *outcome.notes), changed=changed)


def not_put(found: BoundaryRun, estate_ids: Collection[str], why: str) -> BoundaryRun:
    """The run with these estates left for a person, for a reason that only the store knows."""
    if not estate_ids:
        return found
    estates = tuple(
        replace(e, outcome=Verdict.LOOK, why=(*e.why, why)) if e.estate_id in estate_ids else e for e in found.estates
    )
    proposals = tuple(
        {**row, "outcome": Verdict.LOOK.value, "why": [*row["why"], why]}
        if row["estate_id"] in estate_ids and row["rank"] == 0
        else row
        for row in found.proposals
    )
    boundaries = tuple(row for row in found.boundaries if row["estate_id"] not in estate_ids)
    return replace(found, estates=estates, proposals=proposals, boundaries=boundaries)


def stored_model(work: UnitOfWork) -> Model | None:
    """The model of the last fit, ``None`` without one or if another version of the program wrote it."""
    document = work.document(MODEL, CURRENT)
    if document is None:
        return None
    try:
        return parse(Model, document.body["model"])
    except (InputError, KeyError):  # written by another version: fitted again, and stored in its place
        return None


def chosen_by_person(work: UnitOfWork) -> frozenset[str]:
    """Estates whose boundary in force a person chose at the screen."""
    steps: dict[str, list[Step]] = {}
    for step in read_steps(work, state=LIVE):
        if step.kind not in GATE_KINDS:
            steps.setdefault(step.estate_id, []).append(step)
    last = {estate_id: last_step(found) for estate_id, found in steps.items()}
    return frozenset(i for i, step in last.items() if step is not None and step.kind in BY_PERSON and step.after)


class _Part:
    """Progress of one part of the work."""

    def __init__(self, whole: Progress, start: float, end: float) -> None:
        self._whole, self._start, self._end = whole, start, end

    @property
    def stopped(self) -> bool:
        return self._whole.stopped

    def update(self, share: float, text: str) -> None:
        self._whole.update(self._start + (self._end - self._start) * share, text)
