"""Where an estate's boundary stands and comes from, who put it there and when, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from shapely.geometry.base import BaseGeometry

from dashboard.words import date_text

LOOK, CANNOT, ACCEPTED, NONE = "look", "cannot", "accepted", "none"
STATES: Final = (LOOK, CANNOT, ACCEPTED, NONE)
"""States of an estate in the list: candidates wait for a person, no outline possible, boundary in force, not worked out."""

SOURCES: Final[dict[str, str]] = {
    "survey": "测绘或图纸文件",
    "drawn": "手工绘制",
    "text": "四至文字",
    "derived": "其他数据推算",
}
"""Names of the sources, best first."""


def has_shape(shape: BaseGeometry | None) -> bool:
    """Whether there is a shape and it is not empty."""
    return shape is not None and not shape.is_empty


def moment_text(at: object) -> str:
    """2027年1月4日 09:05 of an ISO 8601 moment in UTC, as this place's clocks show it; blank where there is none."""
    if not isinstance(at, str) or not at:
        return ""
    moment = datetime.fromisoformat(at).astimezone()
    return f"{date_text(moment.date())} {moment:%H:%M}"


def boundary_words(row: Mapping[str, Any]) -> tuple[str, str]:
    """A boundary in one line (source, file, confidence, who, when, reason), and its source alone."""
    source = SOURCES[str(row["source"])]
    sure = row["confidence"]
    told = [
        source,
        str(row["source_file"]) if isinstance(row["source_file"], str) else "",
        f"可信度{float(sure):.2f}" if sure is not None and sure == sure else "",
        str(row["person"]) if isinstance(row["person"], str) else "",
        moment_text(row["at"]),
        str(row["reason"]) if isinstance(row["reason"], str) else "",
    ]
    return "　".join(filter(None, told)), source


def version_words(row: Mapping[str, Any]) -> str:
    """An earlier boundary: what it was, and when, by whom and why it was replaced."""
    words, _ = boundary_words(row)
    return f"{words}　{moment_text(row['replaced_at'])}被{row['replaced_by']}替换：{row['cause']}"
