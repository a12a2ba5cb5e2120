"""The last reading of each service level objective, and its open burn episode."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it. Versions before this one neither read nor write it."""
    op.create_table(
        "slo_states",
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("slo", sa.Text, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("service", "slo", name="pk_slo_states"),
    )
