"""From the city's tables to proposals: words and points read, judged, and weighed against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo.blocks.agree import Agreed, Claim, Held, agree
from geo.blocks.confidence import Judged, Verdict, outcome
from geo.blocks.model import Model
from geo.blocks.types import Candidate, Outline
from geo.blocks.workers import WHOLE, Map, Question, Readers
from geo.crs import STORAGE_CRS
from geo.progress import SILENT, Progress, Stopped
from geo.sides.types import PartKind, Side
from planning.boundaries.derive import Derived, derive
from planning.boundaries.reasons import reasons, sides_as_json
from planning.boundaries.size import land_at, may_fill
from planning.boundaries.stake import at_stake
from planning.boundaries.types import BoundaryRun, EstateBoundary, Record
from planning.city import City, Scope

BETTER: Final = ("survey", "drawn")
ACCEPTED_REASON: Final = "由四至文字自动成图"


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What a run looks at.

    ``words``: estates with a text, ``points``: estates with only a position, ``nothing``: estates with neither; rows of
    ``ESTATES``. ``held``: ground in force that others cannot claim. ``kept``: boundaries in force that earlier runs took from
    words, by estate.
    """

    words: pd.DataFrame
    points: pd.DataFrame
    nothing: pd.DataFrame
    held: tuple[Held, ...]
    kept: Mapping[str, BaseGeometry]
    city: City

    @property
    def questions(self) -> list[Question]:
        return [
            Question(str(row.four_sides), _position(row.lon, row.lat), _number(row.land_area_m2))
            for row in self.words.itertuples()
        ]


def task(city: City, street_id: str | None, chosen: frozenset[str]) -> Task:
    """The estates of a street (or all) that have no survey, drawing or boundary chosen by a person.

    Parameters
    ----------
    chosen
        Estates whose boundary in force a person chose at the screen.

    Raises
    ------
    InputError
        If there is no such street.
    """
    inside = city.inside(Scope(unit_id=street_id))
    shaped = city.boundaries[city.boundaries.geometry.notna()]
    settled = shaped[shaped["source"].isin(BETTER) | shaped.index.isin(chosen)]
    wanted = inside.estates[~inside.estates.index.isin(settled.index)]
    names = city.estates["name"]
    # Of other streets whatever is in force holds its ground, so that running street by street gives each its own.
    holding = shaped[shaped.index.isin(settled.index) | ~shaped.index.isin(wanted.index)]
    held = tuple(Held(str(i), str(names.get(i, i)), shape) for i, shape in holding.geometry.items())
    kept = {str(i): shape for i, shape in shaped.geometry.items() if i in wanted.index}
    worded = wanted["four_sides"].fillna("").astype(str).str.strip() != ""
    placed = wanted["lon"].notna() & wanted["lat"].notna()
    return Task(wanted[worded], wanted[~worded & placed], wanted[~worded & ~placed], held, kept, city)


def city_map(city: City) -> Map:
    """What names are looked up in: ways, other names, and where estates are (outlines of better sources, else points)."""
    shaped = city.boundaries[city.boundaries.geometry.notna() & city.boundaries["source"].isin(BETTER)]
    estates = city.estates
    outlines = gpd.GeoDataFrame(
        {"name": estates["name"].reindex(shaped.index).astype(object)},
        geometry=shaped.geometry.to_numpy(), index=shaped.index, crs=STORAGE_CRS,
    )  # fmt: skip
    bare = estates[~estates.index.isin(shaped.index) & estates["lon"].notna() & estates["lat"].notna()]
    spots = gpd.GeoDataFrame(
        {"name": bare["name"].astype(object)},
        geometry=gpd.points_from_xy(bare["lon"], bare["lat"]), index=bare.index, crs=STORAGE_CRS,
    )  # fmt: skip
    places = pd.concat([frame for frame in (outlines, spots) if len(frame)]) if len(outlines) + len(spots) else None
    if places is not None:
        places = places[places["name"].notna()].sort_index()
    names = city.place_names
    aliases = tuple(sorted(set(zip(names["alias"].astype(str), names["name"].astype(str), strict=True))))
    return Map(city.ways, places, aliases)


