"""Boundaries with who and when, their history, proposals, other place names, residential land."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _origin() -> list[sa.Column]:
    return [
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("datum", sa.Text()),
        sa.Column("source_file", sa.Text()),
        sa.Column("confidence", sa.Double()),
        sa.Column("model", sa.Text()),
        sa.Column("person", sa.Text()),
        sa.Column("at", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("geometry", sa.LargeBinary()),
    ]


def upgrade() -> None:
    for name in ("model", "person", "at", "reason"):
        op.add_column("boundaries", sa.Column(name, sa.Text()))
    op.create_table(
        "boundary_history",
        sa.Column("version_id", sa.Text(), primary_key=True, autoincrement=False),
        sa.Column("estate_id", sa.Text(), nullable=False),
        *_origin(),
        sa.Column("replaced_at", sa.Text(), nullable=False),
        sa.Column("replaced_by", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
    )
    op.create_table(
        "boundary_proposals",
        sa.Column("proposal_id", sa.Text(), primary_key=True, autoincrement=False),
        sa.Column("estate_id", sa.Text(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double()),
        sa.Column("step", sa.Text()),
        sa.Column("model", sa.Text()),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("geometry", sa.LargeBinary()),
    )
    op.create_table(
        "place_names",
        sa.Column("alias_id", sa.Text(), primary_key=True, autoincrement=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_file", sa.Text()),
    )
    op.create_table(
        "land",
        sa.Column("land_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("use", sa.Text()),
        sa.Column("levels", sa.Double()),
        sa.Column("households", sa.BigInteger()),
        sa.Column("source_file", sa.Text()),
        sa.Column("geometry", sa.LargeBinary()),
    )
