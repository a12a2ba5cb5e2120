"""Alerts of other monitoring, by source and scope."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    op.create_table(
        "hooked",
        sa.Column("hook", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hook", "scope", name="pk_hooked"),
    )
    op.create_index("ix_hooked_heard_at", "hooked", ["heard_at"])
