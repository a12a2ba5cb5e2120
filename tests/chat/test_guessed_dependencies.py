"""Dependencies that nobody wrote down: guessed from facts, confirmed or rejected in chat, and counted only then."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.builders.facts import compute, dns_record, dns_zone
from support.builders.posts import ManualClock
from support.harness.ledgers import ledger_at

from bot.audit.dependencies.answers import GuessAnswers
from bot.audit.dependencies.guess import guessed_dependencies
from bot.audit.service import AuditService
from bot.cards.card import Buttons, Card
from bot.catalogue import read
from bot.catalogue.provider_hosts import host_owner, host_owners
from bot.chat.dispatch import dispatch
from bot.model import Caller, Collected, Role
from bot.model.backend import Backend
from bot.model.drills import GuessDecision
from bot.storage.ledger import Ledger
from bot.storage.records import LedgerRecords
from checks import DEFAULT_TIERS, Dependency, Fact, Fate, ObservedDependency, Scope, Seen, Service

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CATALOGUE = """\
services:
  - {name: checkout, tier: 1, resources: {tags: {service: checkout}}, depends_on: [stripe]}
  - {name: pay roll, tier: 2, resources: {tags: {service: payroll}}}
"""
ADA = Caller("slack", "U1", "C1", "Ada")


def seen_call(host: str, tool: str, service: str = "checkout", **fields: Any) -> ObservedDependency:
    return ObservedDependency(
        resource=f"domains:{service}/{tool}/{host}",
        name=host,
        provider="domains",
        account="",
        region="global",
        product="domains",
        source="domains",
        observed_at=NOW,
        tags={"service": service},
        target=host,
        tool=tool,
        **fields,
    )


def guesses_of(*facts: Fact, depends_on: tuple[Dependency, ...] = (), decided: Any = ()) -> dict[str, Any]:
    service = Service("checkout", DEFAULT_TIERS[1], depends_on=depends_on)
    decisions = {(made.service, made.target): made for made in decided}
    return {guess.target: guess for guess in guessed_dependencies([Seen(service, facts)], decisions)}


def test_each_guess_names_what_it_rests_on() -> None:
    found = guesses_of(
        dns_zone(name_servers=("ada.ns.cloudflare.com",), delegated_to=None),
        dns_record("www.example.com", type="CNAME", targets=("shop.map.fastly.net",)),
        seen_call("aspmx.l.google.com", "MX record of example.com"),
        seen_call("sendgrid.net", "SPF record of example.com"),
        seen_call("acme.eu.auth0.com", "OAuth issuer of www.example.com"),
        seen_call("hooks.slack.com", "environment variable ALERT_URL"),
        seen_call("api.unknown.example", "environment variable X"),
    )
    assert {target: (guess.kind, guess.hard, guess.evidence) for target, guess in found.items()} == {
        "cloudflare": ("scope", True, ("NS of example.com: ada.ns.cloudflare.com",)),
        "fastly": (found["fastly"].kind, True, ("CNAME of www.example.com: shop.map.fastly.net",)),
        "google-workspace": ("saas", False, ("MX record of example.com: aspmx.l.google.com",)),
        "sendgrid": ("saas", False, ("SPF record of example.com: sendgrid.net",)),
        "auth0": ("saas", True, ("OAuth issuer of www.example.com: acme.eu.auth0.com",)),
        "slack": ("saas", False, ("environment variable ALERT_URL: hooks.slack.com",)),
    }


def test_what_is_declared_and_the_cloud_a_service_runs_on_are_no_guesses() -> None:
    facts = (
        compute(),
        seen_call("api.stripe.com", "environment variable S"),
        seen_call("d1.cloudfront.net", "header x-amz-cf-id of www.example.com"),
        seen_call("x.okta.com", "OAuth issuer of www.example.com"),
    )
    declared = (Dependency("stripe", "saas"), Dependency("okta", "saas", parts=("API",)))
    assert guesses_of(*facts, depends_on=declared) == {}
    assert set(guesses_of(*facts)) == {"stripe", "okta"}
    assert set(guesses_of(dns_zone(private=True, name_servers=("ada.ns.cloudflare.com",)))) == set()


def test_a_decision_stays_with_its_guess() -> None:
    call = seen_call("api.stripe.com", "environment variable S")
    rejected = GuessDecision("checkout", "stripe", "rejected", "Ada", "slack:U1", NOW)
    assert guesses_of(call, decided=[rejected])["stripe"].decision == "rejected"
    confirmed = GuessDecision("checkout", "stripe", "confirmed", "Ada", "slack:U1", NOW)
    again = guesses_of(call, depends_on=(Dependency("stripe", "saas"),), decided=[confirmed])
    assert again["stripe"].decision == "confirmed", "what was confirmed stays listed"


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("ns-12.awsdns-34.co.uk", "aws"),
        ("ALT1.ASPMX.L.GOOGLE.COM.", "google-workspace"),
        ("acme.okta.com", "okta"),
        ("docker.io", "docker-hub"),
        ("notokta.com", None),
        ("com", None),
        ("", None),
        ("example.com", None),
    ],
)
def test_hosts_belong_to_providers(host: str, provider: str | None) -> None:
    owner = host_owner(host)
    assert (owner.provider if owner else None) == provider


def test_every_domain_has_a_source() -> None:
    assert [domain for domain, owner in host_owners().items() if not owner.source] == []


@dataclass
class Cloud:
    """A collector with machines of both services, and what `calls` says was seen."""

    calls: list[Fact] = field(default_factory=list)

    async def collect(self, *_: Any) -> Collected:
        machines = [compute(name, tags={"service": name}) for name in ("checkout", "payroll")]
        return Collected([*machines, *self.calls], (), read=(("test", "1", "us-east-1"),))


@dataclass
class Team:
    """An audit service on a ledger of its own; `ask` types a line."""

    audits: AuditService[Ledger]
    cloud: Cloud
    clock: ManualClock

    async def ask(self, line: str, role: Role = Role.RESPONDER) -> Card:
        records = LedgerRecords(self.audits.catalogue, self.audits.ledger)
        backend = Backend(self.audits, None, None, records, guesses=GuessAnswers(self.audits))
        return [card async for card in dispatch(line, ADA, backend, now=self.clock, role=role)][-1]

    async def fates(self, scope: str) -> dict[str, Fate]:
        impact = await self.audits.whatif(Scope.parse(scope), timedelta(hours=1), lambda _: None)
        return {affected.service.name: affected.fate for affected in impact.services}


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    cloud = Cloud([seen_call("acme.okta.com", "OAuth issuer of shop", "payroll")])
    clock = ManualClock(NOW)
    async with ledger_at(tmp_path / "ledger.db") as ledger:
        audits = AuditService(read(CATALOGUE), [cloud], ledger, clock, decisions=ledger.guess_decisions)
        await audits.audit((), lambda _: None)
        yield Team(audits, cloud, clock)


def lines(card: Card) -> list[str]:
    blocks = (block for block in card.blocks if isinstance(block, Buttons))
    return [button.command for block in blocks for button in block.buttons]


async def test_a_guess_counts_nowhere_until_one_button_confirms_it(team: Team) -> None:
    listed = await team.ask("dependencies", Role.VIEWER)
    assert listed.title == "1 guessed dependency"
    assert "until somebody confirms" in listed.summary
    confirm, reject = lines(listed)
    assert (confirm, reject) == ("confirm 'pay roll' okta", "reject 'pay roll' okta")
    assert (await team.fates("okta"))["pay roll"] is Fate.UNAFFECTED
    answer = await team.ask(confirm)
    assert (answer.kind, answer.title) == ("guess_decided", "pay roll depends on okta")
    assert (await team.fates("okta"))["pay roll"] is Fate.DOWN
    entries = await team.audits.ledger.entries(NOW - timedelta(days=1))
    assert [(entry.actor, entry.action, entry.detail["evidence"]) for entry in entries] == [
        ("slack:U1", "confirm dependency", "OAuth issuer of shop: acme.okta.com")
    ]
    assert "depends on okta" in str((await team.ask("dependencies 'pay roll'")).blocks)


async def test_a_confirmed_dependency_reaches_scores_and_a_restart(team: Team) -> None:
    before = await team.audits.latest()
    await team.ask("confirm 'pay roll' okta hard=no")
    after = await team.audits.latest()
    assert before is not None
    assert after is not None
    (scored,) = (row for row in after.scorecard.services if row.service.name == "pay roll")
    assert scored.service.depends_on == (Dependency("okta", "saas", hard=False),)
    other = AuditService(team.audits.catalogue, [team.cloud], team.audits.ledger, team.clock)
    other.decisions = team.audits.ledger.guess_decisions
    impact = await other.whatif(Scope.parse("okta"), timedelta(hours=1), lambda _: None)
    assert {row.service.name: row.fate for row in impact.services}["pay roll"] is Fate.DEGRADED


async def test_a_rejected_guess_stays_rejected_through_the_next_audit(team: Team) -> None:
    assert (await team.ask("reject 'pay roll' okta")).title == "pay roll does not depend on okta"
    await team.audits.audit((), lambda _: None)
    listed = await team.ask("dependencies")
    assert (listed.title, lines(listed)) == ("0 guessed dependencies", [])
    assert (await team.fates("okta"))["pay roll"] is Fate.UNAFFECTED
    await team.ask("confirm 'pay roll' okta")
    assert (await team.fates("okta"))["pay roll"] is Fate.DOWN, "the newest decision counts"


@pytest.mark.parametrize("line", ["confirm 'pay roll' okta", "reject 'pay roll' okta"])
async def test_a_viewer_decides_nothing(team: Team, line: str) -> None:
    assert (await team.ask(line, Role.VIEWER)).kind == "refused"
    assert not await team.audits.ledger.guess_decisions()


@pytest.mark.parametrize(
    "line",
    [
        "confirm",
        "confirm checkout",
        "confirm checkout okta",
        "confirm 'pay roll' aws/us-east-1",
        "confirm 'pay roll' okta hard=x",
    ],
)
async def test_only_guesses_are_confirmed(team: Team, line: str) -> None:
    assert (await team.ask(line)).tone == "warning"
    assert not await team.audits.ledger.guess_decisions()


async def test_many_guesses_come_in_pages(team: Team) -> None:
    hosts = (
        "api.stripe.com",
        "x.okta.com",
        "x.auth0.com",
        "api.sendgrid.com",
        "api.twilio.com",
        "api.github.com",
        "quay.io",
    )
    team.cloud.calls = [seen_call(host, "environment variable X", "payroll") for host in hosts]
    await team.audits.audit((), lambda _: None)
    first = await team.ask("dependencies")
    assert lines(first)[-1] == "dependencies page=2"
    assert len(lines(first)) == 11
    assert lines(await team.ask("dependencies page=2"))[-1] == "dependencies page=1"
