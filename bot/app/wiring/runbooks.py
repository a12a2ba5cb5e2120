"""Builds what reads runbooks from settings."""

from collections.abc import Awaitable, Callable, Mapping

from bot.app.settings import Settings
from bot.audit.collectors.runbooks.fetch import RunbookPages
from bot.audit.collectors.runbooks.source import SourceAccess
from bot.model import Clock
from bot.storage.ledger import Ledger


def runbook_pages(settings: Settings, ledger: Ledger, clock: Clock) -> RunbookPages:
    """The reader of runbooks.

    Raises:
        ConfigError: a secret cannot be resolved.
    """
    accesses = [
        SourceAccess(
            kind=source.kind,
            url=source.url,
            api=source.api,
            user=source.user,
            token=settings.secret(source.token),
            key=settings.secret(source.key),
            known_hosts=settings.secret(source.known_hosts),
            hosted_on=source.hosted_on,
        )
        for source in settings.runbooks.sources
    ]
    return RunbookPages(ledger, clock, accesses=accesses, try_links=settings.runbooks.links)


def runbook_jobs(settings: Settings, ledger: Ledger, clock: Clock) -> Mapping[str, Callable[[], Awaitable[None]]]:
    """The job that keeps copies of the runbooks while serving; none if no service has a runbook."""
    entries = [entry for entry in settings.catalogue.entries if entry.declared.runbook]
    return {"runbooks": lambda: runbook_pages(settings, ledger, clock).run(entries)} if entries else {}
