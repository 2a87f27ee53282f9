"""The rectification ledger (附件2 住宅物业服务问题整治工作台账): one row, one case (问题)."""

from data.schemas.table import Column, Table

CASES = Table(
    "cases",
    "case_id",
    "问题台账",
    (
        Column("estate_id", "text", "小区"),
        Column("project_name", "text", "项目名称", required=True),
        Column("county_id", "text", "县区"),
        Column("street_id", "text", "街道"),
        Column("community_id", "text", "社区"),
        Column("company", "text", "物业服务企业"),
        Column("categories", "list", "问题类别"),
        Column("content", "text", "问题内容"),
        Column("measures", "text", "整改措施及进展情况"),
        Column("responsible", "text", "责任单位/人", personal=True),
        Column("due_date", "date", "整改完成时限"),
        Column("due_text", "text", "整改完成时限（原文）"),
        Column("closed", "bool", "是否销号", required=True),
        Column("source_file", "text", "来源文件"),
        Column("source_sheet", "text", "来源工作表"),
        Column("source_row", "int", "来源行", low=1),
    ),
)
"""``categories``: whole numbers of the profile's problem codes, 1–22 canonical, 23+ local (L16, L17).

``estate_id`` null: the project name matched no estate for sure. ``due_date`` null with a text: 长期推进 (no due date).
"""
