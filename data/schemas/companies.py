"""Property companies (物业服务企业) with the credit grade that the city's own system gave them (L53, D20, Z05)."""

from data.schemas.table import Column, Table

COMPANIES = Table(
    "companies",
    "company_id",
    "物业服务企业",
    (
        Column("name", "text", "企业名称", required=True),
        Column("stars", "int", "信用星级", low=1, high=5),
        Column("credit_list", "text", "红黑榜", choices=("red", "black")),
        Column("grade_text", "text", "信用等级（原文）"),
        Column("period", "text", "评定周期"),
        Column("source_file", "text", "来源文件"),
        Column("source_sheet", "text", "来源工作表"),
        Column("source_row", "int", "来源行", low=1),
    ),
)
"""``company_id`` stands for the name in one spelling (`data.registers.text.company_id`); one row a company, of the latest period
that was read. ``stars`` and ``credit_list`` are empty where the words of the list (``grade_text``) do not state them. Scoring
itself is the platform's work: its result is only read."""
