"""The process of an earlier version: `python -m support.processes.version_before COMMAND LEDGER [...]`.

It runs with the code of commit 27d6bb4 first on its path; that code is reached by name, since this version has no such
modules. Commands: `fill` writes one of everything; `deliver` sends until it is killed; `post` posts messages; `save` saves
the sample incident and passes on a signal; `show` prints the incidents that it reads.
"""

import asyncio
import importlib
import json
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from support.samples.stored import ALERT, AT, BEFORE, DAY, HOUR, MINUTE, OPEN, PAGER, SLACK, Stored

made = Stored(BEFORE)


def module(name: str) -> Any:
    """A module of that version."""
    return importlib.import_module(name)


async def fill(ledger: Any) -> None:
    """Write one of everything by the ledger's own methods."""
    await fill_outbox(ledger)
    await fill_outbox_with_waiting(ledger)
    await fill_incidents(ledger)
    await fill_audit(ledger)
    await fill_people(ledger)


async def fill_outbox(ledger: Any) -> None:
    """Messages whose way has ended, each in another way."""
    routes = [SLACK, PAGER]
    await ledger.post(made.message("weekly:payments", dedupe="weekly:payments"), routes, AT)
    (weekly,) = await ledger.claim("before", AT, MINUTE, 1)
    assert await ledger.begin_try(weekly, SLACK, AT, MINUTE) == 1
    await ledger.note(weekly, made.receipt("weekly:payments", SLACK, "retry", "slack answered with 503"))
    await ledger.settle(weekly, "sent", made.receipt("weekly:payments", PAGER, "sent"), AT + MINUTE)
    ends = {
        ALERT: ("alert", "sent", made.receipt(ALERT, SLACK, "sent", reference="C1:17.5")),
        "route-test:webhook:pager/2026-11-23": (
            "reply", "sent", made.receipt("route-test:webhook:pager/2026-11-23", PAGER, "sent"),
        ),
        "lost": ("report", "failed", made.receipt("lost", SLACK, "refused", "Slack says is_archived")),
    }  # fmt: skip
    for id, (priority, ending, receipt) in ends.items():  # noqa: A001 - the field's own name
        await ledger.post(made.message(id, priority=priority, expires_at=AT + 365 * DAY), routes, AT)
        claim = await ledger.claim_one(id, "before", AT, MINUTE)
        await ledger.begin_try(claim, receipt.route, AT, MINUTE)
        await ledger.settle(claim, ending, receipt, AT + MINUTE)


async def fill_outbox_with_waiting(ledger: Any) -> None:
    """Messages that are still on their way."""
    detail = made.message(f"{ALERT}/detail", priority="reply", under=ALERT)
    await ledger.post(detail, [SLACK], AT)
    await ledger.post(made.message("tried", "ops"), [SLACK, PAGER], AT)
    tried = await ledger.claim_one("tried", "before", AT, MINUTE)
    await ledger.begin_try(tried, PAGER, AT, MINUTE)
    await ledger.note(tried, replace(made.receipt("tried", SLACK, "refused", "no such channel"), audience="ops"))
    await ledger.put_back(tried, AT + MINUTE)
    await ledger.post(made.message("of a dead sender", "platform"), [SLACK], AT)
    assert await ledger.claim_one("of a dead sender", "before", AT, MINUTE)
    await ledger.post(made.message("route-test:email:team/2026-11-23", "security", "reply"), ["email:team"], AT)
    digest = made.message("catch-up:payments:weekly:payments", priority="later")
    until = {"until": (AT + MINUTE).isoformat()}
    await ledger.post(replace(digest, card={**digest.card, "data": until}), [SLACK], AT)


async def fill_incidents(ledger: Any) -> None:
    """Incidents, what audiences know of them, what people asked for, what monitoring says, and who leads."""
    async with ledger.begin() as transaction:
        await transaction.save_incident(made.incident())
        await transaction.save_incident(made.resolved())
        await transaction.save_told(made.told())
        await transaction.ask(made.action())
        await transaction.log(made.entry())
    await ledger.hear("prometheus", [made.signal(), made.signal("prometheus/2")], AT)
    await ledger.keep_readings([made.reading()], AT)
    lease = await ledger.take_duty("watch", "before", None)
    assert await ledger.renew_duty("watch", lease)


