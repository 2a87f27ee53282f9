"""Runs the steps on the connection that ``data.store.migrate`` hands over, inside its transaction."""

from alembic import context

from data.store.tables import METADATA

connection = context.config.attributes.get("connection")
if connection is None:
    # Without a connection alembic only prints the SQL (``upgrade --sql``).
    context.configure(
        dialect_name=context.config.get_main_option("dialect") or "postgresql",
        target_metadata=METADATA,
        literal_binds=True,
    )
else:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
with context.begin_transaction():
    context.run_migrations()
