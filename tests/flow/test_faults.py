"""Every kind of route meets every fault: nothing is lost, the fallback goes out, and what may be there twice says so."""

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from support.builders.posts import ManualClock, context, message
from support.fakes.misbehaving import (
    Behaviour,
    body,
    error,
    hang,
    ratelimited,
    reset,
    reset_after_accept,
    status,
    trickle,
)
from support.fakes.receivers import Receiver
from support.harness.ledgers import ledger_at
from support.harness.lines import LINES, TO, Line
from support.harness.loopback import closed_port

from bot.delivery import DeliveryPolicy, Sender
from bot.delivery.routing.possible_duplicate import RESENT
from bot.delivery.routing.registry import build
from bot.model import Priority, Route, RouteSpec
from bot.storage.ledger import Ledger

HOOK = "webhook:fallback"
Outcome = Literal["sent", "retry", "refused"]


@dataclass(frozen=True)
class Fault:
    """What the first route's far side does, what its receipt says of it, and whether the message is there all the same."""

    behaviour: Behaviour
    outcome: Outcome
    arrives: bool = False
    only: tuple[str, ...] = tuple(LINES)
    again: bool = False
    """The route is tried again in the same round, and then works."""


HTTP = tuple(kind for kind in LINES if kind not in ("slack", "teams"))
FAULTS = {
    "500": Fault(status(500), "retry"),
    "502": Fault(status(502), "retry"),
    "503": Fault(status(503), "retry"),
    "504": Fault(status(504), "retry"),
    "429 for long": Fault(ratelimited(120), "retry"),
    "429 for a moment": Fault(ratelimited(2), "retry", again=True),
    "429 without a time": Fault(ratelimited(""), "retry", again=True),
    "hangs": Fault(hang(), "retry"),
    "reset": Fault(reset(), "retry"),
    "reset after accept": Fault(reset_after_accept(), "retry", arrives=True),
    "trickles": Fault(trickle(2), "retry", arrives=True, only=("slack", "teams")),
    "no JSON": Fault(body("nonsense"), "retry", only=("slack", "teams")),
    "a list": Fault(body("[1]"), "retry", only=("slack",)),
    "403": Fault(status(403), "refused", only=("teams", *HTTP)),
    "404": Fault(status(404), "refused", only=("teams", *HTTP)),
    "410": Fault(status(410), "refused", only=HTTP),
    "400": Fault(status(400), "refused", only=("teams", *HTTP)),
    "413": Fault(status(413), "refused", only=("teams", *HTTP)),
    "redirects": Fault(status(302), "refused", only=HTTP),
    "412": Fault(status(412), "retry", only=("teams",)),
    "408": Fault(status(408), "retry", only=HTTP),
}
CASES = [(kind, name) for name, fault in FAULTS.items() for kind in fault.only]


@dataclass
class Desk:
    """An audience with one line of each kind first and a webhook second."""

    ledger: Ledger
    line: Line
    hook: Receiver
    clock: ManualClock = field(default_factory=ManualClock)

    def sender(self, *, first: Route | None = None) -> Sender:
        spec = RouteSpec("webhook", HOOK, {"url": self.hook.url})
        # The fallback works; on a machine under load its answer may take longer than a faulty one is waited for.
        fallback = build(spec, context(clock=self.clock, timeout=timedelta(seconds=10)))
        primary = first or self.line.route
        routes = {primary.name: primary, HOOK: fallback}
        return Sender(self.ledger, routes, policy=DeliveryPolicy(), clock=self.clock, sleep=self.clock.sleep)

    async def deliver(self, *routes: str, first: Route | None = None) -> list[tuple[str, str]]:
        primary = first or self.line.route
        alert = message(priority=Priority.ALERT)
        await self.ledger.post(alert, routes or (primary.name, HOOK), self.clock())
        await self.sender(first=first).deliver_due()
        return [(receipt.route, receipt.outcome) for receipt in await self.ledger.receipts()]


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        line = await stack.enter_async_context(LINES[request.param]())
        hook = await stack.enter_async_context(Receiver().running())
        yield Desk(await stack.enter_async_context(ledger_at(tmp_path)), line, hook)


@pytest.mark.parametrize(("desk", "fault"), CASES, indirect=["desk"], ids=[f"{kind} {name}" for kind, name in CASES])
async def test_the_fallback_goes_out_once_and_nothing_is_lost(desk: Desk, fault: str) -> None:
    case, route = FAULTS[fault], desk.line.route.name
    desk.line.server.script(desk.line.call, case.behaviour)
    outcomes = await desk.deliver()
    if case.again:
        assert outcomes == [(route, "retry"), (route, "sent")]
        assert (desk.line.arrived(), desk.hook.delivered) == (1, [])
    else:
        assert outcomes == [(route, case.outcome), (HOOK, "sent")]
        assert (desk.line.arrived(), desk.hook.delivered) == (int(case.arrives), ["m1"])
    assert (await desk.ledger.backlog()).pending == 0
    assert (await desk.ledger.backlog()).failed == 0
    assert RESENT not in str([request.json for request in desk.hook.received])


