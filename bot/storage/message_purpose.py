"""Reads what a message is for, which incident it is about and why it was sent.

A message says so in columns of its own since migration 0012. Versions before that wrote it into the id alone and may still
run on the same ledger, so a row without a purpose is recognised by its id. This module is the only place that parses ids.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, false, func, or_

from bot.model import Purpose
from bot.model.notifications import NotificationReason
from bot.storage.tables import messages

_PREFIXES: Mapping[Purpose, str] = {
    Purpose.FALLBACK_TEST: "route-test:",
    Purpose.CATCH_UP: "catch-up:",
}
_ALERT, _DETAIL = "alert:", "/detail"
_BY_VALUE = {purpose.value: purpose for purpose in Purpose}


def has_purpose(*purposes: Purpose) -> ColumnElement[bool]:
    """Matches the rows of `messages` that serve one of these purposes; only fallback tests and catch-ups are found by id."""
    prefixes = (_PREFIXES[purpose] for purpose in purposes if purpose in _PREFIXES)
    by_id = (messages.c.id.startswith(prefix, autoescape=True) for prefix in prefixes)
    values = [purpose.value for purpose in purposes]
    named = func.coalesce(messages.c.purpose, "").in_(values)  # never NULL, so that it can be negated
    return or_(named, and_(messages.c.purpose.is_(None), or_(false(), *by_id)))


def is_about(incident: str) -> ColumnElement[bool]:
    """Matches the rows of `messages` that were posted about the incident of this id."""
    by_id = messages.c.id.startswith(f"{_ALERT}{incident}:", autoescape=True)
    return or_(messages.c.incident == incident, and_(messages.c.purpose.is_(None), by_id))


def purpose_of(row: Row[Any]) -> Purpose | None:
    """The purpose of a row of `messages`; None where neither its column nor its id names one that this version knows."""
    if row.purpose is not None:
        return _BY_VALUE.get(row.purpose)
    if row.id.startswith(_ALERT):
        return Purpose.ALERT_DETAIL if _DETAIL in row.id else Purpose.ALERT
    return next((purpose for purpose, prefix in _PREFIXES.items() if row.id.startswith(prefix)), None)


def incident_of(row: Row[Any]) -> str:
    """The id of the incident that a row of `messages` is about, empty where it is about none."""
    if row.purpose is not None or not row.id.startswith(_ALERT):
        return row.incident or ""
    return str(row.id).removeprefix(_ALERT).partition(":")[0]


def reason_of(row: Row[Any]) -> str:
    """Why an alert was sent (`NotificationReason`), empty for other messages.

    An id reads `alert:INCIDENT:AUDIENCE:REASON:WAVE:STEP`; an audience may contain colons.
    """
    if row.purpose is not None:
        return row.reason or ""
    if row.replaces:
        return NotificationReason.UPDATE.value if row.id.startswith(_ALERT) else ""
    return str(row.id).rsplit(":", 3)[1] if row.id.startswith(_ALERT) and row.id.count(":") > 3 else ""
