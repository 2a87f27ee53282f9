"""What planners did to bundles (打捆) by hand, to be undone, redone and shown with its reason."""

from data.schemas.table import Column, Table

BUNDLE_STEPS = Table(
    "bundle_steps",
    "step_id",
    "打捆操作",
    (
        Column("way", "text", "打捆方式", required=True),
        Column("kind", "text", "类别", required=True),
        Column("estates", "list", "小区", required=True),
        Column("reason", "text", "理由"),
        Column("person", "text", "操作人", required=True),
        Column("at", "text", "时间", required=True),
        Column("state", "text", "状态", required=True, choices=("done", "undone", "dropped")),
        Column("unit_id", "text", "范围"),
        Column("before", "dict", "之前"),
        Column("after", "dict", "之后"),
    ),
)
"""One row for each decision. ``unit_id`` is the area of the person who decided (null: the whole city). ``before`` and
``after`` hold what the decision led from and to: numbers of the stored plans, the bundles it changed, the figures. A
``dropped`` row was undone and can no longer be redone. ``step_id`` sorts by time."""
