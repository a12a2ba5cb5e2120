"""Which messages belong to one alert, and what an audience was interrupted for and when."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. Versions before this one leave them at their defaults."""
    op.add_column("outbox", sa.Column("alert_key", sa.Text, nullable=True))
    op.create_index("ix_outbox_alert_key", "outbox", ["alert_key"])
    op.add_column("alerts", sa.Column("alert_key", sa.Text, nullable=False, server_default=""))
    op.add_column("alerts", sa.Column("reason", sa.Text, nullable=False, server_default=""))
    op.add_column("alerts", sa.Column("interrupted", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("alerts", sa.Column("hit", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("alerts", sa.Column("was_down", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("alerts", sa.Column("acknowledged_by", sa.Text, nullable=False, server_default=""))
