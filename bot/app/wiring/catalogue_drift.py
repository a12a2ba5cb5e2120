"""Reads what the catalogue is compared with: every resource of its accounts, and the entities of Backstage."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.app.settings import Settings
from bot.app.wiring.audit import aws, other_clouds, reads_aws
from bot.audit.bootstrap import backstage_entities, entity_owners
from bot.audit.collectors.clouds import Clouds
from bot.audit.drift import Drift, drift_of
from bot.audit.tickets.api import TicketApi
from bot.model import Collected, Progress, utc_now
from bot.net.egress import EgressPolicy
from bot.net.http_client import HttpClient


async def entities_of(
    url: str,
    token: str,
    *,
    private: bool,
    policy: EgressPolicy = EgressPolicy(),  # noqa: B008 - frozen
) -> Sequence[Mapping[str, Any]]:
    """The entities of a Backstage.

    Raises:
        TrackerError: it refuses or does not answer.
    """
    signed = {"Authorization": f"Bearer {token}"} if token else {}
    async with HttpClient(policy) as http:
        return await backstage_entities(TicketApi(http, "Backstage", signed, utc_now, private=private), url)


async def catalogue_drift(settings: Settings, progress: Callable[[Progress], None]) -> tuple[Drift, Collected]:
    """Read the accounts whole (an audit reads only what some service may need) and compare.

    Raises:
        ConfigError: a secret cannot be resolved.
        TrackerError: Backstage refuses or does not answer.
    """
    theirs = None
    if settings.backstage.url:
        wanted = settings.backstage
        found = await entities_of(
            wanted.url, settings.secret(wanted.token), private=wanted.private, policy=settings.outgoing
        )
        theirs = entity_owners(found, wanted.url)
    # Without entries nothing is left out while the accounts are read.
    whole = replace(settings, catalogue=replace(settings.catalogue, entries=()))
    readers = {"aws": aws(whole)} if reads_aws(whole) else {}
    collected = await Clouds(readers | other_clouds(whole)).collect((), progress)
    return drift_of(settings.catalogue.entries, collected.facts, collected.gaps, theirs), collected
