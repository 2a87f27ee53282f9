"""Registers (台账) as offices have them, read into raw records and faults.

``read_register(path, profile, units, mapping_name=None, progress=SILENT) -> RegisterResult`` is the door.
"""

from data.registers.result import RegisterResult, SkippedRow, SkippedSheet

__all__ = ["RegisterResult", "SkippedRow", "SkippedSheet"]
