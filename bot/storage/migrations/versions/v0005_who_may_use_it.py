"""Which versions of backstay may use this ledger, and where it went when it was moved."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it; the migration writes its single row."""
    op.create_table(
        "ledger_shape",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("usable_from", sa.String(32), nullable=False),
        sa.Column("moved_to", sa.Text),
        sa.Column("moved_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_shape"),
    )
