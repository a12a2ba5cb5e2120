"""Messages that stand under another, or make one out of date; how often an audience was told."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. A program of before leaves them at their defaults."""
    op.add_column("messages", sa.Column("under", sa.Text, nullable=False, server_default=""))
    op.add_column("messages", sa.Column("outdates", sa.Text, nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("outdated_by", sa.Text, nullable=False, server_default=""))
    op.add_column("alerts", sa.Column("step", sa.Integer, nullable=False, server_default="0"))
