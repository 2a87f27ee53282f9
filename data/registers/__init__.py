"""Registers (台账) as offices have them, read into raw records and faults: ``read_register`` is the door."""

from data.registers.mapping import ColumnMapping, find_mapping, mapping_names
from data.registers.match import match_cases
from data.registers.reader import read_register
from data.registers.result import RegisterResult, SkippedRow, SkippedSheet
from data.registers.text import estate_id, name_key, region_id

__all__ = [
    "ColumnMapping",
    "RegisterResult",
    "SkippedRow",
    "SkippedSheet",
    "estate_id",
    "find_mapping",
    "mapping_names",
    "match_cases",
    "name_key",
    "read_register",
    "region_id",
]
