"""Which plans of bundles are stored, and the papers made from each: workbook, summary, dossiers, consultation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, get_args

import pandas as pd

from dashboard.exports.bundle_compare import Version
from dashboard.exports.bundle_summary import summary, summary_sheets
from dashboard.exports.bundles import bundle_sheets
from dashboard.exports.consultation import asked_in, consultation, objections_sheet, results_sheet
from dashboard.exports.desk import Desk
from dashboard.exports.files import file_name
from dashboard.exports.lots import SINGLE, WAY_WORDS, Lot
from dashboard.exports.tender import dossier
from dashboard.exports.tender_book import dossier_sheets
from dashboard.exports.workbook import write_workbook
from dashboard.maps.base import footer_text
from dashboard.places import map_approval
from dashboard.words import date_text
from data.profile import Profile
from data.store import Actor, Store
from geo.errors import InputError
from planning import bundle_versions, runs
from planning.bundles import rules
from planning.bundles.rules import Adjustment
from planning.bundles.settings import Way
from planning.bundles.types import BundlePlan
from planning.city import City, Scope

Made = Iterator[tuple[float, Path]]
"""Files, each with the share (0–1) of the work that is done with it."""
WAYS: Final[tuple[Way, ...]] = get_args(Way)
SOURCE: Final = "本库台账与路网"


def stored_plans(store: Store, actor: Actor) -> dict[Way, runs.Stored[BundlePlan]]:
    """The plan in force of each way that has one."""
    found = ((way, runs.stored_bundles(store, actor, way)) for way in WAYS)
    return {way: saved for way, saved in found if saved is not None}


def require_estates(plans: Mapping[Way, runs.Stored[BundlePlan]], city: City) -> None:
    """Find out whether all estates that the plans name are still there.

    Raises
    ------
    InputError
        If not: the plan must be made anew.
    """
    for way, saved in plans.items():
        plan = saved.value
        named = {estate for bundle in plan.bundles for estate in bundle.members}
        named |= {row.estate_id for row in plan.alone} | {row.estate_id for row in plan.fallback}
        gone = len(named - set(city.estates.index))
        if gone:
            again = "wuyetu bundle" if way == "service" else f"wuyetu bundle --way {way}"
            raise InputError(f"{WAY_WORDS[way].plan}中有{gone}个小区已不在库中", f"请重新运行 {again}，再导出")


@dataclass(frozen=True)
class BundlePapers:
    """Makes the papers of all ways into one folder; dossiers and owners' sheets of one unit only if it is given."""

    store: Store
    actor: Actor
    profile: Profile
    city: City
    plans: Mapping[Way, runs.Stored[BundlePlan]]
    stops: Callable[[], pd.DataFrame]
    directory: Path
    unit_id: str | None = None

    def require_unit(self) -> None:
        """Find out whether the unit is there and has lots.

        Raises
        ------
        InputError
            If not.
        """
        if self.unit_id is not None:
            estates = set(self.city.inside(Scope(self.unit_id)).estates.index)
            if not any(estates & set(lot.estates) for desk in self._desks.values() for lot in desk.lots):
                name = self.city.unit_names[self.unit_id]
                raise InputError(f"方案中没有{name}的单元，没有可导出的材料", "请另选单元，或不加 --unit 导出全部")

    @cached_property
    def _lots(self) -> dict[Way, list[Lot]]:
        """The lots to be written: those with an estate in the unit, if one is given."""
        if self.unit_id is None:
            return {way: desk.lots for way, desk in self._desks.items()}
        inside = set(self.city.inside(Scope(self.unit_id)).estates.index)
        return {way: [lot for lot in desk.lots if inside & set(lot.estates)] for way, desk in self._desks.items()}

    @cached_property
    def _desks(self) -> dict[Way, Desk]:
        footer = map_footer(self.store, self.actor)
        return {way: Desk(self.city, self.profile, saved, self.stops(), footer) for way, saved in self.plans.items()}

    def workbooks(self) -> Made:
        """打捆方案 of each way."""
        for number, (way, desk) in enumerate(self._desks.items(), start=1):
            path = self._path(desk, WAY_WORDS[way].plan, ".xlsx")
            yield number / len(self._desks), write_workbook(path, bundle_sheets(desk, self._exceptions(desk)))

    def summaries(self) -> Made:
        """打捆方案汇总 of each way, .docx and .xlsx."""
        for number, (way, desk) in enumerate(self._desks.items(), start=1):
            name = f"{WAY_WORDS[way].plan}汇总"
            exceptions, versions = self._exceptions(desk), saved_versions(self.store, self.actor, way)
            share = number / len(self._desks)
            paper = summary(desk, versions, exceptions)
            yield share - 0.5 / len(self._desks), paper.write(self._path(desk, name, ".docx"))
            yield share, write_workbook(self._path(desk, name, ".xlsx"), summary_sheets(desk, versions, exceptions))

    def dossiers(self) -> Made:
        """标段材料 of each lot, .docx and .xlsx, in one folder for each way."""
        n_lots = sum(map(len, self._lots.values()))
        done = 0
        for way, desk in self._desks.items():
            folder = self._path(desk, WAY_WORDS[way].dossier, "")
            names = _Names()
            for lot in self._lots[way]:
                for path in _write_dossier(desk, lot, folder, names):
                    done += 1
                    yield done / (2 * n_lots), path
                desk.drop(lot)
            names.remove_older(folder)

    def consultations(self) -> Made:
        """征询意见表 of each estate that is asked, .docx, in one folder for each way; the workbook for the results."""
        chosen = {way: [lot for lot in found if lot.bundle] for way, found in self._lots.items()}
        total = sum(1 + sum(len(asked_in(lot)) for lot in lots) for lots in chosen.values())
        done = 0
        for way, desk in self._desks.items():
            folder, names = self._path(desk, WAY_WORDS[way].asked_file, ""), _Names()
            for lot in chosen[way]:
                for estate in asked_in(lot):
                    done += 1
                    yield done / total, _write_sheet(desk, lot, estate, folder, names)
                desk.drop(lot)
            names.remove_older(folder)
            done += 1
            sheet = (objections_sheet if way == "audit" else results_sheet)(desk, chosen[way])
            path = self._path(desk, WAY_WORDS[way].results, ".xlsx")
            yield done / total, write_workbook(path, [sheet])

    def of_bundle(self, way: Way, bundle_id: str) -> Iterator[Path]:
        """Dossier, consultation sheets and results workbook of one bundle.

        Raises
        ------
        InputError
            If the plan has no bundle of that id.
        """
        desk = self._desks[way]
        lot = next((lot for lot in desk.lots if lot.bundle and lot.bundle.bundle_id == bundle_id), None)
        if lot is None:
            raise InputError(f"方案中没有编号为“{bundle_id}”的单元", "方案可能已经重新求解，请刷新后再选")
        names = _Names()
        yield from _write_dossier(desk, lot, self.directory, names)
        for estate in asked_in(lot):
            yield _write_sheet(desk, lot, estate, self.directory, names)
        sheet = (objections_sheet if way == "audit" else results_sheet)(desk, [lot])
        title = file_name(f"{lot.unit}{lot.name}", WAY_WORDS[way].results, date_text(desk.day), ".xlsx")
        yield write_workbook(self.directory / title, [sheet])

    def _path(self, desk: Desk, report: str, suffix: str) -> Path:
        unit = self.city.unit_names[self.unit_id] if self.unit_id is not None else ""
        return self.directory / file_name(f"{self.profile.city}{unit}", report, date_text(desk.day), suffix)

    def _exceptions(self, desk: Desk) -> tuple[Adjustment, ...]:
        if not any(bundle.by_hand and bundle.reason for bundle in desk.plan.bundles):
            return ()
        part = self.city.inside(desk.saved.scope)
        states = runs.assess(part, self.profile, desk.day).states
        stops = desk.stops.loc[part.estates.index]
        settings = desk.plan.settings
        return rules.exceptions(desk.plan, part.estates, states, stops, part.ways, settings, part.companies)


