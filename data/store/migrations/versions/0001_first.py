"""First structure: the canonical tables, the audit log, documents, loads and settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text()),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
    )
    op.create_index("ix_audit_object", "audit", ["object_type", "object_id"])
    op.create_table(
        "boundaries",
        sa.Column("estate_id", sa.Text(), primary_key=True, autoincrement=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("datum", sa.Text()),
        sa.Column("source_file", sa.Text()),
        sa.Column("confidence", sa.Double()),
        sa.Column("geometry", sa.LargeBinary()),
    )
    op.create_table(
        "calendar",
        sa.Column("day", sa.Date(), primary_key=True, autoincrement=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text()),
    )
    op.create_table(
        "cases",
        sa.Column("case_id", sa.Text(), primary_key=True, autoincrement=False),
        sa.Column("estate_id", sa.Text()),
        sa.Column("project_name", sa.Text(), nullable=False),
        sa.Column("county_id", sa.Text()),
        sa.Column("street_id", sa.Text()),
        sa.Column("community_id", sa.Text()),
        sa.Column("company", sa.Text()),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("content", sa.Text()),
        sa.Column("measures", sa.Text()),
        sa.Column("responsible", sa.Text()),
        sa.Column("due_date", sa.Date()),
        sa.Column("due_text", sa.Text()),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("source_file", sa.Text()),
        sa.Column("source_sheet", sa.Text()),
        sa.Column("source_row", sa.BigInteger()),
    )
    op.create_table(
        "documents",
        sa.Column("document_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text()),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_index("ix_documents_kind", "documents", ["kind", "period"])
    op.create_table(
        "estates",
        sa.Column("estate_id", sa.Text(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Text(), nullable=False),
        sa.Column("county_id", sa.Text()),
        sa.Column("street_id", sa.Text()),
        sa.Column("community_id", sa.Text()),
        sa.Column("grid_id", sa.Text()),
        sa.Column("address", sa.Text()),
        sa.Column("four_sides", sa.Text()),
        sa.Column("service_form", sa.BigInteger()),
        sa.Column("service_form_text", sa.Text()),
        sa.Column("committee", sa.BigInteger()),
        sa.Column("committee_text", sa.Text()),
        sa.Column("party", sa.BigInteger()),
        sa.Column("party_text", sa.Text()),
        sa.Column("company", sa.Text()),
        sa.Column("manager", sa.Text()),
        sa.Column("fee_rate", sa.Double()),
        sa.Column("fee_yuan_m2", sa.Double()),
        sa.Column("households", sa.BigInteger()),
        sa.Column("floor_area_m2", sa.Double()),
        sa.Column("land_area_m2", sa.Double()),
        sa.Column("n_lifts", sa.BigInteger()),
        sa.Column("year_built", sa.BigInteger()),
        sa.Column("estate_type", sa.Text()),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("lost", sa.Boolean()),
        sa.Column("enclosed", sa.Boolean()),
        sa.Column("mature", sa.Boolean()),
        sa.Column("lon", sa.Double()),
        sa.Column("lat", sa.Double()),
        sa.Column("lon_source", sa.Double()),
        sa.Column("lat_source", sa.Double()),
        sa.Column("datum", sa.Text()),
        sa.Column("source_file", sa.Text()),
        sa.Column("source_sheet", sa.Text()),
        sa.Column("source_row", sa.BigInteger()),
        sa.Column("extra", sa.Text(), nullable=False),
    )
    op.create_table(
        "gates",
        sa.Column("gate_id", sa.Text(), primary_key=True, autoincrement=False),
        sa.Column("estate_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("main", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "loads",
        sa.Column("load_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("unit_id", sa.Text()),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
    )
    op.create_table(
        "regions",
        sa.Column("region_id", sa.Text(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("county_id", sa.Text()),
        sa.Column("street_id", sa.Text()),
        sa.Column("source_file", sa.Text()),
        sa.Column("source_sheet", sa.Text()),
        sa.Column("source_row", sa.BigInteger()),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    op.create_table(
        "store_meta",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("audit_count", sa.BigInteger(), nullable=False),
        sa.Column("audit_head", sa.Text(), nullable=False),
        sa.Column("data_stamp", sa.Text(), nullable=False),
    )
    op.create_table(
        "teams",
        sa.Column("team_id", sa.Text(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("departments", sa.Text(), nullable=False),
        sa.Column("n_people", sa.BigInteger(), nullable=False),
        sa.Column("depot_name", sa.Text(), nullable=False),
        sa.Column("depot_lon", sa.Double(), nullable=False),
        sa.Column("depot_lat", sa.Double(), nullable=False),
        sa.Column("starts_s", sa.BigInteger(), nullable=False),
        sa.Column("ends_s", sa.BigInteger(), nullable=False),
        sa.Column("lunch_s", sa.BigInteger(), nullable=False),
        sa.Column("lunch_from_s", sa.BigInteger(), nullable=False),
        sa.Column("lunch_to_s", sa.BigInteger(), nullable=False),
        sa.Column("unit_ids", sa.Text(), nullable=False),
        sa.Column("days_off", sa.Text(), nullable=False),
        sa.Column("source_file", sa.Text()),
        sa.Column("source_row", sa.BigInteger()),
    )
    op.create_table(
        "units",
        sa.Column("unit_id", sa.Text(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text()),
        sa.Column("code", sa.Text()),
        sa.Column("aliases", sa.Text(), nullable=False),
        sa.Column("source_file", sa.Text()),
        sa.Column("geometry", sa.LargeBinary()),
    )
    op.create_table(
        "ways",
        sa.Column("way_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("road_class", sa.Text()),
        sa.Column("oneway", sa.BigInteger(), nullable=False),
        sa.Column("bridge", sa.Boolean(), nullable=False),
        sa.Column("tunnel", sa.Boolean(), nullable=False),
        sa.Column("maxspeed_kmh", sa.Double()),
        sa.Column("source_file", sa.Text()),
        sa.Column("geometry", sa.LargeBinary()),
    )
    op.execute(f"INSERT INTO store_meta VALUES (1, 0, '{'0' * 64}', '{'0' * 64}')")
    _append_only()


def _append_only() -> None:
    """Refuse any change of the audit log's past, whoever asks."""
    if op.get_context().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
    )


def downgrade() -> None:
    raise NotImplementedError("the first structure has none before it")
