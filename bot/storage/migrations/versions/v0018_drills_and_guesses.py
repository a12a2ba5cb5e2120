"""Drills that CI sends, and what people decided about guessed dependencies."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both. Versions before this one neither read nor write them."""
    op.create_table(
        "drills",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("result", sa.String(20), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("rto", sa.Float),
        sa.Column("rpo", sa.Float),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drills"),
        sa.UniqueConstraint("source", "key", name="uq_drills_source_key"),
    )
    op.create_index("ix_drills_at", "drills", ["at"])
    op.create_table(
        "guess_decisions",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("decision", sa.String(10), nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("hard", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_guess_decisions"),
    )
    op.create_index("ix_guess_decisions_service_target", "guess_decisions", ["service", "target"])
