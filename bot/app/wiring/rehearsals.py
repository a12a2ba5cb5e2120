"""Builds the collector of rehearsals from the settings."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.app.settings import Settings
from bot.app.settings import rehearsals as sections
from bot.model import Clock
from checks import RehearsalKind

if TYPE_CHECKING:
    from bot.audit.collectors.rehearsals.collector import Reading, RehearsalRecords
    from bot.audit.collectors.rehearsals.sources.signed_hook import Drills


def rehearsal_records(settings: Settings, drills: "Drills", clock: Clock) -> "RehearsalRecords | None":
    """The collector of the products that are set up; None where none is. `drills`: those that the ledger keeps.

    Raises:
        ConfigError: a secret cannot be resolved.
    """
    readings = tuple(rehearsal_readings(settings, drills))
    if not readings:
        return None
    from bot.audit.collectors.rehearsals.collector import RehearsalRecords  # noqa: PLC0415 - only where one is set up
    from bot.audit.collectors.rehearsals.run import ReadingContext  # noqa: PLC0415

    return RehearsalRecords(readings, settings.rehearsals.services, ReadingContext(clock, settings.outgoing))


def rehearsal_readings(settings: Settings, drills: "Drills | None" = None) -> "Iterator[Reading]":
    """Each product that is set up, with its access.

    Raises:
        ConfigError: a secret cannot be resolved.
    """
    if gremlin := settings.rehearsals.gremlin:
        yield _gremlin(settings, gremlin)
    if steadybit := settings.rehearsals.steadybit:
        yield _steadybit(settings, steadybit)
    if settings.rehearsals.chaos_toolkit:
        yield _journals(settings)
    if settings.rehearsals.hooks and drills:
        yield _hooks(drills)


def _gremlin(settings: Settings, given: sections.GremlinSettings) -> "Reading":
    from bot.audit.collectors.rehearsals.collector import Reading  # noqa: PLC0415 - only where it is set up
    from bot.audit.collectors.rehearsals.sources.gremlin import SOURCE, GremlinAccess  # noqa: PLC0415

    access = GremlinAccess(SecretStr(settings.secret(given.key)), given.team_id, given.url.rstrip("/"), given.private)
    return Reading(SOURCE, partial(SOURCE.read, access))


def _steadybit(settings: Settings, given: sections.SteadybitSettings) -> "Reading":
    from bot.audit.collectors.rehearsals.collector import Reading  # noqa: PLC0415 - only where it is set up
    from bot.audit.collectors.rehearsals.sources.steadybit import SOURCE, SteadybitAccess  # noqa: PLC0415

    access = SteadybitAccess(SecretStr(settings.secret(given.token)), given.url, given.private)
    return Reading(SOURCE, partial(SOURCE.read, access))


def _journals(settings: Settings) -> "Reading":
    from bot.audit.collectors.rehearsals.collector import Reading  # noqa: PLC0415 - only where it is set up
    from bot.audit.collectors.rehearsals.sources.chaos_toolkit import SOURCE, JournalPlace  # noqa: PLC0415

    places = tuple(
        JournalPlace(
            path=Path(journal.path) if journal.path else None,
            url=journal.url,
            token=SecretStr(settings.secret(journal.token)) if journal.token else None,
            private=journal.private,
            service=journal.service,
            kind=journal.kind,
            scope=journal.scope,
        )
        for journal in settings.rehearsals.chaos_toolkit
    )
    kinds = tuple(dict.fromkeys(place.kind for place in places))
    return Reading(SOURCE, partial(SOURCE.read, places), kinds)


def _hooks(drills: "Drills") -> "Reading":
    from bot.audit.collectors.rehearsals.collector import Reading  # noqa: PLC0415 - only where it is set up
    from bot.audit.collectors.rehearsals.sources.signed_hook import SOURCE  # noqa: PLC0415

    return Reading(SOURCE, partial(SOURCE.read, drills), tuple(RehearsalKind))
