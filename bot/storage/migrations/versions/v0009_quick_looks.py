"""An index by which the next messages are found without looking at all that wait."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    op.create_index("ix_outbox_state_rank_seq", "outbox", ["state", "rank", "seq"])
