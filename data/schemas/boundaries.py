"""Boundaries of estates (小区边界): the one in force, those it replaced, and proposals that wait for a person."""

from data.schemas.table import Column, Table
from geo.crs import Datum

SOURCES = ("survey", "drawn", "text", "derived")
"""Where a boundary comes from, best first: survey or drawing file, hand drawing, 四至 text, derived from other data."""

_ORIGIN = (
    Column("source", "text", "边界来源", required=True, choices=SOURCES),
    Column("datum", "text", "原坐标系", choices=tuple(Datum)),
    Column("source_file", "text", "来源文件"),
    Column("confidence", "float", "可信度", low=0, high=1),
    Column("model", "text", "可信度模型版本"),
    Column("person", "text", "操作人"),
    Column("at", "text", "时间"),
    Column("reason", "text", "说明"),
    Column("geometry", "geometry", "边界"),
)

BOUNDARIES = Table("boundaries", "estate_id", "小区边界", _ORIGIN)
"""The boundary in force. ``person`` and ``at`` (UTC, ISO 8601) say who put it there and when; ``model`` is the version of
the confidence model where the confidence was computed."""

BOUNDARY_HISTORY = Table(
    "boundary_history",
    "version_id",
    "边界历史",
    (
        Column("estate_id", "text", "小区", required=True),
        *_ORIGIN,
        Column("replaced_at", "text", "被替换时间", required=True),
        Column("replaced_by", "text", "替换人", required=True),
        Column("cause", "text", "替换原因", required=True),
    ),
)
"""Boundaries that were in force before, one row for each replacement or removal; ``version_id`` sorts by time."""

BOUNDARY_STEPS = Table(
    "boundary_steps",
    "step_id",
    "边界操作",
    (
        Column("decision_id", "text", "操作", required=True),
        Column("estate_id", "text", "小区", required=True),
        Column("kind", "text", "类别", required=True),
        Column("person", "text", "操作人", required=True),
        Column("at", "text", "时间", required=True),
        Column("cause", "text", "原因", required=True),
        Column("state", "text", "状态", required=True, choices=("done", "undone", "settled", "dropped")),
        Column("gate_id", "text", "出入口"),
        Column("before", "dict", "之前"),
        Column("after", "dict", "之后"),
    ),
)
"""What was done to boundaries and gates, to be undone and redone: one row for each estate's boundary, or gate, of a decision.

``before`` and ``after`` say which state it led from and to (see `data.boundaries.journal`). A ``settled`` row was done and can
no longer be undone, a ``dropped`` one was undone and can no longer be redone. ``step_id`` and ``decision_id`` sort by time.
"""

BOUNDARY_PROPOSALS = Table(
    "boundary_proposals",
    "proposal_id",
    "边界候选",
    (
        Column("estate_id", "text", "小区", required=True),
        Column("rank", "int", "次序", required=True, low=0),
        Column("outcome", "text", "结论", required=True, choices=("accepted", "look", "cannot")),
        Column("confidence", "float", "可信度", low=0, high=1),
        Column("step", "text", "成图方法"),
        Column("model", "text", "可信度模型版本"),
        Column("why", "list", "原因"),
        Column("evidence", "dict", "依据"),
        Column("text", "text", "四至范围"),
        Column("geometry", "geometry", "候选边界"),
    ),
)
"""What a text (or a point) gave: candidates by rank, best 0. ``cannot`` has one row of rank 0 without geometry.

``why`` holds the reasons in Chinese for a person, ``evidence`` the figures behind the confidence and the resolved sides.
"""
