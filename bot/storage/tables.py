"""The tables of the ledger, for SQLite and PostgreSQL; `bot/storage/migrations` creates them."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.storage.utc_column import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _moment(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, UtcDateTime, nullable=nullable)


scores = Table(
    "scores",
    metadata,
    Column("service", Text, primary_key=True),  # empty: the estate
    Column("at", UtcDateTime, primary_key=True),
    Column("score", Float, nullable=False),
    Column("grade", String(2), nullable=False),
    Column("coverage", Float, nullable=False),
    Column("ruleset", Text, nullable=False),
    Column("failing", JSON, nullable=False),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", Integer, primary_key=True),
    _moment("at"),
    Column("blob", LargeBinary, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("audience", Text, nullable=False),
    Column("card", JSON, nullable=False),
    Column("priority", String(10), nullable=False),
    Column("dedupe", Text, unique=True),
    _moment("created_at"),
    _moment("expires_at", nullable=True),
    Column("replaces", Text, nullable=False, server_default=""),
    Column("under", Text, nullable=False, server_default=""),
    Column("outdates", Text, nullable=False, server_default=""),
    Column("purpose", Text),  # NULL: written by a version before 0012; `message_purpose` reads it from the id
    Column("incident", Text),
    Column("reason", Text),
    sqlite_autoincrement=True,  # a number is never reused, so the order holds after rows are deleted
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Integer, ForeignKey("messages.seq", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("audience", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("routes", JSON, nullable=False),
    Column("refused", JSON, nullable=False),
    Column("tries", JSON, nullable=False),
    Column("rounds", Integer, nullable=False),
    _moment("due_at"),
    Column("lease_owner", Text),
    _moment("lease_until", nullable=True),
    _moment("settled_at", nullable=True),
    Column("outdated_by", Text, nullable=False, server_default=""),  # id of the message that supersedes it
    Column("alert_key", Text, index=True),  # NULL: about no incident, or written by a version before 0013
    Index("ix_outbox_state_audience_rank_seq", "state", "audience", "rank", "seq"),
    Index("ix_outbox_state_rank_seq", "state", "rank", "seq"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("message", Text, nullable=False, index=True),
    Column("audience", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("outcome", String(10), nullable=False),
    _moment("at"),
    Column("detail", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Index("ix_receipts_at", "at"),
    Index("ix_receipts_route_outcome", "route", "outcome"),
)

slots = Table(
    "slots",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("schedule", Text, nullable=False),
    _moment("slot"),
    Column("state", String(10), nullable=False),
    _moment("at"),
    UniqueConstraint("schedule", "slot"),
)

route_tests = Table(
    "route_tests",
    metadata,
    Column("route", Text, primary_key=True),
    _moment("tested_at"),
    Column("detail", Text, nullable=False),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _moment("at"),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    Index("ix_audit_log_at", "at"),
)

teams_conversations = Table(
    "teams_conversations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("name", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("reference", JSON, nullable=False),
    _moment("seen_at"),
)

attestations = Table(
    "attestations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("service", Text, nullable=False),
    Column("practice", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("link", Text, nullable=False),
    _moment("at"),
    _moment("expires_at"),
)

waivers = Table(
    "waivers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("service", Text, nullable=False),  # empty: every service
    Column("check", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    _moment("at"),
    _moment("until"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("post", Text, primary_key=True),
    Column("cron", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("by", Text, nullable=False),
    _moment("at"),
)

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("gravity", String(16), nullable=False),
    Column("audiences", JSON, nullable=False),
    Column("actor", Text, nullable=False),
    Column("by", Text, nullable=False),
    _moment("at"),
    _moment("sent_at", nullable=True),
)

runbook_copies = Table(
    "runbook_copies",
    metadata,
    Column("service", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("steps", JSON, nullable=False),
    Column("problem", Text, nullable=False),
    _moment("tried_at"),
    _moment("read_at", nullable=True),
    Column("page", JSON, nullable=False, server_default="{}"),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("phase", String(10), nullable=False),
    _moment("onset_at"),
    _moment("updated_at"),
    _moment("resolved_at", nullable=True),
    Column("body", JSON, nullable=False),
    Index("ix_incidents_phase_resolved_at", "phase", "resolved_at"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("incident", Text, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("audience", Text, primary_key=True),
    Column("message", Text, nullable=False),
    Column("phase", String(10), nullable=False),
    Column("wave", Integer, nullable=False),
    Column("severity", String(10), nullable=False),
    Column("down", JSON, nullable=False),
    _moment("at"),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("alert_key", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("interrupted", JSON, nullable=False, server_default="[]"),
    Column("hit", JSON, nullable=False, server_default="[]"),
    Column("was_down", JSON, nullable=False, server_default="[]"),
    Column("acknowledged_by", Text, nullable=False, server_default=""),
)

ledger_shape = Table(
    "ledger_shape",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1: there is one row
    Column("usable_from", String(32), nullable=False),
    Column("moved_to", Text),
    _moment("moved_at", nullable=True),
    Column("identity", String(32)),  # drawn when it is first opened; a copy of the file has the same
)

duties = Table(
    "duties",
    metadata,
    Column("duty", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("term", Integer, nullable=False),
    Column("beat", BigInteger, nullable=False),
)

sightings = Table(
    "sightings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("vantage", Text, nullable=False),
    _moment("at"),
    _moment("seen_by"),
    Column("body", JSON, nullable=False),
)

asked = Table(
    "asked",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("incident", Text, nullable=False),
    _moment("at"),
    Column("body", JSON, nullable=False),
)

hooked = Table(
    "hooked",
    metadata,
    Column("hook", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("body", JSON, nullable=False),
    _moment("heard_at"),
    Index("ix_hooked_heard_at", "heard_at"),
)

feed_readings = Table(
    "feed_readings",
    metadata,
    Column("name", Text, primary_key=True),
    _moment("read_at", nullable=True),
    _moment("kept_at"),
    Column("marks", JSON, nullable=False),
    Column("body", JSON, nullable=False),
)

handled_requests = Table(
    "handled_requests",
    metadata,
    Column("key", String(64), primary_key=True),  # a hash: see `bot.storage.handled_requests`
    _moment("at"),
)
