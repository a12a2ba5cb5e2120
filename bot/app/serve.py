"""Runs chat, schedules, detection, delivery and the web server in one process, and stops them cleanly."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.app import logging_setup as logs
from bot.app.jobs.incident_digest import DigestWriter
from bot.app.jobs.weekly_scorecard import ScorecardWriter
from bot.app.settings import Settings
from bot.app.wiring.audit import open_audit_service, route_context, runbooks, teams_api
from bot.app.wiring.incidents import IncidentStack
from bot.app.wiring.jobs import background_jobs
from bot.app.wiring.openapi import openapi_handler
from bot.audit.service import AuditService
from bot.cards.card import Card
from bot.chat.dispatch import dispatch, private
from bot.delivery import Sender
from bot.delivery.routing.registry import build_all
from bot.delivery.routing.slack_channels import RoutesWithChannels
from bot.delivery.scheduler import Scheduler
from bot.model import Audience, Caller, Clock, FeedReading, Message, Role, Schedule, UnusableError, utc_now
from bot.model.records import DIGESTS
from bot.storage.leader import LeaderLease
from bot.storage.ledger import Ledger
from bot.storage.records import with_subscribed
from bot.web.api.contract import HOOKS_IN
from bot.web.loop_lag import LoopLag
from bot.web.server import Handler, Site, application

if TYPE_CHECKING:
    from bot.chat.slack.chat import SlackChat
    from bot.chat.teams.api import TeamsApi
    from bot.chat.teams.chat import TeamsChat
    from bot.web.api.handlers import OperatorApi
    from bot.web.webhooks.handler import AlertReceiver

STOP_SECONDS = 5.0
_FIRST_RETRY, _LAST_RETRY = 1.0, 60.0
_log = structlog.get_logger(__name__)

Run = Callable[[], Awaitable[None]]


async def serve(settings: Settings, *, clock: Clock = utc_now, say: Callable[[str], None] | None = None) -> None:
    """Answer in chat, run the schedules and deliver messages until SIGTERM or SIGINT; then finish open work and end.

    Args:
        settings: what is set up.
        clock: gives the present time in UTC.
        say: gets each start line, once the server listens; None: standard output.

    Raises:
        LedgerError: the ledger cannot be opened.
        ConfigError: a secret cannot be resolved.
        UnusableError: the configured address cannot be listened on.
    """
    logs.configure()
    stop = asyncio.Event()
    with _stopped_by_signals(stop):
        async with open_audit_service(settings, clock) as audits:
            await Server(settings, audits, clock, say or _print).until(stop)


class Server:
    """Everything that runs side by side in one process, built on an open ledger.

    Raises:
        ConfigError: a secret cannot be resolved.
    """

    def __init__(
        self, settings: Settings, audits: AuditService[Ledger], clock: Clock, say: Callable[[str], None]
    ) -> None:
        self._settings, self._audits, self._clock, self._say = settings, audits, clock, say
        self._lag = LoopLag()
        self._incidents = IncidentStack(settings, audits, clock)
        self._chat = self._slack() if settings.slack.enabled else None
        self._teams_api = teams_api(settings)
        self._teams = self._teams_chat(self._teams_api) if self._teams_api else None
        self._context = route_context(settings, audits.ledger, teams=self._teams_api)
        self._sender = self._delivery()
        posts: dict[str, Handler] = {"/slack/events": self._chat.handle} if self._chat else {}
        posts |= {"/api/messages": self._teams.handle} if self._teams else {}
        self._hooks = self._operator_api() if settings.hooks.enabled else None
        posts |= self._hooks.posts() if self._hooks else {}
        gets = self._hooks.gets() if self._hooks else {}
        guarded: dict[str, Handler] = {HOOKS_IN: self._alert_receiver().handle} if settings.hooks.sources else {}
        if self._hooks or guarded:
            gets["/openapi.json"] = openapi_handler(settings)
        ready = {"ledger": self._check_ledger}
        app = application(posts=posts, gets=gets, guarded=guarded, probes=ready, lag=self._lag)
        self._site = Site(app, settings.web.host, settings.web.port)

    async def until(self, stop: asyncio.Event) -> None:
        """Run every task until `stop` is set. A task that fails is restarted and never stops another.

        Raises:
            UnusableError: the configured address cannot be listened on.
        """
        runner = self._schedules()
        jobs: dict[str, Run] = {
            "schedule": runner.run,
            "delivery": self._sender.run,
            "platforms": self._sender.health(self._readings).run,
            "loop_lag": self._lag.run,
            "retention": self._prune,
            **self._incidents.edges,
            **runbooks(self._settings, self._audits.ledger, self._clock),
            **background_jobs(
                self._settings, self._audits.ledger, self._audiences(), self._clock, self._incidents.feed_monitor
            ),
        }
        if self._chat:
            jobs["slack"] = self._chat.run
        if self._teams_api:
            self._teams_api.open()
        await self._listen()
        self._context.lines.open()
        async with asyncio.TaskGroup() as group:
            tasks = {name: group.create_task(restart_on_failure(name, run), name=name) for name, run in jobs.items()}
            await stop.wait()
            _log.info("serve_stopping")
            # From the outside in: no new requests, then open requests are answered, then open deliveries finish.
            await self._site.stop()
            if self._chat:
                tasks["slack"].cancel()
                await self._chat.stop(within=STOP_SECONDS)
            if self._teams:
                await self._teams.stop(within=STOP_SECONDS)
            for task in tasks.values():
                task.cancel()
        await self._context.lines.close()
        if self._teams_api:
            await self._teams_api.close()
        _log.info("serve_stopped")

    async def _listen(self) -> None:
        web = self._settings.web
        try:
            await self._site.start()
        except OSError as error:
            problem = f"cannot listen on {web.host}:{web.port}: {error.strerror or type(error).__name__}"
            raise UnusableError(problem, "set web.host and web.port, or BACKSTAY_WEB__PORT") from None
        self._say(f"backstay listens on {self._site.url}")
        self._say(self._slack_line())
        self._say(self._teams_line())

    def _slack_line(self) -> str:
        slack = self._settings.slack
        if not slack.enabled:
            return "Slack: not set up (slack.bot_token is not set)"
        if slack.over_socket:
            return "Slack: Socket Mode" if slack.app_token else "Slack: posts only; Socket Mode needs slack.app_token"
        if slack.signing_secret is None:
            return "Slack: posts only; commands need slack.signing_secret, or slack.app_token for Socket Mode"
        return f"Slack: POST {self._site.url}/slack/events"

    def _teams_line(self) -> str:
        teams = self._settings.teams
        if not teams.enabled:
            return "Teams: not set up (teams.app_id is not set)"
        who = "" if teams.app_id else ", from this machine only (teams.allow_anonymous)"
        return f"Teams: POST {self._site.url}/api/messages{who}"

    def _teams_chat(self, api: "TeamsApi") -> "TeamsChat":
        # The SDK takes half a second and 60 MiB, so it is imported only if Teams is set up.
        from bot.chat.teams.authentication import TeamsAuthenticator  # noqa: PLC0415
        from bot.chat.teams.chat import TeamsChat, TeamsOptions  # noqa: PLC0415

        teams = self._settings.teams
        return TeamsChat(
            TeamsOptions(self._settings.organisation, tenant=teams.tenant_id),
            authenticator=TeamsAuthenticator(teams.app_id, teams.tenant_id, keys_url=teams.keys_url)
            if teams.app_id
            else None,
            api=api,
            store=self._audits.ledger,
            answer=self._answer,
            private=private,
            now=self._clock,
        )

    def _slack(self) -> "SlackChat":
        from bot.chat.slack.chat import SlackChat, SlackOptions  # noqa: PLC0415 - Bolt only where Slack is set up

        slack, secret = self._settings.slack, self._settings.secret
        options = SlackOptions(
            bot_token=secret(slack.bot_token),
            signing_secret=secret(slack.signing_secret),
            app_token=secret(slack.app_token) if slack.over_socket else "",
            api_url=slack.api_url,
            command=slack.command,
            groups=self._settings.named,
        )
        return SlackChat(options, self._answer, private)

    def _answer(self, line: str, caller: Caller, fields: Mapping[str, str]) -> AsyncGenerator[Card, None]:
        role = self._settings.roles.role_of(caller)
        return dispatch(
            line,
            caller,
            self._incidents.backend,
            now=self._clock,
            role=role,
            fields=fields,
            holders=self._settings.roles.holders,
        )

    def _delivery(self) -> Sender:
        ledger = self._audits.ledger
        routes, problems = build_all(self._settings.catalogue.routes, self._context)
        for problem in problems:
            _log.error("route_unusable", problem=problem)
        return Sender(ledger, RoutesWithChannels(routes, self._context), clock=self._clock)

    def _schedules(self) -> Scheduler:
        weekly, digests = ScorecardWriter(self._audits), DigestWriter(self._audits, self._incidents.backend)

        async def missed(schedule: Schedule, slots: Sequence[datetime]) -> Message:
            return weekly.missed(schedule, slots)

        async def prepare(schedule: Schedule, slot: datetime) -> Message | None:
            writer = digests if schedule.post in DIGESTS else weekly
            return await writer.prepare(schedule, slot)

        ledger = self._audits.ledger
        duty = LeaderLease(ledger, "schedules", holder=self._incidents.lease.holder)
        return Scheduler(ledger, self._audiences(), prepare=prepare, missed=missed, clock=self._clock, duty=duty)

    def _audiences(self) -> Callable[[], Awaitable[Mapping[str, Audience]]]:
        return with_subscribed(self._settings.catalogue.audiences, self._audits.ledger)

    def _operator_api(self) -> "OperatorApi":
        from bot.web.api.authentication import RequestAuthenticator  # noqa: PLC0415
        from bot.web.api.handlers import OperatorApi  # noqa: PLC0415 - only where hooks are set up

        hooks, secret, backend = self._settings.hooks, self._settings.secret, self._incidents.backend

        def ask(line: str, caller: Caller) -> AsyncGenerator[Card, None]:
            return dispatch(line, caller, backend, now=self._clock, role=Role.VIEWER)

        gate = RequestAuthenticator(
            token=secret(hooks.token), secret=secret(hooks.secret), per_minute=hooks.per_minute, clock=self._clock
        )
        for problem in gate.problems():
            _log.warning("hooks_weak", problem=problem)
        return OperatorApi(gate, ask, backend.records, self._audits.ledger, self._clock)

    def _alert_receiver(self) -> "AlertReceiver":
        from bot.app.wiring.webhooks import alert_receiver  # noqa: PLC0415 - formats and cryptography only where alerts come in

        stack = self._incidents
        return alert_receiver(
            self._settings,
            self._audits.ledger,
            hearing=stack.alert_inbox,
            tell=stack.incidents.observe,
            names=stack.names,
            clock=self._clock,
        )

    def _readings(self) -> Sequence[FeedReading]:
        feeds = self._incidents.feed_monitor
        return feeds.readings() if feeds else ()

    async def _prune(self) -> None:
        """Once a day, delete rows older than the retention period."""
        while True:
            keep, now = self._settings.retention, self._clock()
            deleted = await self._audits.ledger.prune(now - keep, now)
            _log.info("ledger_pruned", rows=deleted, older_than_days=keep.days)
            await asyncio.sleep(timedelta(days=1).total_seconds())

    async def _check_ledger(self) -> None:
        await self._audits.ledger.next_due()


async def restart_on_failure(
    name: str, run: Run, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep, first: float = _FIRST_RETRY
) -> None:
    """Run a task; after a failure restart it, with a growing pause of up to a minute. Ends when the task ends."""
    pause = first
    while True:
        try:
            return await run()
        except Exception:  # noqa: BLE001 - whatever ended this task, the others go on
            _log.exception("task_failed", task=name, retry_in_seconds=pause)
        await sleep(pause)
        pause = min(pause * 2, _LAST_RETRY)


@contextmanager
def _stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """The first SIGTERM or SIGINT sets `stop`; a second one ends the process at once."""
    loop, handled = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGINT)

    def request_stop() -> None:
        for number in handled:
            loop.remove_signal_handler(number)
        stop.set()

    for number in handled:
        loop.add_signal_handler(number, request_stop)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
