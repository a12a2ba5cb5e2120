"""Every card once for each state that looks different: what goldens, limits and pictures are made of."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from support.builders.moment import NOW, days_ago
from support.builders.scorecards import (
    CHECKS,
    HOSTILE,
    LONG,
    RIGHT_TO_LEFT,
    SOUND,
    UNSEEN,
    sample_estate,
    sample_history,
    sample_score,
    sample_scorecard,
    sample_trend,
)
from support.builders.whatifs import sample_impact
from support.samples.checklist_cards import CHECKLIST_CARDS
from support.samples.dependency_cards import DEPENDENCY_CARDS
from support.samples.error_budget_cards import ERROR_BUDGET_CARDS
from support.samples.outage_cards import OUTAGE_CARDS
from support.samples.own_cards import OWN_CARDS
from support.samples.people_cards import PEOPLE_CARDS
from support.samples.risk_cards import RISK_CARDS
from support.samples.state_cards import STATE_CARDS

from bot.cards.card import Button, Card
from bot.cards.messages.checklist import check_card, checklist_card
from bot.cards.messages.error import error_card
from bot.cards.messages.explain import explain_card
from bot.cards.messages.finding import finding_card
from bot.cards.messages.findings import details_card
from bot.cards.messages.help import HelpEntry, command_help_card, help_card
from bot.cards.messages.ledger_trouble import ledger_trouble_card, ledger_works_card
from bot.cards.messages.missed_posts import missed_card
from bot.cards.messages.progress import progress_card
from bot.cards.messages.scorecard import estate_card, estate_page, service_card
from bot.cards.messages.self_check import clock_card, deaf_chat_card
from bot.cards.messages.weekly_scorecard import weekly_card
from bot.cards.messages.whatif import whatif_card
from bot.model import Progress, Schedule
from checks import Gap, Scorecard, ServiceScore, Trend

ENTRIES = (
    HelpEntry(
        "scorecard", "[service] [page=N]", "Show the grade of the estate or of one service.", "scorecard checkout"
    ),
    HelpEntry("check", "<service>", "Audit one service now.", "check checkout"),
    HelpEntry(
        "whatif", "<scope> [duration]", "Simulate losing a cloud, region, zone or service.", "whatif aws/us-east-1 15h"
    ),
)
_SCHEDULE = Schedule("weekly", "payments", "0 9 * * 1", "Europe/Berlin", timedelta(hours=6))


def _estate(scorecard: Scorecard, trend: Trend | None = None) -> Card:
    return estate_card(
        scorecard, organisation="Acme", now=NOW, trend=trend, history=sample_history(), regions="17 regions read"
    )


def _closed(accounts: int, why: str = "the role audit cannot be assumed: AccessDenied for sts:AssumeRole") -> list[Gap]:
    return [Gap("aws", "aws", f"{number:012}", "", why, ()) for number in range(1, accounts + 1)]


def _service(score: ServiceScore, trend: Trend | None = None) -> Card:
    history = sample_history(score.service.name) if trend else ()
    return service_card(score, now=NOW, read_at=days_ago(0.02), trend=trend, history=history)


def _details(score: ServiceScore) -> Card:
    return details_card(score, page=2, now=NOW, read_at=days_ago(0.02))


def _weekly(scorecard: Scorecard, trend: Trend | None, cadence: str = "Weekly") -> Card:
    return weekly_card(scorecard, name="payments", cadence=cadence, trend=trend)


def _finding(score: ServiceScore) -> Card:
    return finding_card(CHECKS[1], score, read_at=days_ago(0.02))


def _ledger_trouble(
    host: str, problem: str = "The ledger /var/lib/backstay/ledger.db was removed", pending: int | None = 3
) -> Card:
    fix = "Put the same file or a backup of it back; backstay goes on by itself. To begin with an empty one, restart it"
    return ledger_trouble_card(problem, fix, host=host, since=NOW, pending=pending)


def _whatif(number: int, named: Callable[[int], str] = "service-{:03}".format, *, known: bool = True) -> Card:
    return whatif_card(sample_impact(number, named, known=known), currency="EUR")


CARDS: Mapping[str, Callable[[], Card]] = {
    "estate-1": lambda: _estate(sample_scorecard()),
    "estate-9": lambda: _estate(sample_estate(9), sample_trend()),
    "estate-500": lambda: _estate(sample_estate(500), sample_trend(-4.2, rules_changed=True)),
    "estate-long": lambda: _estate(sample_estate(40, lambda at: f"{at:03}-{LONG}"[:200]), sample_trend()),
    "estate-hostile": lambda: _estate(sample_estate(30, lambda at: f"{at}{HOSTILE}"), sample_trend()),
    "estate-unread": lambda: estate_card(sample_estate(9), organisation="Acme", now=NOW, gaps=_closed(2)),
    "estate-unread-hostile": lambda: estate_card(
        sample_estate(9), organisation="Acme", now=NOW, gaps=_closed(200, HOSTILE)
    ),
    "estate-page": lambda: estate_page(sample_estate(500), organisation="Acme", now=NOW, page=3),
    "estate-details": lambda: estate_page(
        sample_estate(9),
        organisation="Acme",
        now=NOW,
        page=2,
        trend=sample_trend(),
        history=sample_history(),
        gaps=_closed(2),
        regions="only eu-west-1, us-east-1 read",
    ),
    "estate-whole": lambda: estate_card(
        sample_estate(9),
        organisation="Acme",
        now=NOW,
        trend=sample_trend(),
        history=sample_history(),
        whole_list=True,
        regions="only eu-west-1, us-east-1 read",
    ),
    "service-whole": lambda: service_card(
        sample_score(), now=NOW, read_at=days_ago(0.02), trend=sample_trend(), history=sample_history(), whole=True
    ),
    "service": lambda: _service(sample_score(), sample_trend()),
    "service-sound": lambda: _service(sample_score(outcomes=SOUND), sample_trend(broken=())),
    "service-unseen": lambda: _service(sample_score(outcomes=UNSEEN)),
    "service-long": lambda: _service(sample_score(LONG), sample_trend()),
    "service-hostile": lambda: _service(sample_score(HOSTILE), sample_trend()),
    "service-rtl": lambda: _service(sample_score(RIGHT_TO_LEFT), sample_trend()),
    "details": lambda: _details(sample_score()),
    "details-hostile": lambda: _details(sample_score(HOSTILE)),
    "whatif-1": lambda: _whatif(1),
    "whatif-9": lambda: _whatif(9),
    "whatif-500": lambda: _whatif(500),
    "whatif-long": lambda: _whatif(40, lambda at: f"{at:03}-{LONG}"[:200]),
    "whatif-hostile": lambda: _whatif(30, lambda at: f"{at}{HOSTILE}"),
    "whatif-typo": lambda: _whatif(0, known=False),
    "weekly-1": lambda: _weekly(sample_scorecard(), None),
    "weekly-9": lambda: _weekly(sample_estate(9), sample_trend()),
    "weekly-500": lambda: _weekly(sample_estate(500), sample_trend(-4.2)),
    "daily": lambda: _weekly(sample_estate(2), sample_trend(), "Daily"),
    "weekly-hostile": lambda: _weekly(sample_estate(30, lambda at: f"{at}{HOSTILE}"), sample_trend()),
    "progress": lambda: progress_card(
        Progress(310, 1039, "dynamodb in us-east-1"), what="Auditing checkout", running=timedelta(seconds=4)
    ),
    "progress-first": lambda: progress_card(Progress(0, 0), what="Auditing 9 services"),
    "help": lambda: help_card(ENTRIES, prefix="/resilience"),
    "help-command": lambda: command_help_card(ENTRIES[2], prefix="/resilience"),
    "error": lambda: error_card("The AWS token has expired.", fix="Renew it: aws sso login --profile prod"),
    "error-reference": lambda: error_card("Internal error.", reference="5f1c09aa"),
    "error-hostile": lambda: error_card(HOSTILE, fix=HOSTILE, buttons=(Button(HOSTILE, "help"),)),
    "missed": lambda: missed_card(_SCHEDULE, (days_ago(2), days_ago(1))),
    "checklist": lambda: checklist_card(CHECKS),
    "explain": lambda: explain_card(sample_score(), read_at=days_ago(0.02)),
    "explain-unseen": lambda: explain_card(sample_score(outcomes=UNSEEN), read_at=None),
    "check": lambda: check_card(CHECKS[1]),
    "finding": lambda: _finding(sample_score()),
    "finding-sound": lambda: _finding(sample_score(outcomes=SOUND)),
    "finding-unseen": lambda: _finding(sample_score(outcomes=UNSEEN)),
    "finding-long": lambda: _finding(sample_score(LONG)),
    "finding-hostile": lambda: _finding(sample_score(HOSTILE)),
    "finding-rtl": lambda: _finding(sample_score(RIGHT_TO_LEFT)),
    "clock-off": lambda: clock_card("backstay-7d9f", timedelta(seconds=31)),
    "clock-off-hostile": lambda: clock_card(HOSTILE, timedelta(seconds=-31)),
    "ledger-trouble": lambda: _ledger_trouble("backstay-7d9f"),
    "ledger-trouble-hostile": lambda: _ledger_trouble(HOSTILE, HOSTILE, None),
    "ledger-full": lambda: ledger_trouble_card(
        "The disk of the ledger /var/lib/backstay/ledger.db is full: 12 KiB are left",
        "Free space on it; backstay recovers by itself",
        host="backstay-7d9f",
        since=NOW,
        pending=3,
        alerts_go=True,
    ),
    "ledger-works": lambda: ledger_works_card(host="backstay-7d9f", since=NOW, now=NOW + timedelta(minutes=9)),
    "deaf-chat": lambda: deaf_chat_card("slack", "Slack refused slack.app_token: invalid_auth"),
    **OUTAGE_CARDS,
    **STATE_CARDS,
    **OWN_CARDS,
    **PEOPLE_CARDS,
    **CHECKLIST_CARDS,
    **ERROR_BUDGET_CARDS,
    **DEPENDENCY_CARDS,
    **RISK_CARDS,
}
