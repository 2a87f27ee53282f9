"""Load files into the store: read all, check all, then change everything in one transaction or nothing."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import shapely

from data.geofiles.control_points import read_control
from data.geofiles.reading import Reading, checked_encoding
from data.geofiles.zones import parse_zone
from data.load_files import Source, collect
from data.load_read import Request, box_of, home_of, read_late, read_maps
from data.load_report import Findings, LoadReport
from data.load_tables import read_tables
from data.load_units import UnitTree, add_units
from data.load_write import write
from data.profile import Profile
from data.registers.mapping import find_mapping
from data.schemas import ESTATES, UNITS
from data.store import Actor, Change, Store, UnitOfWork
from geo.crs import Datum
from geo.errors import InputError
from geo.point_fit import FitKind
from geo.progress import SILENT, Progress

__all__ = ["LoadReport", "load"]


def load(
    store: Store,
    actor: Actor,
    paths: Sequence[Path],
    profile: Profile,
    *,
    datum: Datum | None = None,
    datum_by_pattern: Mapping[str, Datum] | None = None,
    mapping: str | None = None,
    encoding: str | None = None,
    zone: str | None = None,
    control_points: Path | None = None,
    control_fit: FitKind = "similarity",
    progress: Progress = SILENT,
) -> LoadReport:
    """Read registers, units, boundaries, gates, ways, teams and cases into the store.

    Good rows go in, bad ones come back as faults. A file that cannot be used at all is a fault too, as long as another
    one can. All changes happen in one transaction, so a failure at any point leaves the store as it was; loading the
    same files again changes nothing.

    Parameters
    ----------
    paths
        Files, and folders of which the top level is read.
    datum
        Datum of tables and of vector files that state none themselves (a declared plane CRS or CGCS2000, or a file name
        such as ``x_gcj02.geojson``, comes first for vector files).
    datum_by_pattern
        Datum by file name pattern, e.g. ``{"*districts*": Datum.GCJ02}``; comes before everything else.
    mapping
        Column mapping for the tables: a name or the path of a ``.toml`` file; by default each file's own is recognised.
    encoding
        Encoding of shapefiles' and drawings' texts; by default told by their bytes.
    zone
        Gauss-Krüger zone of plane coordinates that state none; see `data.geofiles.zones.parse_zone`.
    control_points
        Table of points known in an old system and in the stored one, by which files of the old system are carried over;
        see `data.geofiles.control_points.read_control`.
    control_fit
        Which map is fitted to them.

    Raises
    ------
    InputError
        If no file can be used, the actor may not write, the store cannot be written, or another load changed it while
        the files were read.
    Stopped
        If ``progress`` says stop.
    """
    if mapping is not None:
        find_mapping(mapping)  # a wrong name is one fault of the command, not one of every file
    band = parse_zone(zone) if zone else None
    reading = Reading(
        datum,
        datum_by_pattern or {},
        checked_encoding(encoding) if encoding else None,
        band,
        read_control(control_points, control_fit, band) if control_points is not None else None,
    )
    request = Request(profile, datum, datum_by_pattern or {}, mapping, progress, reading)
    with _collector_paused(), TemporaryDirectory(prefix="wuyetu-") as scratch:
        return _load(store, actor, paths, request, Path(scratch))


def _load(store: Store, actor: Actor, paths: Sequence[Path], request: Request, scratch: Path) -> LoadReport:
    findings = Findings()
    sources = collect(paths, findings, scratch)
    control = request.reading.control
    if control is not None:
        findings.control_points = control.table()
        for note in (f"{control.file}：{control.statement}", *control.notes):
            findings.note(note)
        # The table of points is not a file of the city, also where it lies in the folder that is loaded.
        sources = [source for source in sources if source.path.name != control.file]
    with store.begin(actor, write=True) as work:
        units, stamp = work.read(UNITS), work.stamp
        home = box_of(shapely.bounds(units.geometry.dropna().to_numpy()))
        home = home or box_of(work.read(ESTATES)[["lon", "lat", "lon", "lat"]].to_numpy(dtype=float))
    request = replace(request, reading=replace(request.reading, home=home))
    before, tree = UnitTree.of(units), UnitTree.of(units)
    maps, unusable = read_maps(sources, request, findings)
    touched = set(add_units(tree, maps.units, findings))
    registers, results, broken = read_tables(sources, tree, touched, request, findings, maps)
    if maps.late:
        broken += read_late(maps, home_of(maps, list(registers.estates.values())), request, findings)
    if unusable + broken == len(sources):
        raise InputError(findings.faults)
    with store.begin(actor, write=True) as work:
        if work.stamp != stamp:
            raise InputError("读文件的时候，另一次导入改动了数据库，这次没有导入任何内容", "请重新导入一次")
        change = write(work, maps, before, tree, touched, registers, results, request, findings)
        _finish(work, sources, change, request, findings)
        request.step(1.0, "导入完成")
    return findings.report(change.added + change.changed)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """No garbage collection meanwhile: a load makes millions of small records without cycles, and looking through them
    again and again takes a sixth of its time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _finish(work: UnitOfWork, sources: Sequence[Source], change: Change, request: Request, findings: Findings) -> None:
    """Keep what the whole store is about, and note the load if it says anything new."""
    before = work.setting("profile")
    if before not in (None, request.profile.id):
        findings.warn(f"数据库原来使用的城市规则是“{before}”，现已改为“{request.profile.id}”")
    if work.actor.unit_id is None:
        work.set_setting("profile", request.profile.id)
        work.set_setting("city", request.profile.city)
        work.set_setting("fictional", request.profile.fictional)
    last = work.last_load()
    if not change and last is not None and last.faults == findings.faults:
        return
    if work.actor.unit_id is None:
        newest = max(source.path.stat().st_mtime for source in sources)
        work.set_setting("data_date", date.fromtimestamp(newest).isoformat())
    digests = {source.name: _digest(source.path) for source in sources}
    files = [{**entry, "sha256": digests.get(str(entry["file"]), "")} for entry in findings.files]
    work.record_load(files, findings.faults, findings.counts)


def _digest(path: Path) -> str:
    if path.is_dir():
        inner = "".join(f"{item.name}{_digest(item)}" for item in sorted(path.iterdir()) if item.is_file())
        return hashlib.sha256(inner.encode()).hexdigest()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
