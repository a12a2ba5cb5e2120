"""The tables of what people work through: checklists of incidents with their ticks, and tickets.

Import `metadata` from here to have them in it.
"""

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text

from bot.storage.tables import metadata
from bot.storage.utc_column import UtcDateTime

__all__ = ["checklist_ticks", "checklists", "metadata", "tickets"]

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
