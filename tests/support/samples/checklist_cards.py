"""Cards of runbooks that are worked through: pages, checklists of open and resolved incidents, hostile and long ones."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from support.builders.moment import NOW, days_ago
from support.builders.scorecards import HOSTILE, LONG, RIGHT_TO_LEFT

from bot.cards.card import Card
from bot.cards.messages.checklist_steps import checklist_card, nothing_to_tick_card
from bot.cards.messages.runbook import about_copy, runbook_card, runbooks_card
from bot.model.checklists import Checklist, Tick
from bot.model.records import RunbookCopy

TITLE = "DynamoDB is failing in us-east-1"


def copy_of(steps: int = 3, *, service: str = "checkout", words: str = "Shift `eu-west-1`") -> RunbookCopy:
    made = tuple(f"{words} {number}" for number in range(1, steps + 1))
    return RunbookCopy(service, "https://acme.atlassian.net/wiki/checkout", NOW, days_ago(0.1), "text", made)


def checklist(steps: int, *done: int, words: str = "Shift `eu-west-1`", by: str = "Ada Lovelace") -> Checklist:
    ticks = tuple(Tick(step, True, by, "slack:U1", NOW + timedelta(minutes=step)) for step in done)
    copy = copy_of(steps, words=words)
    return Checklist("inc-dynamodb-1", "checkout", copy.source, copy.steps, NOW, ticks)


CHECKLIST_CARDS: Mapping[str, Callable[[], Card]] = {
    "runbook-page-2": lambda: runbook_card(copy_of(40), now=NOW, page=2),
    "runbooks": lambda: runbooks_card(["checkout", "login", "search"], {"checkout": copy_of()}, {"checkout"}),
    "runbooks-none": lambda: runbooks_card(["checkout"], {}, ()),
    "runbook-ticks": lambda: checklist_card(checklist(9, 1, 2), title=TITLE, notes=about_copy(copy_of())),
    "runbook-ticks-begun": lambda: checklist_card(checklist(3), title=TITLE, notes=about_copy(copy_of())),
    "runbook-ticks-all": lambda: checklist_card(checklist(2, 1, 2), title=TITLE),
    "runbook-ticks-closed": lambda: checklist_card(checklist(3, 2), title=TITLE, live=False),
    "runbook-ticks-500": lambda: checklist_card(checklist(200, *range(1, 13), words=LONG * 3), title=LONG * 2),
    "runbook-ticks-hostile": lambda: checklist_card(
        checklist(4, 1, words=HOSTILE, by=HOSTILE),
        title=HOSTILE,
        notes=about_copy(copy_of(service=HOSTILE), changed=True),
    ),
    "runbook-ticks-nothing": lambda: nothing_to_tick_card("checkout", "No open incident affects it."),
    "runbook-ticks-rtl": lambda: checklist_card(
        checklist(3, 1, words=RIGHT_TO_LEFT, by=RIGHT_TO_LEFT), title=RIGHT_TO_LEFT
    ),
}
