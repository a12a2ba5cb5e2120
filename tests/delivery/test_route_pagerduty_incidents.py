"""PagerDuty: an incident is one alert, from its beginning to its end; nothing else closes it or opens a second one."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.builders.moment import seen, service
from support.builders.posts import card, context, message
from support.builders.resources import datastore
from support.builders.signals import minutes
from support.fakes.misbehaving import OK, status
from support.fakes.receivers import Receiver
from support.fakes.slack import FakeSlack
from support.harness.ledgers import ledger_at
from support.harness.office import SLACK, Office
from support.harness.watching import Watching, broken, estate, watch_on, well

from bot.delivery.routing.registry import build, build_all
from bot.model import Message, Priority, Purpose, Route, RouteSpec
from bot.model.estate import Estate
from bot.model.incidents import Phase

PAGER = "pagerduty:ops"


class OnCall(Receiver):
    """PagerDuty, as far as it opens and closes alerts (developer.pagerduty.com, Events API v2, `event_action`).

    `pages` are the alerts that it called somebody for; `open` those that are not resolved, by key, and whether acknowledged.
    """

    def __init__(self) -> None:
        super().__init__()
        self.open: dict[str, bool] = {}
        self.pages: list[str] = []

    def work_off(self) -> None:
        """Take what arrived since."""
        self.open, self.pages = {}, []
        for event in (received.json for received in self.received):
            key, action = event["dedup_key"], event["event_action"]
            if action == "trigger" and key not in self.open:
                self.pages.append(key)
                self.open[key] = False
            elif action == "acknowledge" and key in self.open:
                self.open[key] = True
            elif action == "resolve":
                self.open.pop(key, None)


@dataclass
class PagedOffice(Office):
    """A team with Slack first and PagerDuty second, or PagerDuty alone."""

    def routes(self) -> dict[str, Route]:
        specs = (
            RouteSpec("slack", SLACK, {"channel": "#payments"}),
            RouteSpec("pagerduty", PAGER, {"routing_key": "k3y", "url": self.hook.url}),
        )
        around = context(
            slack_api_url=self.slack.url,
            clock=self.clock,
            last_reference=self.ledger.last_reference,
            timeout=self.patience,
        )
        routes, problems = build_all(specs, around)
        assert not problems
        return dict(routes)


SLACK_FIRST = (RouteSpec("slack", SLACK), RouteSpec("pagerduty", PAGER))
PAGER_ALONE = SLACK_FIRST[1:]


@asynccontextmanager
async def on_call(
    folder: Path, routes: tuple[RouteSpec, ...] = SLACK_FIRST, **plan: Any
) -> AsyncIterator[tuple[Watching, OnCall]]:
    async with ledger_at(folder) as ledger, FakeSlack().running() as slack, OnCall().running() as pager:
        assert isinstance(pager, OnCall)
        office = PagedOffice(ledger, slack, pager)
        known = [estate()]
        yield Watching(office, watch_on(office, known, routes=routes, **plan), known), pager


def events(pager: OnCall) -> list[str]:
    pager.work_off()
    return [received.json["event_action"] for received in pager.received]


async def test_one_alert_is_triggered_acknowledged_and_resolved(tmp_path: Path) -> None:
    async with on_call(tmp_path, PAGER_ALONE) as (here, pager):
        await here.pass_by(minutes(5), broken)
        assert events(pager) == ["trigger"]
        one = await here.only()
        await here.watch.acknowledge(one.id, "Ada")
        await here.pass_by(minutes(5), broken)
        assert events(pager) == ["trigger", "acknowledge"]
        assert list(pager.open.values()) == [True]
        await here.pass_by(minutes(40), well)
        assert events(pager) == ["trigger", "acknowledge", "resolve"]
        assert len({received.json["dedup_key"] for received in pager.received}) == 1
        assert (len(pager.pages), pager.open) == (1, {})


async def test_a_wave_after_the_end_pages_again_and_ends_again(tmp_path: Path) -> None:
    async with on_call(tmp_path, PAGER_ALONE) as (here, pager):
        for _ in range(2):
            await here.pass_by(minutes(5), broken)
            await here.pass_by(minutes(55), well)
        assert (await here.only()).wave == 2
        assert events(pager) == ["trigger", "resolve"] * 2
        assert (len(pager.pages), pager.open) == (2, {})


async def test_what_slack_missed_is_paged_and_closed_after_slack_is_back(tmp_path: Path) -> None:
    async with on_call(tmp_path) as (here, pager):
        here.office.slack.always("*", status(503))
        await here.pass_by(minutes(5), broken)
        assert events(pager) == ["trigger"]
        here.office.slack.always("*", OK)
        billing = seen(datastore(product="dynamodb", replica_regions=()), of=service("billing", tier=2))
        here.known[0] = Estate((*here.known[0].seen, billing))
        await here.pass_by(minutes(5), broken)
        assert len(here.texts()) == 1, "it got worse, and Slack is told so"
        await here.watch.acknowledge((await here.only()).id, "Ada")
        again = Watching(here.office, watch_on(here.office, here.known, routes=SLACK_FIRST), here.known)
        await again.pass_by(minutes(5), broken)
        assert events(pager) == ["trigger", "acknowledge"]
        await again.pass_by(minutes(40), well)
        assert (await again.only()).phase is Phase.RESOLVED
        assert events(pager) == ["trigger", "acknowledge", "resolve"]
        assert (len(pager.pages), pager.open) == (1, {})


async def test_slack_alone_was_told_and_nobody_is_paged(tmp_path: Path) -> None:
    async with on_call(tmp_path) as (here, pager):
        await here.pass_by(minutes(5), broken)
        await here.watch.acknowledge((await here.only()).id, "Ada")
        await here.pass_by(minutes(40), well)
        assert events(pager) == []


async def test_an_update_opens_no_page(tmp_path: Path) -> None:
    async with on_call(tmp_path, PAGER_ALONE) as (here, pager):
        await here.pass_by(minutes(5), broken)
        await here.watch.assign((await here.only()).id, "Grace", "Ada")
        await here.watch.mute((await here.only()).id, timedelta(hours=2), "Ada")
        await here.pass_by(minutes(20), broken)
        assert events(pager) == ["trigger"]


def sent_alone() -> Iterator[tuple[Message, str]]:
    bad = card(tone="bad").dump()
    for purpose in (Purpose.FALLBACK_TEST,):
        yield message(card=bad, priority=Priority.ALERT, purpose=purpose), "info"
    for purpose in (Purpose.SCORECARD, Purpose.DIGEST, Purpose.CATCH_UP, Purpose.SELF_CHECK, Purpose.MISSED_POSTS):
        yield message(card=bad, priority=Priority.ALERT, purpose=purpose), "error"
    yield message(card=bad, priority=Priority.ALERT, purpose=Purpose.BROADCAST), "critical"


@pytest.mark.parametrize(("posted", "severity"), list(sent_alone()))
async def test_a_test_or_a_report_never_pages_as_critical(posted: Message, severity: str) -> None:
    async with Receiver().running() as receiver:
        route = build(RouteSpec("pagerduty", PAGER, {"routing_key": "k3y", "url": receiver.url}), context())
        await route.send(posted, 1)
    event = receiver.received[0].json
    assert (event["event_action"], event["dedup_key"]) == ("trigger", "m1")
    assert event["payload"]["severity"] == severity
