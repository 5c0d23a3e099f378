"""What Alembic runs: the migrations, on the connection (and in the transaction) it is given."""

from alembic import context

from lib.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=False,
)
context.run_migrations()
