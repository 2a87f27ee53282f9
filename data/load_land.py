"""Residential land and buildings into the store: joined from all files, with what is not housing left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data.geofiles.land import UNKNOWN_USE, LandRows
from data.load_report import Findings
from data.schemas import LAND
from data.store import Change, UnitOfWork
from geo.crs import STORAGE_CRS

_GONE: Final = "新导入的同名文件中已没有这一块"


def land_frame(found: Sequence[LandRows], stored: gpd.GeoSeries, findings: Findings) -> gpd.GeoDataFrame:
    """Rows of all files as one checked table.

    Buildings that do not say their use stay where they stand on residential land, of this load or of the store;
    elsewhere they may be anything and are left out (a note says how many). Of rows with the same id the last one counts.

    Parameters
    ----------
    stored
        Residential land (not the buildings) that the store holds.
    """
    frames = [_frame(rows) for rows in found if len(rows)]
    if not frames:
        return LAND.empty()
    frame = pd.concat(frames)
    frame = frame[~frame.index.duplicated(keep="last")]
    unknown = ((frame["kind"] == "building") & (frame["use"] == UNKNOWN_USE)).to_numpy()
    land = np.concatenate(
        [frame["geometry"].to_numpy()[(frame["kind"] == "residential").to_numpy()], stored.to_numpy()]
    )
    outside = np.flatnonzero(unknown)
    if len(outside) and len(land):
        # The polygons ask, because the side that asks is the one GEOS prepares.
        inner = shapely.point_on_surface(frame["geometry"].to_numpy()[outside])
        held = np.unique(shapely.STRtree(inner).query(land, predicate="intersects")[1])
        outside = np.delete(outside, held)
    if len(outside):
        findings.note(f"{len(outside)} 栋楼没有写明用途，又不在住宅用地上，未读入")
    kept = np.ones(len(frame), dtype=bool)
    kept[outside] = False
    table = frame[kept]
    return LAND.check(gpd.GeoDataFrame(table, geometry="geometry", crs=STORAGE_CRS))


def put_land(work: UnitOfWork, found: Sequence[LandRows], files: Collection[str], findings: Findings) -> Change:
    """Put the land of a load into the store; what earlier versions of its files had and the new ones have not, goes.

    Raises
    ------
    InputError
        If the actor may not change tables of the whole city.
    """
    if not files:
        return Change()
    for rows in found:
        findings.faults.extend(rows.repairs)
        for note in rows.notes:
            findings.note(note)
    older = work.read(LAND, where={"kind": ["residential"]})
    older = older[~older["source_file"].isin(list(files))]
    frame = land_frame(found, older.geometry, findings)
    stored = work.read(LAND, where={"source_file": list(files)})
    gone = stored.index.difference(frame.index)
    removed = work.remove(LAND, list(gone), _GONE) if len(gone) else 0
    findings.count("land", len(frame))
    change = work.put(LAND, frame) if len(frame) else Change()
    return Change(changed=removed) + change


def _frame(rows: LandRows) -> pd.DataFrame:
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = rows.shapes
    return pd.DataFrame(
        {
            "kind": rows.kinds,
            "name": rows.names,
            "use": rows.uses,
            "levels": pd.array(rows.levels, dtype="Float64").to_numpy(dtype=float, na_value=np.nan),
            "households": pd.array(rows.households, dtype="Int64"),
            "source_file": rows.files,
            "geometry": shapes,
        },
        index=pd.Index(rows.ids, name=LAND.index, dtype="int64"),
    )
