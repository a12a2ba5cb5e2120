"""The ledger's first tables. A migration keeps its own picture of them and never imports the living one."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    _create_scores()
    _create_outbox()
    _create_schedule_and_log()


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[datetime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _create_scores() -> None:
    op.create_table(
        "scores",
        sa.Column("service", sa.Text, nullable=False),
        _moment("at"),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("grade", sa.String(2), nullable=False),
        sa.Column("coverage", sa.Float, nullable=False),
        sa.Column("ruleset", sa.Text, nullable=False),
        sa.Column("failing", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("service", "at", name="pk_scores"),
    )
    op.create_table(
        "snapshots",
        sa.Column("id", sa.Integer, nullable=False),
        _moment("at"),
        sa.Column("blob", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_snapshots"),
    )


def _create_outbox() -> None:
    op.create_table(
        "messages",
        sa.Column("seq", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("card", sa.JSON, nullable=False),
        sa.Column("priority", sa.String(10), nullable=False),
        sa.Column("dedupe", sa.Text),
        _moment("created_at"),
        _moment("expires_at", nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_messages"),
        sa.UniqueConstraint("id", name="uq_messages_id"),
        sa.UniqueConstraint("dedupe", name="uq_messages_dedupe"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outbox",
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("routes", sa.JSON, nullable=False),
        sa.Column("refused", sa.JSON, nullable=False),
        sa.Column("tries", sa.JSON, nullable=False),
        sa.Column("rounds", sa.Integer, nullable=False),
        _moment("due_at"),
        sa.Column("lease_owner", sa.Text),
        _moment("lease_until", nullable=True),
        _moment("settled_at", nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox"),
        sa.ForeignKeyConstraint(["seq"], ["messages.seq"], name="fk_outbox_seq", ondelete="CASCADE"),
    )
    op.create_index("ix_outbox_state_audience_rank_seq", "outbox", ["state", "audience", "rank", "seq"])
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        _moment("at"),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_receipts"),
    )
    op.create_index("ix_receipts_message", "receipts", ["message"])
    op.create_index("ix_receipts_at", "receipts", ["at"])
    op.create_index("ix_receipts_route_outcome", "receipts", ["route", "outcome"])


def _create_schedule_and_log() -> None:
    op.create_table(
        "slots",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("schedule", sa.Text, nullable=False),
        _moment("slot"),
        sa.Column("state", sa.String(10), nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("id", name="pk_slots"),
        sa.UniqueConstraint("schedule", "slot", name="uq_slots_schedule_slot"),
    )
    op.create_table(
        "route_tests",
        sa.Column("route", sa.Text, nullable=False),
        _moment("tested_at"),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("route", name="pk_route_tests"),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        _moment("at"),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_at", "audit_log", ["at"])