def map_footer(store: Store, actor: Actor) -> str:
    """Source, data date and 审图号, as every map shows them."""
    with store.begin(actor) as work:
        load = work.last_load()
    return footer_text(source=SOURCE, on=load.at.astimezone().date() if load else None, approval=map_approval())


def saved_versions(store: Store, actor: Actor, way: Way) -> list[Version]:
    """Versions of one way that somebody saved by name, as `planning.bundle_versions` lists them."""
    found = []
    for named in bundle_versions.versions(store, actor, way):
        try:
            found.append(Version(named.name, bundle_versions.version(store, actor, way, named.name).value))
        except InputError:
            found.append(Version(named.name, None))
    return found


class _Names:
    """File names that do not meet each other in a folder: estates may share a name, and long names are cut."""

    def __init__(self) -> None:
        self._taken: dict[str, None] = {}

    def of(self, unit: str, report: str, period: str, suffix: str) -> str:
        name, number = file_name(unit, report, period, suffix), 2
        while name.lower() in self._taken:
            name, number = file_name(unit, f"{report}（{number}）", period, suffix), number + 1
        self._taken[name.lower()] = None
        return name

    def remove_older(self, folder: Path) -> None:
        """Take away papers of an earlier plan of the same day: nobody may tender with a lot that is no more."""
        kinds = {words.dossier for words in (*WAY_WORDS.values(), SINGLE)} | {
            words.asked_file for words in WAY_WORDS.values()
        }
        for path in folder.glob("*"):
            report = path.stem.split("_")[-2].partition("（")[0] if path.stem.count("_") >= 2 else ""
            if path.suffix in (".docx", ".xlsx") and report in kinds and path.name.lower() not in self._taken:
                path.unlink(missing_ok=True)


def _write_dossier(desk: Desk, lot: Lot, folder: Path, names: _Names) -> Iterator[Path]:
    unit = f"{lot.unit}{lot.name}"
    day = date_text(desk.day)
    yield dossier(desk, lot).write(folder / names.of(unit, lot.words.dossier, day, ".docx"))
    yield write_workbook(folder / names.of(unit, lot.words.dossier, day, ".xlsx"), dossier_sheets(desk, lot))


def _write_sheet(desk: Desk, lot: Lot, estate: str, folder: Path, names: _Names) -> Path:
    unit = f"{lot.unit}{lot.name}{desk.name(estate)}"
    name = names.of(unit, lot.words.asked_file, date_text(desk.day), ".docx")
    return consultation(desk, lot, estate).write(folder / name)
