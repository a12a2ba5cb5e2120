"""Which ledger this is, so that another one in its place is noticed."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; it is filled when the ledger is next opened. Versions before this one leave it empty."""
    op.add_column("ledger_shape", sa.Column("identity", sa.String(32), nullable=True))
