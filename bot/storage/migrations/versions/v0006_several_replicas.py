"""Duties that one of several replicas has, what the others see, and what people ask of it on any of them."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "duties",
        sa.Column("duty", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("term", sa.Integer, nullable=False),
        sa.Column("beat", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("duty", name="pk_duties"),
    )
    op.create_table(
        "sightings",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("vantage", sa.Text, nullable=False),
        _moment("at"),
        _moment("seen_by"),
        sa.Column("body", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sightings"),
    )
    op.create_table(
        "asked",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("incident", sa.Text, nullable=False),
        _moment("at"),
        sa.Column("body", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_asked"),
    )


def _moment(name: str) -> "sa.Column[datetime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)
