"""Inspection teams (检查组) and the editable table of working days."""

from data.schemas.table import Column, Table

TEAMS = Table(
    "teams",
    "team_id",
    "检查组",
    (
        Column("name", "text", "检查组", required=True),
        Column("departments", "list", "组成部门"),
        Column("n_people", "int", "人数", required=True, low=2),
        Column("depot_name", "text", "出发点", required=True),
        Column("depot_lon", "float", "出发点经度", required=True, low=73, high=136),
        Column("depot_lat", "float", "出发点纬度", required=True, low=3, high=54),
        Column("starts_s", "int", "上班", required=True, low=0, high=86400),
        Column("ends_s", "int", "下班", required=True, low=0, high=86400),
        Column("lunch_s", "int", "午休时长（秒）", required=True, low=0, high=4 * 3600),
        Column("lunch_from_s", "int", "午休最早开始", required=True, low=0, high=86400),
        Column("lunch_to_s", "int", "午休最晚开始", required=True, low=0, high=86400),
        Column("unit_ids", "list", "负责范围"),
        Column("days_off", "list", "停检日期"),
        Column("source_file", "text", "来源文件"),
        Column("source_row", "int", "来源行", low=1),
    ),
)
"""Times are seconds after midnight. ``unit_ids`` empty: the whole city.

``days_off``: ISO dates. ``depot_*`` in EPSG:4490.
"""

CALENDAR = Table(
    "calendar",
    "day",
    "工作日历",
    (
        Column("working", "bool", "工作日", required=True),
        Column("note", "text", "说明"),
    ),
    index_kind="date",
)
"""Days that differ from the built-in calendar, as edited by the office (index: ``datetime.date``)."""
