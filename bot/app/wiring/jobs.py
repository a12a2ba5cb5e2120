"""Builds the background jobs of `serve`: the watchdog, catch-up, fallback tests, the heartbeat."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from bot.app.jobs.heartbeat import Heartbeat
from bot.app.jobs.watchdog import Polling, Watchdog
from bot.app.settings import Settings
from bot.chat.reception import Reception
from bot.delivery.catch_up import CatchUp
from bot.delivery.fallback_tests import FallbackTests
from bot.delivery.sender import Sender
from bot.model import Audience, Clock, Schedule
from bot.storage.ledger import Ledger

Run = Callable[[], Awaitable[None]]
Audiences = Callable[[], Awaitable[Mapping[str, Audience]]]


def background_jobs(  # noqa: PLR0913, PLR0917 - each job works with other parts of `serve`
    settings: Settings,
    ledger: Ledger,
    audiences: Audiences,
    clock: Clock,
    sender: Sender,
    polling: Polling | None = None,
    reception: Callable[[], Mapping[str, Reception]] = dict,
) -> dict[str, Run]:
    """The jobs by name, each to be run until cancelled. `audiences` are looked up each time; the watchdog checks `polling` and `reception`.

    The watchdog hears from `sender` at once what every route refused.

    Raises:
        ConfigError: the heartbeat's address cannot be resolved.
    """

    async def schedules() -> Iterable[Schedule]:
        return [schedule for audience in (await audiences()).values() for schedule in audience.schedules]

    known = settings.catalogue.audiences
    watchdog = Watchdog(
        ledger, schedules, known.get(settings.admin_audience), clock=clock, polling=polling, reception=reception
    )
    sender.tell_undelivered(watchdog.report_refused)
    jobs: dict[str, Run] = {"watchdog": watchdog.run, "catch_up": CatchUp(ledger, known, clock=clock).run}
    if settings.fallback_tests:
        jobs["fallback_tests"] = FallbackTests(ledger, known, clock=clock).run
    if settings.heartbeat.url:
        url = settings.secret(settings.heartbeat.url)
        jobs["heartbeat"] = Heartbeat(url, watchdog.problems, outgoing=settings.outgoing).run
    return jobs
