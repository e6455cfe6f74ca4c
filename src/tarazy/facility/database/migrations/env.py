"""What Alembic runs: the migrations on the connection that `migrate` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table="tarazy_migrations")
context.run_migrations()
