"""Cards of what people leave, once for each state that looks different: forms, answers, refusals, broadcasts, runbooks."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from support.builders.moment import NOW, days_ago
from support.builders.scorecards import CHECKS, HOSTILE, LONG, RIGHT_TO_LEFT

from bot.cards.card import Card
from bot.cards.messages.attest import attest_form, attested_card
from bot.cards.messages.broadcast import broadcast_card, broadcast_form, lapsed_card, preview_card, sent_card
from bot.cards.messages.refused import external_card, refusal_card
from bot.cards.messages.runbook import no_runbook_card, runbook_card
from bot.cards.messages.subscribe import subscribe_form, subscribed_card, unsubscribed_card
from bot.cards.messages.waive import waive_form, waived_card
from bot.model import Receipt
from bot.model.records import AttestationRecord, Broadcast, BroadcastDelivery, Gravity, RunbookCopy, Subscription
from checks import DEFAULT_TIERS, Service, Waiver, vouchable

SERVICES = ("billing", "checkout", "payment api")
PRACTICES = {word: one.what for word, one in vouchable(Service("", DEFAULT_TIERS[1])).items()}
STEPS = ("Look at the board", "Fail over: `shift eu-west-1`", "Tell support")
TEXT = "Card payments fail in Europe.\nWe fail over to eu-west-1 now; tell customers to pay on invoice.\nNext update at 14:30."


def _word(
    service: str = "checkout", by: str = "Ada Lovelace", link: str = "https://wiki.example/game-day"
) -> AttestationRecord:
    return AttestationRecord(service, "game_day", by, NOW, NOW + timedelta(days=90), link)


def _waiver(service: str = "checkout", reason: str = "comes with the move in January", resource: str = "") -> Waiver:
    return Waiver(service, CHECKS[1].id, reason, "Ada Lovelace", NOW + timedelta(days=30), resource)


def _wanted(post: str = "scorecard", channel: str = "C1") -> Subscription:
    return Subscription("slack", channel, post, "0 9 * * MON", "Europe/Berlin", "Ada Lovelace", NOW)


def _message(text: str = TEXT, gravity: Gravity = "critical", *audiences: str, by: str = "Ada Lovelace") -> Broadcast:
    return Broadcast("0123456789abcdef", text, gravity, audiences or ("payments", "web"), "slack:U1", by, NOW)


def _copy(
    service: str = "checkout", *, read: float = 0.1, problem: str = "", steps: tuple[str, ...] = STEPS
) -> RunbookCopy:
    text = "\n".join(f"{number}. {one}" for number, one in enumerate(steps, 1)) or "Ask Kim.\nThen ask Lee."
    source = "https://acme.atlassian.net/wiki/checkout"
    return RunbookCopy(service, source, days_ago(0.01), days_ago(read), text, steps, problem)


def _subscribed(wanted: Subscription) -> Card:
    when = "every Monday at 09:00 (Europe/Berlin)"
    return subscribed_card(wanted, when=when, following=NOW + timedelta(days=7), changed=True)


def _deliveries(*, settled: bool, why: str = "channel_not_found") -> tuple[BroadcastDelivery, ...]:
    first, *others = _message().audiences
    sent = Receipt("m1", first, "slack:#payments", "sent", NOW)
    lost = Receipt("m2", others[0], "slack:#web", "refused", NOW, why)
    return (BroadcastDelivery(first, True, (sent,)), BroadcastDelivery(others[0], settled, (lost,)))


PEOPLE_CARDS: Mapping[str, Callable[[], Card]] = {
    "attest-form": lambda: attest_form(SERVICES, PRACTICES),
    "attest-form-500": lambda: attest_form(tuple(f"service-{at:03}" for at in range(500)), PRACTICES),
    "attest-form-wrong": lambda: attest_form(
        SERVICES,
        PRACTICES,
        values={"service": "billing", "practice": "game_day", "link": HOSTILE},
        errors={"link": "That is no link: write one that begins with https://, without spaces."},
    ),
    "attested": lambda: attested_card(_word(), what="game day"),
    "attested-hostile": lambda: attested_card(_word(HOSTILE, HOSTILE, ""), what="game day"),
    "waive-form": waive_form,
    "waived": lambda: waived_card(_waiver(), CHECKS[1], failures=2, before=61.4, after=74.0),
    "waived-nothing": lambda: waived_card(_waiver(""), CHECKS[1], failures=0, before=None, after=None),
    "waived-hostile": lambda: waived_card(_waiver(HOSTILE, HOSTILE, LONG), CHECKS[1], failures=1, before=50, after=50),
    "subscribe-form": lambda: subscribe_form(SERVICES, "Europe/Berlin"),
    "subscribe-form-500": lambda: subscribe_form([f"service-{at:03}-{LONG}"[:200] for at in range(500)], "UTC"),
    "subscribed": lambda: _subscribed(_wanted()),
    "subscribed-rtl": lambda: _subscribed(_wanted(f"scorecard {RIGHT_TO_LEFT}")),
    "unsubscribed": lambda: unsubscribed_card(1, [("scorecard", "every Monday at 09:00 (Europe/Berlin)")]),
    "unsubscribed-nothing": lambda: unsubscribed_card(0, ()),
    "broadcast-form": lambda: broadcast_form({"payments": "payments", "slack:C1": "the channel slack:C1"}),
    "broadcast-form-500": lambda: broadcast_form({f"team, {at:03}": f"team, {at:03}" for at in range(500)}),
    "broadcast-preview": lambda: preview_card(_message()),
    "broadcast": lambda: broadcast_card(_message()),
    "broadcast-long": lambda: broadcast_card(_message("Every detail matters here. " * 68, "information")),
    "broadcast-hostile": lambda: preview_card(_message(f"{HOSTILE}\n{HOSTILE}", "warning", HOSTILE, LONG, by=HOSTILE)),
    "broadcast-rtl": lambda: broadcast_card(_message(f"{RIGHT_TO_LEFT}\n🔥 now", by=RIGHT_TO_LEFT)),
    "broadcast-sent": lambda: sent_card(_message(), NOW),
    "broadcast-receipts": lambda: sent_card(_message(), NOW, deliveries=_deliveries(settled=False)),
    "broadcast-lost": lambda: sent_card(_message(), NOW, deliveries=_deliveries(settled=True)),
    "broadcast-receipts-hostile": lambda: sent_card(_message(), NOW, deliveries=_deliveries(settled=True, why=HOSTILE)),
    "broadcast-sent-before": lambda: sent_card(_message(), days_ago(0.1), again=True),
    "broadcast-lapsed": lambda: lapsed_card(("payments",)),
    "refused": lambda: refusal_card("waive", needs="admin", has="responder", holders=("slack:U9", "S7")),
    "refused-nobody": lambda: refusal_card("waive", needs="admin", has="viewer", holders=()),
    "refused-stranger": lambda: external_card("stranger", "slack"),
    "refused-guest": lambda: external_card("guest", "teams"),
    "refused-unknown": lambda: external_card("unknown", "teams"),
    "runbook": lambda: runbook_card(_copy(), now=NOW),
    "runbook-old": lambda: runbook_card(_copy(read=40, problem="it answers 503"), now=NOW),
    "runbook-none": lambda: no_runbook_card("checkout"),
    "runbook-without-steps": lambda: runbook_card(_copy(steps=()), now=NOW),
    "runbook-500": lambda: runbook_card(_copy(steps=tuple(f"{at} {LONG * 4}" for at in range(50))), now=NOW),
    "runbook-hostile": lambda: runbook_card(_copy(HOSTILE, steps=(HOSTILE,) * 3, problem=HOSTILE), now=NOW),
    "runbook-never-read": lambda: runbook_card(
        RunbookCopy("checkout", "/srv/checkout.md", NOW, problem="checkout.md cannot be read: No such file"), now=NOW
    ),
}
