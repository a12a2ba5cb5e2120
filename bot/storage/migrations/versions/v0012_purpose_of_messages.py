"""What a message is for, in columns of its own instead of in its id."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. Versions before this one leave them empty; their messages are recognised by the id."""
    op.add_column("messages", sa.Column("purpose", sa.Text, nullable=True))
    op.add_column("messages", sa.Column("incident", sa.Text, nullable=True))
    op.add_column("messages", sa.Column("reason", sa.Text, nullable=True))