NOBODY = {
    "refuses connections": "http://127.0.0.1:{port}/hook",
    "has no name": "http://slack.invalid/hook",
    "speaks no TLS": "https://127.0.0.1:{plain}/hook",
}


@pytest.mark.parametrize("desk", TO, indirect=True)
@pytest.mark.parametrize("where", NOBODY.values(), ids=NOBODY)
async def test_nobody_there_or_nobody_to_be_trusted(desk: Desk, where: str) -> None:
    kind = desk.line.route.kind
    plain = desk.hook.url.rpartition(":")[2].partition("/")[0]
    first = TO[kind](where.format(port=closed_port(), plain=plain))
    assert await desk.deliver(first=first) == [(first.name, "retry"), (HOOK, "sent")]
    assert desk.hook.delivered == ["m1"]


@pytest.mark.parametrize("desk", LINES, indirect=True)
async def test_a_repeat_of_what_may_have_arrived_says_so(desk: Desk) -> None:
    desk.line.server.script(desk.line.call, reset_after_accept())
    name = desk.line.route.name
    assert await desk.deliver(name) == [(name, "retry")]
    desk.clock.at += timedelta(minutes=1)
    assert await desk.sender().deliver_due() == 1
    first, second = (str(seen_service) for seen_service in desk.line.seen())
    assert RESENT not in first
    assert (RESENT in second) is (desk.line.route.kind != "pagerduty")
    desk.clock.at += timedelta(minutes=5)
    assert await desk.sender().deliver_due() == 0
    assert desk.line.arrived() == 2


@pytest.mark.parametrize("desk", LINES, indirect=True)
async def test_a_repeat_of_what_certainly_did_not_arrive_says_nothing(desk: Desk) -> None:
    desk.line.server.script(desk.line.call, ratelimited(120))
    name = desk.line.route.name
    assert await desk.deliver(name) == [(name, "retry")]
    desk.clock.at += timedelta(minutes=3)
    assert await desk.sender().deliver_due() == 1
    assert RESENT not in str(desk.line.seen())
    assert desk.line.arrived() == 1


# docs.slack.dev/reference/methods/chat.postMessage and chat.update: errors. What passes by itself is tried again; all
# else stands, goes to the next route, and the watchdog tells those who run backstay of it.
PASSING = (
    "fatal_error",
    "internal_error",
    "message_limit_exceeded",
    "org_login_required",
    "ratelimited",
    "rate_limited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
)
STANDING = (
    "access_denied",
    "accesslimited",
    "account_inactive",
    "as_user_not_supported",
    "cant_update_message",
    "channel_not_found",
    "deprecated_endpoint",
    "edit_window_closed",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "invalid_arg_name",
    "invalid_arguments",
    "invalid_array_arg",
    "invalid_auth",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_charset",
    "invalid_form_data",
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "invalid_post_type",
    "is_archived",
    "is_inactive",
    "message_not_found",
    "metadata_must_be_sent_from_app",
    "metadata_too_large",
    "method_deprecated",
    "missing_post_type",
    "missing_scope",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_permission",
    "no_text",
    "not_allowed_token_type",
    "not_authed",
    "not_in_channel",
    "restricted_action",
    "restricted_action_non_threadable_channel",
    "restricted_action_read_only_channel",
    "restricted_action_thread_locked",
    "restricted_action_thread_only_channel",
    "team_access_not_granted",
    "team_not_found",
    "token_expired",
    "token_revoked",
    "too_many_attachments",
    "two_factor_setup_required",
    "unknown_method",
    "a_word_of_tomorrow",
)


@pytest.mark.parametrize("desk", ["slack"], indirect=True)
@pytest.mark.parametrize("code", [*PASSING, *STANDING])
async def test_each_error_of_slacks_passes_or_stands(desk: Desk, code: str) -> None:
    desk.line.server.always("chat.postMessage", error(code))
    outcomes = await desk.deliver()
    assert outcomes[-1] == (HOOK, "sent")
    assert outcomes[0] == (desk.line.route.name, "retry" if code in PASSING else "refused")
    assert desk.hook.delivered == ["m1"]
    said = (await desk.ledger.receipts())[0].detail
    assert code in said or "rate limit" in said


async def test_a_certificate_that_nobody_vouches_for_is_no_way_out(tmp_path: Path) -> None:
    import trustme  # noqa: PLC0415 - for this test alone

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    async with ledger_at(tmp_path) as ledger, Receiver().running(tls) as wrong, Receiver().running() as hook:
        clock = ManualClock()
        first = build(RouteSpec("webhook", "webhook:wrong", {"url": wrong.url}), context(clock=clock))
        desk = Desk(ledger, Line(first, wrong, "hook", lambda: len(wrong.received)), hook, clock)
        assert await desk.deliver() == [("webhook:wrong", "retry"), (HOOK, "sent")]
        assert wrong.received == []
