"""What all checks need of a city, made once: ground in metres, points, names, and how a finding is put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from data.codes import UnitKind
from geo.crs import Floats, from_metric, metric_crs, to_metric
from geo.quality import Ground, unions
from planning.city import City
from planning.quality.kinds import KINDS
from planning.quality.settings import Settings
from planning.quality.types import Finding, Measure, Place, Severity, finding_id

_NAMES_TOLD = 4


@dataclass(frozen=True, eq=False)
class Facts:
    """A city with its boundaries ready for measuring.

    ``points``: ``x``, ``y`` (metres of ``ground.crs``), ``lon``, ``lat`` by estate id, NaN where the register gives none.
    """

    city: City
    settings: Settings
    ground: Ground = field(repr=False)
    regions: Ground = field(repr=False)
    points: pd.DataFrame = field(repr=False)
    names: dict[str, str] = field(repr=False)
    street_of: dict[str, str | None] = field(repr=False)
    region_of: dict[str, str] = field(repr=False)

    @classmethod
    def of(cls, city: City, settings: Settings) -> Facts:
        """Everything in one order: that of the ids."""
        estates = city.estates.sort_index()
        crs = _plane(city)
        boundaries = city.boundaries.geometry[city.boundaries.index.isin(estates.index)]
        ground = Ground.of(boundaries, crs)
        region_of: dict[str, str] = {str(key): str(value) for key, value in estates["region_id"].items()}
        lon, lat = estates["lon"].to_numpy(dtype=float), estates["lat"].to_numpy(dtype=float)
        x, y = to_metric(lon, lat, crs)
        points = pd.DataFrame({"x": x, "y": y, "lon": lon, "lat": lat}, index=estates.index)
        return cls(
            city,
            settings,
            ground,
            unions(ground, region_of),
            points,
            {str(key): str(value) for key, value in estates["name"].items()},
            {str(key): value if isinstance(value, str) else None for key, value in estates["street_id"].items()},
            region_of,
        )

    @cached_property
    def estates(self) -> pd.DataFrame:
        """The register, sorted by id."""
        return self.city.estates.loc[self.points.index]

    def units(self, level: UnitKind) -> Ground:
        """The units of one level that have a shape."""
        of_level = self.city.units[self.city.units["kind"] == level.value]
        return Ground.of(of_level.geometry, self.ground.crs)

    def called(self, ids: Iterable[str]) -> str:
        """“甲”“乙”等 6 个: names of estates, the first few."""
        return _called([self.names.get(key, key) for key in ids], "个小区")

    def region_called(self, region: str) -> str:
        """“甲”: the name of a region."""
        return f"“{self._region_names.get(region, region)}”"

    def unit_called(self, unit: object) -> str:
        """The name of a unit; 无 where there is none."""
        return self.city.unit_names.get(str(unit), str(unit)) if isinstance(unit, str) and unit else "无"

    def point_place(self, estate: str) -> Place | None:
        """Where the estate's point is."""
        lon, lat = self._lon_lat[self.row[estate]]
        return Place(lon, lat, lon, lat) if lon == lon and lat == lat else None

    def place(self, estate: str) -> Place | None:
        """Where the estate is: its boundary, else its point."""
        at = self.ground.row.get(estate)
        if at is None:
            return self.point_place(estate)
        return Place(*self._boxes[at])

    def spread(self, estates: Sequence[str]) -> tuple[Floats, Floats]:
        """``x``, ``y`` (metres) of those of the estates that have a position."""
        rows = [self.row[estate] for estate in estates]
        x, y = self._xy[rows].T
        known = np.isfinite(x) & np.isfinite(y)
        return x[known], y[known]

    def households(self, estates: Sequence[str]) -> float:
        """Households of the estates together; unknown numbers count nothing."""
        return float(self._households[[self.row[estate] for estate in estates]].sum())

    @cached_property
    def row(self) -> dict[str, int]:
        """Estate → row of ``points``."""
        return {str(key): at for at, key in enumerate(self.points.index)}

    @cached_property
    def _xy(self) -> Floats:
        return self.points[["x", "y"]].to_numpy(dtype=float)

    @cached_property
    def _lon_lat(self) -> Floats:
        return self.points[["lon", "lat"]].to_numpy(dtype=float)

    @cached_property
    def _boxes(self) -> Floats:
        return shapely.bounds(self.ground.raw).reshape(-1, 4)

    @cached_property
    def _households(self) -> Floats:
        return self.estates["households"].fillna(0).to_numpy(dtype=float)

    def finding(
        self,
        kind: str,
        severity: Severity,
        text: str,
        *,
        estates: Sequence[str] = (),
        regions: Sequence[str] = (),
        units: Sequence[str] = (),
        apart: Sequence[str] = (),
        measures: Sequence[Measure] = (),
        place: Place | None = None,
        weight: float = 0.0,
        remedy: str | None = None,
    ) -> Finding:
        """A finding about these estates, regions and units; ``apart`` tells several of one kind about the same from each
        other (the name of a road)."""
        about = KINDS[kind]
        streets = {self.street_of.get(key) for key in estates}
        if not estates:
            streets = {street for region in regions for street in self._streets_of_region.get(region, ())}
        streets |= set(units) & self._street_ids
        return Finding(
            id=finding_id(kind, *sorted(estates), *sorted(regions), *sorted(units), *apart),
            kind=kind,
            severity=severity,
            text=text,
            remedy=remedy or about.remedy,
            rule=about.rule,
            estates=tuple(estates),
            regions=tuple(regions),
            units=tuple(units),
            streets=tuple(sorted(street for street in streets if street is not None)),
            measures=tuple(measures),
            place=place,
            weight=float(weight),
        )

    @cached_property
    def _streets_of_region(self) -> dict[str, set[str | None]]:
        held: dict[str, set[str | None]] = defaultdict(set)
        for key, region in self.region_of.items():
            held[region].add(self.street_of[key])
        return held

    @cached_property
    def _region_names(self) -> dict[str, str]:
        return {str(key): str(name) for key, name in self.city.regions["name"].items()}

    @cached_property
    def _street_ids(self) -> set[str]:
        units = self.city.units
        return set(units.index[units["kind"] == UnitKind.STREET.value])

    def members(self) -> dict[str, list[int]]:
        """Region → rows of its boundaries in ``ground``."""
        rows: dict[str, list[int]] = defaultdict(list)
        for at, key in enumerate(self.ground.ids):
            if self.ground.shapes[at] is not None:
                rows[self.region_of[str(key)]].append(at)
        return dict(sorted(rows.items()))


def metric_place(x: Floats, y: Floats, crs: CRS) -> Place:
    """The box round positions in metres."""
    lon, lat = from_metric(x, y, crs)
    return Place(float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))


def box_place(row: object) -> Place:
    """The place of a row with ``west`` … ``north``."""
    return Place(*(float(getattr(row, name)) for name in ("west", "south", "east", "north")))


def _called(names: Sequence[str], counter: str) -> str:
    told = "".join(f"“{name}”" for name in names[:_NAMES_TOLD])
    return told if len(names) <= _NAMES_TOLD else f"{told}等 {len(names)} {counter}"


def _plane(city: City) -> CRS:
    """The plane of the middle estate, so that one wrong position does not move it; else of the boundaries, the units."""
    lon = city.estates["lon"].to_numpy(dtype=float)
    lon = lon[np.isfinite(lon)]
    for table in (city.boundaries, city.units):
        if not len(lon):
            box = table.geometry[table.geometry.notna()].bounds
            lon = box[["minx", "maxx"]].to_numpy(dtype=float).mean(axis=1)
            lon = lon[np.isfinite(lon) & (lon > 73) & (lon < 136)]
    return metric_crs(float(np.clip(np.median(lon) if len(lon) else 111.0, 75.0, 135.0)))
