"""Which requests were handled, so that one that is delivered again to another replica, or after a restart, runs once."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it. Versions before this one remember requests in memory alone."""
    op.create_table(
        "handled_requests",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_handled_requests"),
    )
