"""What is checked: the list of checks by family, and one check in full."""

from collections.abc import Sequence

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Table, text
from bot.cards.messages.score_parts import pager
from bot.cards.wording import SEVERITIES, count, family_name, with_code
from checks import CLOUDS, Check, rationale

PER_PAGE = 20


def checklist_card(checks: Sequence[Check], *, page: int | None = 1) -> Card:
    """The checks by family, heaviest first. `page` None: all of them, for a page or a terminal."""
    listed = sorted(checks, key=lambda check: (check.family, -check.severity.weight, check.id))
    pages = max(1, -(-len(listed) // PER_PAGE))
    at = min(max(page or 1, 1), pages)
    shown = listed if page is None else listed[(at - 1) * PER_PAGE : at * PER_PAGE]
    rows = tuple(
        (
            text(Span(entry.id, "code")),
            text(entry.title),
            text(Span(entry.severity.value, SEVERITIES[entry.severity])),
            text(family_name(entry.family)),
        )
        for entry in shown
    )
    blocks: list[Block] = [Table(("Check", "Condition", "Severity", "Family"), rows)]
    buttons = () if page is None else pager(at, pages, "checks")
    if buttons:
        blocks.append(Buttons(buttons))
    families = len({entry.family for entry in listed})
    summary = f"{count(len(listed), 'check')} in {count(families, 'family', 'families')}."
    data = {"page": at, "pages": pages, "checks": [entry.id for entry in shown]}
    summary += f" Page {at} of {pages}." if buttons else ""
    return Card("checks", "Checks", summary, tuple(blocks), "neutral", data)


def check_card(check: Check) -> Card:
    """One check in full: what must hold, why, whom it has cost dearly, and what to do."""
    weight = f"{check.severity.value}, weight {check.severity.weight}"
    blocks: list[Block] = [
        Pairs(
            (
                ("Check", text(Span(check.id, "code"))),
                ("Family", text(family_name(check.family))),
                ("Severity", text(weight)),
            )
        ),
        Heading("Why"),
        Paragraph(with_code(check.lesson)),
    ]
    if why := rationale(check):
        blocks.append(Paragraph(with_code(why), quiet=True))
    blocks += [
        Heading("Fix"),
        *_fixes(check),
        Buttons((Button("Documentation", link=check.docs),)),
    ]
    data = {"check": check.id, "family": check.family, "severity": check.severity.value, "docs": check.docs}
    return Card(
        "check", f"{check.id}: {check.title}", f"{family_name(check.family)}, {weight}.", tuple(blocks), "neutral", data
    )


def _fixes(check: Check) -> list[Block]:
    """What to do, cloud by cloud where they differ."""
    if not check.remedies:
        return [Paragraph(with_code(check.remediation))]
    own = check.remedies_for(CLOUDS)
    lines = [text(Span(CLOUDS.get(cloud, "Elsewhere"), "bold"), ": ", *with_code(remedy)) for cloud, remedy in own]
    return [Items(tuple(lines))]
