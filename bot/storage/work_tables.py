"""The tables of what people work through, checklists, tickets, drills of CI, guessed dependencies, and of what probes remember.

Import `metadata` from here to have them in it.
"""

from sqlalchemy import JSON, Column, Float, Index, Integer, String, Table, Text, UniqueConstraint

from bot.storage.tables import metadata
from bot.storage.utc_column import UtcDateTime

__all__ = [
    "checklist_ticks",
    "checklists",
    "drills",
    "guess_decisions",
    "metadata",
    "slo_states",
    "target_records",
    "tickets",
]

checklists = Table(
    "checklists",
    metadata,
    Column("incident", Text, primary_key=True),
    Column("service", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("steps", JSON, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
)

checklist_ticks = Table(
    "checklist_ticks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_checklist_ticks_incident", "incident"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("key", String(64), primary_key=True),  # a hash: see `bot.audit.tickets.plan`
    Column("tracker", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("check_id", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("number", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("content", String(64), nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

drills = Table(
    "drills",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String(64), nullable=False),  # the hook that sent it
    Column("key", Text, nullable=False),  # the sender's own id of the run
    Column("service", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("result", String(20), nullable=False),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("rto", Float),  # seconds; null: not measured
    Column("rpo", Float),
    Column("at", UtcDateTime, nullable=False),  # when it ended
    Column("recorded_at", UtcDateTime, nullable=False),
    UniqueConstraint("source", "key", name="uq_drills_source_key"),
    Index("ix_drills_at", "at"),
)

guess_decisions = Table(
    "guess_decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("service", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("decision", String(10), nullable=False),  # confirmed, rejected
    Column("evidence", Text, nullable=False),  # what the guess rested on when it was decided
    Column("hard", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_guess_decisions_service_target", "service", "target"),
)

target_records = Table(
    "target_records",
    metadata,
    Column("key", String(64), primary_key=True),  # a hash: see `bot.storage.target_records`
    Column("about", String(16), nullable=False),
    Column("source", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("body", JSON, nullable=False),
    Column("kept_at", UtcDateTime, nullable=False),
    Index("ix_target_records_kept_at", "kept_at"),
)

slo_states = Table(
    "slo_states",
    metadata,
    Column("service", Text, primary_key=True),
    Column("slo", Text, primary_key=True),
    Column("read_at", UtcDateTime, nullable=False),
    Column("body", JSON, nullable=False),
)
