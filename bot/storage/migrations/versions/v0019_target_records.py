"""What is usual for the targets of probes, which versions before this one forget at a restart."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    op.create_table(
        "target_records",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("about", sa.String(16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_target_records"),
    )
    op.create_index("ix_target_records_kept_at", "target_records", ["kept_at"])