def propose(
    todo: Task, model: Model, found: Readers, *, land: gpd.GeoDataFrame, progress: Progress = SILENT
) -> BoundaryRun:
    """Candidates, outcomes and reasons for every estate of the task.

    Raises
    ------
    Stopped
        When the progress says so.
    """
    outlines = found.read([(WHOLE, todo.questions)], progress, "由四至生成边界")[0]
    if progress.stopped:
        raise Stopped
    judged = [
        _sized(outcome(model, outline), outline, row, land)
        for outline, row in zip(outlines, todo.words.itertuples(), strict=True)
    ]
    ids = [str(i) for i in todo.words.index]
    claims = [
        _claim(i, str(row.name_), _position(row.lon, row.lat), outline, verdict, model)
        for i, row, outline, verdict in zip(
            ids, todo.words.rename(columns={"name": "name_"}).itertuples(), outlines, judged, strict=True
        )
    ]
    estates = todo.city.estates
    placed = estates[estates["lon"].notna() & estates["lat"].notna()]
    points = [
        (str(i), str(row.name_), float(row.lon), float(row.lat))
        for i, row in zip(placed.index, placed.rename(columns={"name": "name_"}).itertuples(), strict=True)
    ]
    agreed = agree(claims, todo.held, points)
    results: list[_Result] = [
        _from_words(i, str(todo.words.at[i, "name"]), str(todo.words.at[i, "four_sides"]), outline, verdict, agreed[i], todo)
        for i, outline, verdict in zip(ids, outlines, judged, strict=True)
    ]  # fmt: skip
    taken = {one.estate_id: one.shape for one in todo.held}
    taken |= {r.estate_id: r.shapes[0] for r in results if r.outcome is Verdict.ACCEPTED}
    derived = derive(todo.points, estates, todo.city.ways, land, taken)
    results += [_from_point(str(i), str(name), derived.get(str(i), ())) for i, name in todo.points["name"].items()]
    results += [_cannot(str(i), str(name), ("没有四至文字，也没有坐标",)) for i, name in todo.nothing["name"].items()]
    return _run(results, todo, model)


def _sized(judged: Judged, outline: Outline, row: Any, land: gpd.GeoDataFrame) -> Judged:
    """Left for a person where nothing tells whether the estate fills its block."""
    best = outline.best
    if judged.verdict is not Verdict.ACCEPTED or best is None or _number(row.land_area_m2):
        return judged
    lot = land_at(land, _position(row.lon, row.lat))
    doubt = may_fill(best.block, best.net_share, _number(row.floor_area_m2), _number(row.households), lot)
    return judged if doubt is None else replace(judged, verdict=Verdict.LOOK, why=(*judged.why, doubt))


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    """One estate: its outcome, and rows of proposals with their shapes."""

    estate_id: str
    name: str
    outcome: Verdict
    confidence: float | None
    why: tuple[str, ...]
    rows: tuple[Record, ...]
    shapes: tuple[BaseGeometry, ...]


def _claim(
    estate_id: str,
    name: str,
    point: tuple[float, float] | None,
    outline: Outline,
    verdict: Judged,
    model: Model,
) -> Claim:
    best = outline.best
    accept_at = None if best is None else model.steps[best.evidence.step].accept_at
    shapes = tuple(candidate.geometry for candidate in outline.candidates)
    sides = _said(outline, best)
    return Claim(estate_id, name, verdict.verdict, shapes, verdict.confidences, sides, point, accept_at)


def _said(outline: Outline, best: Candidate | None) -> dict[Side, frozenset[str]]:
    """Names on each side: as the map has them where they were found, neighbours as the text has them."""
    said: dict[Side, set[str]] = {}
    for part in outline.resolved.parts:
        if part.chosen and part.matches and not part.part.beyond:
            said.setdefault(part.side, set()).add(part.matches[0].name)
        if part.part.kind is PartKind.PLACE:
            said.setdefault(part.side, set()).add(part.part.name)
    if best is not None:
        for side, names in best.used.items():
            said.setdefault(side, set()).update(names)
    return {side: frozenset(names) for side, names in said.items()}


