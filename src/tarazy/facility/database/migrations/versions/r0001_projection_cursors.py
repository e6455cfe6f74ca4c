"""The cursors of projections: how far each stored projection is, and the layout of its tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "projection_cursors",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("layout", sa.BigInteger, nullable=False),
        sa.Column("frame_number", sa.BigInteger, nullable=False),
        sa.Column("next_seq", sa.BigInteger, nullable=False),
        sa.Column("frame_hash", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Remove the table; the projections must then be rebuilt."""
    op.drop_table("projection_cursors")
