"""Canonical tables: the one home of column names, units and titles (STYLE 1 and 2).

``TABLES`` lists them all. Code beyond the door trusts a checked frame: no second ``fillna``, no "if the column exists".
"""

from data.schemas.boundaries import BOUNDARIES, BOUNDARY_HISTORY, BOUNDARY_PROPOSALS, BOUNDARY_STEPS
from data.schemas.bundles import BUNDLE_STEPS
from data.schemas.cases import CASES
from data.schemas.companies import COMPANIES
from data.schemas.estates import ESTATES, GATES, REGIONS
from data.schemas.land import LAND
from data.schemas.places import PLACE_NAMES
from data.schemas.table import Column, Table
from data.schemas.teams import CALENDAR, TEAMS
from data.schemas.units import UNITS
from data.schemas.ways import WAYS

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        UNITS, REGIONS, ESTATES, GATES, BOUNDARIES, BOUNDARY_HISTORY, BOUNDARY_STEPS, BOUNDARY_PROPOSALS, WAYS,
        PLACE_NAMES, LAND, CASES, COMPANIES, BUNDLE_STEPS, TEAMS, CALENDAR,
    )
}  # fmt: skip

__all__ = [
    "BOUNDARIES",
    "BOUNDARY_HISTORY",
    "BOUNDARY_PROPOSALS",
    "BOUNDARY_STEPS",
    "BUNDLE_STEPS",
    "CALENDAR",
    "CASES",
    "COMPANIES",
    "ESTATES",
    "GATES",
    "LAND",
    "PLACE_NAMES",
    "REGIONS",
    "TABLES",
    "TEAMS",
    "UNITS",
    "WAYS",
    "Column",
    "Table",
]
