"""Reads the silences that are active now, from Alertmanager or from Grafana in its shape."""

import asyncio

from bot.audit.collectors.engine.row import OddFieldError, Row
from bot.audit.collectors.monitors.alertmanager.matchers import LabelMatcher, MatcherError
from bot.audit.collectors.monitors.alertmanager.routing import Silence
from bot.audit.collectors.monitors.reader import MonitorReader

_OPERATORS = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}


async def active_silences(reader: MonitorReader, path: str) -> list[Silence]:
    """The active silences.

    Raises:
        ReadError: the list cannot be read.
    """
    rows = await reader.rows(path, path)
    return await asyncio.to_thread(_active, reader, rows, path)


def _active(reader: MonitorReader, rows: list[Row], path: str) -> list[Silence]:
    found = []
    for row in rows:
        try:
            if row.text("status.state") == "active":
                matchers = tuple(map(_matcher, row.rows("matchers")))
                found.append(Silence(matchers, row.when("startsAt"), row.when("endsAt")))
        except (OddFieldError, MatcherError) as error:
            reader.odd(error, path, "a silence")
    return found


def _matcher(row: Row) -> LabelMatcher:
    equal = row.flag("isEqual") is not False  # absent before Alertmanager 0.22: equal
    return LabelMatcher(row.text("name"), _OPERATORS[equal, row.flag("isRegex") is True], row.text("value"))
