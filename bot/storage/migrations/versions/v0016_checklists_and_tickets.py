"""What is known of each runbook's page, the steps that people ticked during incidents, and the tickets of failed findings."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the tables. Versions before this one leave what is known of a page as it is."""
    op.add_column("runbook_copies", sa.Column("page", sa.JSON, nullable=False, server_default="{}"))
    op.create_table(
        "checklists",
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("steps", sa.JSON, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("incident", "service", name="pk_checklists"),
    )
    op.create_table(
        "checklist_ticks",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_checklist_ticks"),
    )
    op.create_index("ix_checklist_ticks_incident", "checklist_ticks", ["incident"])
    op.create_table(
        "tickets",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("tracker", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("check_id", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("due_on", sa.String(10), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_tickets"),
    )
