"""Incidents, the notifications of each audience, and messages that take the place of earlier ones."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    op.add_column("messages", sa.Column("replaces", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("phase", sa.String(10), nullable=False),
        _moment("onset_at"),
        _moment("updated_at"),
        _moment("resolved_at", nullable=True),
        sa.Column("body", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_phase_resolved_at", "incidents", ["phase", "resolved_at"])
    op.create_table(
        "alerts",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("incident", "audience", "message")),
        sa.Column("phase", sa.String(10), nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("down", sa.JSON, nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("incident", "audience", name="pk_alerts"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name="fk_alerts_incident", ondelete="CASCADE"),
    )


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[datetime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
