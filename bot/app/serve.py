"""Runs chat, schedules, detection, delivery and the web server in one process, and stops them cleanly."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.app import logging_setup as logs
from bot.app.jobs.incident_digest import DigestWriter
from bot.app.jobs.weekly_scorecard import ScorecardWriter
from bot.app.running import Run, restart_on_failure, stopped_by_signals, tell_of_descriptors
from bot.app.settings import Settings
from bot.app.wiring.after_audits import audit_jobs
from bot.app.wiring.audit import open_audit_service, route_context, teams_api
from bot.app.wiring.incidents import IncidentStack
from bot.app.wiring.jobs import background_jobs
from bot.app.wiring.ledger import ledger_guard
from bot.app.wiring.openapi import openapi_handler
from bot.app.wiring.platforms import chat_platforms, degraded, platform_line
from bot.app.wiring.start_lines import slack_line, teams_line
from bot.audit.service import AuditService
from bot.cards.card import Card
from bot.chat.dispatch import dispatch, private
from bot.chat.reception import Reception
from bot.delivery import Sender
from bot.delivery.routing.registry import build_all
from bot.delivery.routing.slack_channels import RoutesWithChannels
from bot.delivery.scheduler import Scheduler
from bot.model import Audience, Caller, Clock, FeedReading, Message, Role, Schedule, UnusableError, utc_now
from bot.model.records import DIGESTS
from bot.net.failures import failure_words
from bot.storage.leader import LeaderLease
from bot.storage.ledger import Ledger
from bot.storage.records import with_subscribed
from bot.web.api.contract import DRILLS_IN, HOOKS_IN
from bot.web.loop_lag import LoopLag
from bot.web.proxies import TrustedProxies
from bot.web.server import Handler, Site, application

if TYPE_CHECKING:
    from bot.chat.slack.chat import SlackChat
    from bot.chat.teams.api import TeamsApi
    from bot.chat.teams.chat import TeamsChat
    from bot.web.api.handlers import OperatorApi
    from bot.web.webhooks.drills import DrillReceiver
    from bot.web.webhooks.handler import AlertReceiver

STOP_SECONDS = 5.0
_log = structlog.get_logger(__name__)


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
    settings.require_secrets()
    logs.configure()
    tell_of_descriptors(asyncio.get_running_loop())
    stop = asyncio.Event()
    with stopped_by_signals(stop):
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
        guarded |= {DRILLS_IN: self._drill_receiver().handle} if settings.rehearsals.hooks else {}
        if self._hooks or guarded:
            gets["/openapi.json"] = openapi_handler(settings, self._hooks.admit if self._hooks else None)
        self._guard = ledger_guard(settings, audits.ledger, self._context, clock)
        ready = {"ledger": self._guard.ready}
        app = application(
            posts=posts,
            gets=gets,
            guarded=guarded,
            probes=ready,
            lag=self._lag,
            degraded=self._degraded,
            reception=self._reception,
            chat_only=not (self._hooks or guarded),
            proxies=TrustedProxies.of(settings.web.trusted_proxies, settings.web.forwarded_header),
        )
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
            "platforms": self._sender.health(
                self._readings, chat_platforms(self._settings, self._context, self._teams_api)
            ).run,
            "loop_lag": self._lag.run,
            "ledger": self._guard.run,
            "retention": self._prune,
            **self._incidents.edges,
            **audit_jobs(self._settings, self._audits, self._clock),
            **background_jobs(
                self._settings,
                self._audits.ledger,
                self._audiences(),
                self._clock,
                self._sender,
                self._incidents.feed_monitor,
                self._reception,
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
            problem = f"cannot listen on {web.host}:{web.port}: {failure_words(error)}"
            raise UnusableError(problem, "set web.host and web.port, or BACKSTAY_WEB__PORT") from None
        self._say(f"backstay listens on {self._site.url}")
        self._say(slack_line(self._settings, self._site.url))
        self._say(teams_line(self._settings, self._site.url))
        self._sender.problems.tell = lambda platform, problem: self._say(platform_line(platform, problem))

    def _reception(self) -> Mapping[str, Reception]:
        """Whether each chat platform can be heard, by its name."""
        slack = {"slack": self._chat.reception()} if self._chat and self._chat.listens else {}
        return {**slack, **({"teams": self._teams.reception()} if self._teams else {})}

    def _degraded(self) -> Mapping[str, str]:
        """What fails although this process is ready."""
        return {**degraded(self._sender.problems), **(self._chat.problems() if self._chat else {})}

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
            handled=self._audits.ledger,
        )

    def _slack(self) -> "SlackChat":
        from bot.chat.slack.chat import SlackChat  # noqa: PLC0415 - Bolt only where Slack is set up
        from bot.chat.slack.options import SlackOptions  # noqa: PLC0415

        slack, secret = self._settings.slack, self._settings.secret
        options = SlackOptions(
            bot_token=secret(slack.bot_token),
            signing_secret=secret(slack.signing_secret),
            app_token=secret(slack.app_token) if slack.over_socket else "",
            api_url=slack.api_url,
            command=slack.command,
            groups=self._settings.named,
        )
        return SlackChat(options, self._answer, private, handled=self._audits.ledger)

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

    def _drill_receiver(self) -> "DrillReceiver":
        from bot.app.wiring.webhooks import drill_receiver  # noqa: PLC0415 - only where jobs of CI send drills

        return drill_receiver(self._settings, self._audits, self._clock)

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


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
