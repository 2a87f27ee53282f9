"""Everything the store knows of a city, read once, as checked tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Final, cast

import geopandas as gpd
import pandas as pd

from data.schemas import (
    BOUNDARIES,
    BOUNDARY_PROPOSALS,
    CALENDAR,
    CASES,
    COMPANIES,
    ESTATES,
    GATES,
    LAND,
    PLACE_NAMES,
    REGIONS,
    TEAMS,
    UNITS,
    WAYS,
    Table,
)
from data.store import UnitOfWork
from geo.errors import InputError


@dataclass(frozen=True)
class Scope:
    """A part of the city: a unit with all below it, and a window in EPSG:4490 degrees (west, south, east, north)."""

    unit_id: str | None = None
    within: tuple[float, float, float, float] | None = None

    def __post_init__(self) -> None:
        if self.within is not None:
            west, south, east, north = self.within
            if not (west < east and south < north):
                raise InputError(
                    f"范围 {west},{south},{east},{north} 不是“西,南,东,北”",
                    "请按 西经度,南纬度,东经度,北纬度 的顺序填写",
                )


ON_DEMAND: Final[tuple[Table, ...]] = (LAND, BOUNDARY_PROPOSALS)
"""Tables that few pages need and that are large: footprints of a whole city, candidates for every estate. They are read
only where `City.read` is told to, so that no other page waits for them."""


@dataclass(frozen=True)
class City:
    """The tables of ``data.schemas`` as one actor may see them, with the stamp of their state.

    ``on_demand`` holds the tables of `ON_DEMAND` that were asked for, by name; `land` and `proposals` give them.
    """

    units: gpd.GeoDataFrame
    regions: pd.DataFrame
    estates: pd.DataFrame
    gates: pd.DataFrame
    boundaries: gpd.GeoDataFrame
    ways: gpd.GeoDataFrame
    cases: pd.DataFrame
    teams: pd.DataFrame
    calendar: pd.DataFrame
    stamp: str
    place_names: pd.DataFrame = field(default_factory=PLACE_NAMES.empty)
    companies: pd.DataFrame = field(default_factory=COMPANIES.empty)
    """Property companies with their credit grade, of the whole city also inside a scope."""
    on_demand: Mapping[str, pd.DataFrame] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def read(cls, uow: UnitOfWork, more: Collection[Table] = ()) -> City:
        """All tables through one unit of work.

        Parameters
        ----------
        more
            Those of `ON_DEMAND` that are needed besides.
        """
        return cls(
            units=uow.read(UNITS),
            regions=uow.read(REGIONS),
            estates=uow.read(ESTATES),
            gates=uow.read(GATES),
            boundaries=uow.read(BOUNDARIES),
            ways=uow.read(WAYS),
            cases=uow.read(CASES),
            teams=uow.read(TEAMS),
            calendar=uow.read(CALENDAR),
            stamp=uow.stamp,
            place_names=uow.read(PLACE_NAMES),
            companies=uow.read(COMPANIES),
            on_demand=MappingProxyType({table.name: uow.read(table) for table in ON_DEMAND if table in more}),
        )

    @property
    def land(self) -> gpd.GeoDataFrame:
        """Residential land and buildings (``LAND``), of the whole city also inside a scope."""
        return cast(gpd.GeoDataFrame, self._demanded(LAND))

    @property
    def proposals(self) -> gpd.GeoDataFrame:
        """Candidates for boundaries (``BOUNDARY_PROPOSALS``)."""
        return cast(gpd.GeoDataFrame, self._demanded(BOUNDARY_PROPOSALS))

    def _demanded(self, table: Table) -> pd.DataFrame:
        if table.name not in self.on_demand:
            raise ValueError(f"{table.name} was not read; ask for it: City.read(uow, more=({table.name.upper()},))")
        return self.on_demand[table.name]

    @cached_property
    def unit_names(self) -> dict[str, str]:
        """Unit id → name."""
        return dict(self.units["name"])

    def inside(self, scope: Scope) -> City:
        """The city with only the scope's estates and what belongs to them.

        Raises
        ------
        InputError
            If the unit does not exist.
        """
        estates = self.estates
        if scope.unit_id is not None:
            if scope.unit_id not in self.units.index:
                raise InputError(f"没有编号为“{scope.unit_id}”的行政单元", "请在台账页查看行政单元的编号")
            column = f"{self.units.at[scope.unit_id, 'kind']}_id"
            estates = estates[estates[column] == scope.unit_id]
        if scope.within is not None:
            west, south, east, north = scope.within
            estates = estates[estates["lon"].between(west, east) & estates["lat"].between(south, north)]
        if len(estates) == len(self.estates):
            return self
        ids = estates.index
        on_demand = dict(self.on_demand)
        if BOUNDARY_PROPOSALS.name in on_demand:
            on_demand[BOUNDARY_PROPOSALS.name] = self.proposals[self.proposals["estate_id"].isin(ids)]
        return replace(
            self,
            estates=estates,
            regions=self.regions[self.regions.index.isin(estates["region_id"])],
            gates=self.gates[self.gates["estate_id"].isin(ids)],
            boundaries=self.boundaries[self.boundaries.index.isin(ids)],
            cases=self.cases[self.cases["estate_id"].isin(ids)],
            on_demand=MappingProxyType(on_demand),
        )
