"""The fictional demo city 云栖市: its input files as offices have them, and the truth for tests."""

from data.demo.write import DemoReport, write_demo

__all__ = ["DemoReport", "write_demo"]