async def fill_audit(ledger: Any) -> None:
    """Scores, the facts of an audit (one of every kind), a run whose accounts are being read, and runbook copies."""
    checks, facts = module("checks"), module("support.facts")
    built = (getattr(facts, name) for name in facts.__all__ if name not in ("days_ago", "fact"))
    found = [fact for fact in (build() for build in built if callable(build)) if isinstance(fact, checks.Fact)]
    gap = facts.gap(checks.Datastore)
    collected = module("bot.ports").Collected(found, [gap], [("aws_tables", "1", "us-east-1")], ("1",), 12, 1.5)
    estate = replace(module("support.scorecards").sample_estate(3), generated_at=AT)
    await ledger.save_audit(estate, module("bot.facts_codec").encode(collected))
    run = await ledger.open_run(["1", "2"], frozenset({("aws_tables", "1", "us-east-1")}), AT)
    await ledger.run_ordered(run.id)
    await ledger.begin_unit(run.id, "1", "worker")
    await ledger.keep_unit(run.id, "1", b"facts")
    await ledger.keep_runbooks([made.runbook()])


async def fill_people(ledger: Any) -> None:
    """What people left, and the slots of schedules."""
    await ledger.draft(made.draft())
    await ledger.draft(replace(made.draft(), id="b0"))
    await ledger.remember_conversations([made.conversation()])
    await ledger.begin_schedule("weekly", AT)
    async with ledger.begin() as transaction:
        await transaction.attest(made.attestation())
        await transaction.waive(made.waiver(), AT)
        await transaction.subscribe(made.subscription())
        await transaction.take_slot("weekly", AT + 7 * DAY, "made_up", AT + 7 * DAY + HOUR)
        assert await transaction.take_broadcast("b0", AT)


async def deliver(ledger: Any, url: str) -> None:
    """Send over one webhook, a few messages at a time, until killed."""
    delivery, routes, ports = module("bot.delivery"), module("bot.routes"), module("bot.ports")
    outgoing = module("bot.outgoing").Outgoing(private=True)
    context = routes.RouteContext(str, outgoing=outgoing, timeout=timedelta(seconds=5))
    built, problems = routes.build_all([ports.RouteSpec("webhook", PAGER, {"url": url})], context)
    assert not problems
    short = timedelta(milliseconds=50)
    policy = delivery.Policy(idle=short, every=timedelta(0), backoff=short, at_once=2, ahead=2)
    await delivery.Sender(ledger, built, policy=policy).run()


async def post(ledger: Any, number: str) -> None:
    """Post so many messages, to four audiences in turn."""
    now = datetime.now(AT.tzinfo)
    for at in range(int(number)):
        assert await ledger.post(made.message(f"before-{at}", f"team{at % 4}", created_at=now), [PAGER], now)


async def save(ledger: Any) -> None:
    """Save the sample incident as the leader's, and pass on what this replica observed."""
    lease = await ledger.take_duty("watch", "before", await ledger.standing("watch"))
    async with ledger.begin() as transaction:
        await transaction.hold("watch", lease)
        await transaction.save_incident(made.incident())
        await transaction.save_told(made.told())
    await ledger.pass_on("before", [made.signal(vantage="before")], AT)


async def show(ledger: Any) -> None:
    """Print every incident, what audiences know of it, who was notified, and the actions that wait, as JSON."""
    incidents = {incident.id: dumped(incident) for incident in await ledger.kept_incidents(AT - 9 * DAY)}
    shown = {
        "incidents": incidents,
        "told": [dumped(told) for told in await ledger.kept_told()],
        "heard": [dumped(heard) for heard in await ledger.heard(OPEN)],
        "asked": [dumped(action) for action in (await ledger.asked()).values()],
        "signals": [dumped(signal) for signal in await ledger.take_sightings(AT)],
    }
    print(json.dumps(shown))  # noqa: T201 - whoever runs it reads this


def dumped(value: Any) -> Any:
    """A dataclass as plain JSON values."""
    return TypeAdapter(type(value)).dump_python(value, mode="json")


async def main(command: str, where: str, *arguments: str) -> None:
    """Run one command on a ledger."""
    commands: dict[str, Any] = {"fill": fill, "deliver": deliver, "post": post, "save": save, "show": show}
    ledger = await module("bot.ledger").Ledger.open(where)
    try:
        await commands[command](ledger, *arguments)
    finally:
        await ledger.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