def _from_words(
    estate_id: str, name: str, text: str, outline: Outline, judged: Judged, agreed: Agreed, todo: Task
) -> _Result:
    why = tuple(dict.fromkeys((*judged.why, *agreed.why, *reasons(outline))))
    sides = sides_as_json(outline)
    order = agreed.order or tuple(range(len(outline.candidates)))
    # Candidates beyond those that the neighbours were asked about keep their place at the end.
    order = (*order, *(k for k in range(len(outline.candidates)) if k not in order))
    verdict = agreed.verdict
    if verdict is Verdict.CANNOT or not order:
        said = {"confidence": judged.confidence, "evidence": {"sides": sides}, "text": text}
        return _cannot(estate_id, name, why, said)
    confidences = {**dict(enumerate(judged.confidences)), **dict(zip(agreed.order, agreed.confidences, strict=True))}
    if verdict is not Verdict.ACCEPTED and estate_id in todo.kept:
        why = (*why, "现有的自动边界仍然有效，请一并复核")
    rows: list[Record] = []
    for rank, k in enumerate(order):
        candidate = outline.candidates[k]
        rows.append(
            {
                "estate_id": estate_id,
                "rank": rank,
                "outcome": verdict.value if rank == 0 else Verdict.LOOK.value,
                "confidence": round(confidences[k], 4),
                "step": candidate.step.value,
                "why": list(why) if rank == 0 else list(candidate.notes),
                "evidence": {
                    **candidate.evidence.as_dict(),
                    "sides": sides,
                    "used": {side.value: list(names) for side, names in candidate.used.items()},
                },
                "text": text,
                "geometry": candidate.geometry,
            }
        )
    shapes = tuple(outline.candidates[k].geometry for k in order)
    return _Result(estate_id, name, verdict, rows[0]["confidence"], why, tuple(rows), shapes)


def _from_point(estate_id: str, name: str, derived: Sequence[Derived]) -> _Result:
    if not derived:
        return _cannot(estate_id, name, ("没有四至文字，坐标周围也没有住宅用地或道路围合的街区",))
    rows = tuple(
        {
            "estate_id": estate_id,
            "rank": rank,
            "outcome": Verdict.LOOK.value,
            "step": one.step,
            "why": list(one.why),
            "evidence": {"area_m2": round(one.area_m2, 1)},
            "geometry": one.shape,
        }
        for rank, one in enumerate(derived)
    )
    return _Result(estate_id, name, Verdict.LOOK, None, derived[0].why, rows, tuple(one.shape for one in derived))


def _cannot(estate_id: str, name: str, why: tuple[str, ...], more: Record | None = None) -> _Result:
    row = {"estate_id": estate_id, "rank": 0, "outcome": Verdict.CANNOT.value, "why": list(why), **(more or {})}
    return _Result(estate_id, name, Verdict.CANNOT, row.get("confidence"), why, (row,), ())


def _run(results: Sequence[_Result], todo: Task, model: Model) -> BoundaryRun:
    confidence = pd.Series({r.estate_id: r.confidence for r in results}, dtype="float64")
    looked_at = todo.city.estates.loc[[r.estate_id for r in results]]
    stake = at_stake(looked_at, confidence)
    estates = [
        EstateBoundary(
            r.estate_id, r.name, r.outcome, r.confidence, r.why, r.rows[0].get("step", "") if r.rows else "",
            len(r.shapes), round(float(stake[r.estate_id]), 2),
        )
        for r in results
    ]  # fmt: skip
    estates.sort(key=lambda e: (-e.stake, e.estate_id))
    proposals = [{**row, "model": model.version} if row.get("text") else row for r in results for row in r.rows]
    boundaries = [
        {
            "estate_id": r.estate_id,
            "source": "text",
            "confidence": r.confidence,
            "model": model.version,
            "reason": ACCEPTED_REASON,
            "geometry": r.shapes[0],
        }
        for r in results
        if r.outcome is Verdict.ACCEPTED
    ]
    notes = (model.note,) if model.note else ()
    return BoundaryRun(tuple(estates), model, tuple(proposals), tuple(boundaries), notes)


def _position(lon: object, lat: object) -> tuple[float, float] | None:
    x, y = _number(lon), _number(lat)
    return None if x is None or y is None else (x, y)


def _number(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)  # type: ignore[arg-type]
