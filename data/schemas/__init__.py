"""Canonical tables: the one home of column names, units and titles (STYLE 1 and 2).

``TABLES`` lists them all. Code beyond the door trusts a checked frame: no second ``fillna``, no "if the column exists".
"""

from data.schemas.cases import CASES
from data.schemas.estates import BOUNDARIES, ESTATES, GATES, REGIONS
from data.schemas.table import Column, Table
from data.schemas.teams import CALENDAR, TEAMS
from data.schemas.units import UNITS
from data.schemas.ways import WAYS

TABLES: dict[str, Table] = {
    table.name: table for table in (UNITS, REGIONS, ESTATES, GATES, BOUNDARIES, WAYS, CASES, TEAMS, CALENDAR)
}

__all__ = [
    "BOUNDARIES",
    "CALENDAR",
    "CASES",
    "ESTATES",
    "GATES",
    "REGIONS",
    "TABLES",
    "TEAMS",
    "UNITS",
    "WAYS",
    "Column",
    "Table",
]
