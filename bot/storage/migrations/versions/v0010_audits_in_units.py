"""Audits that several workers read, an account at a time."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "audit_runs",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("wanted", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_runs"),
    )
    op.create_table(
        "audit_units",
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("worker", sa.Text, nullable=False, server_default=""),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("blob", sa.LargeBinary),
        sa.PrimaryKeyConstraint("run", "account", name="pk_audit_units"),
        sa.ForeignKeyConstraint(["run"], ["audit_runs.id"], name="fk_audit_units_run", ondelete="CASCADE"),
    )
