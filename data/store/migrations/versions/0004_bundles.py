"""What money and owners say of an estate, the companies' grades, and what planners did to bundles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("estates", sa.Column("consent_rate", sa.Double()))
    op.add_column("estates", sa.Column("public_income_yuan", sa.Double()))
    op.add_column("estates", sa.Column("income_objection", sa.Boolean()))
    op.create_table(
        "companies",
        sa.Column("company_id", sa.Text(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stars", sa.BigInteger()),
        sa.Column("credit_list", sa.Text()),
        sa.Column("grade_text", sa.Text()),
        sa.Column("period", sa.Text()),
        sa.Column("source_file", sa.Text()),
        sa.Column("source_sheet", sa.Text()),
        sa.Column("source_row", sa.BigInteger()),
    )
    op.create_table(
        "bundle_steps",
        sa.Column("step_id", sa.Text(), primary_key=True, autoincrement=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("estates", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text()),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
    )
