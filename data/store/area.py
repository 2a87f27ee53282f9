"""What belongs to an actor's area: the unit, all units below it, and what lies in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql import ColumnElement, Select

from data.store.tables import CANONICAL

_UNIT_COLUMNS = ("county_id", "street_id", "community_id", "grid_id")
_OF_ESTATES = ("gates", "boundaries", "boundary_history", "boundary_steps", "boundary_proposals")
CITY_WIDE = ("ways", "land", "place_names", "companies", "calendar")
"""Tables that everyone reads and only actors of the whole city change."""


@dataclass(frozen=True)
class Area:
    """The area of one unit (范围), as conditions on the tables."""

    unit_id: str

    @cached_property
    def units(self) -> Select[str]:
        """Ids of the unit and of all units below it."""
        units = CANONICAL["units"]
        tree = sa.select(sa.literal(self.unit_id, sa.Text()).label("unit_id")).cte("area", recursive=True)
        below = sa.select(units.c.unit_id).join(tree, units.c.parent_id == tree.c.unit_id)
        return sa.select(tree.union(below).c.unit_id)

    @cached_property
    def above(self) -> Select[str]:
        """Ids of the unit and of the units above it."""
        units = CANONICAL["units"]
        chain = sa.select(sa.literal(self.unit_id, sa.Text()).label("unit_id")).cte("above", recursive=True)
        parents = sa.select(units.c.parent_id).join(chain, units.c.unit_id == chain.c.unit_id)
        return sa.select(chain.union(parents.where(units.c.parent_id.is_not(None))).c.unit_id)

    def _in_units(self, table: sa.Table) -> ColumnElement[bool]:
        return sa.or_(*(table.c[name].in_(self.units) for name in _UNIT_COLUMNS if name in table.c))

    def _estates(self) -> Select[str]:
        estates = CANONICAL["estates"]
        return sa.select(estates.c.estate_id).where(self._in_units(estates))

    def readable(self, name: str) -> ColumnElement[bool] | None:
        """Condition on the rows of a table that may be read; ``None``: all. Teams need :meth:`serves` besides."""
        table = CANONICAL[name]
        if name == "units":
            return sa.or_(table.c.unit_id.in_(self.units), table.c.unit_id.in_(self.above))
        if name in _OF_ESTATES:
            return table.c.estate_id.in_(self._estates())
        if name == "cases":
            return sa.or_(self._in_units(table), table.c.estate_id.in_(self._estates()))
        if name == "regions":
            estates = CANONICAL["estates"]
            holding = sa.select(estates.c.region_id).where(self._in_units(estates))
            return sa.or_(self._in_units(table), table.c.region_id.in_(holding))
        if name == "estates":
            return self._in_units(table)
        if name == "bundle_steps":
            return table.c.unit_id.in_(self.units)
        return None

    def writable(self, name: str) -> ColumnElement[bool] | None:
        """Condition on the rows of a table that may be changed; as read, but of units only those below the own one."""
        if name == "units":
            units = CANONICAL["units"]
            return sa.and_(units.c.unit_id.in_(self.units), units.c.unit_id != self.unit_id)
        return self.readable(name)

    def unit_ids(self, connection: Connection) -> frozenset[str]:
        """The ids of :attr:`units`, read."""
        return frozenset(connection.execute(self.units).scalars())

    def above_ids(self, connection: Connection) -> frozenset[str]:
        """The ids of :attr:`above`, read."""
        return frozenset(connection.execute(self.above).scalars())
