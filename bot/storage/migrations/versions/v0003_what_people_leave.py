"""What people leave through commands: words for practices, waivers, subscriptions, broadcasts; and copies of runbooks."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    _create_words()
    _create_messages()


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[datetime]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _texts(*names: str) -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _number() -> "sa.Column[int]":
    return sa.Column("id", sa.Integer, autoincrement=True, nullable=False)


def _create_words() -> None:
    op.create_table(
        "attestations",
        _number(),
        *_texts("service", "practice", "by", "link"),
        _moment("at"),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("id", name="pk_attestations"),
    )
    op.create_table(
        "waivers",
        _number(),
        *_texts("service", "check", "resource", "reason", "by"),
        _moment("at"),
        _moment("until"),
        sa.PrimaryKeyConstraint("id", name="pk_waivers"),
    )


def _create_messages() -> None:
    op.create_table(
        "subscriptions",
        *_texts("platform", "channel", "post", "cron", "timezone", "by"),
        _moment("at"),
        sa.PrimaryKeyConstraint("platform", "channel", "post", name="pk_subscriptions"),
    )
    op.create_table(
        "broadcasts",
        *_texts("id", "text"),
        sa.Column("gravity", sa.String(16), nullable=False),
        sa.Column("audiences", sa.JSON, nullable=False),
        *_texts("actor", "by"),
        _moment("at"),
        _moment("sent_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_broadcasts"),
    )
    op.create_table(
        "runbook_copies",
        *_texts("service", "source", "text"),
        sa.Column("steps", sa.JSON, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        _moment("tried_at"),
        _moment("read_at", nullable=True),
        sa.PrimaryKeyConstraint("service", name="pk_runbook_copies"),
    )
