"""The answer to `mine`: the services that a person owns, and their subscriptions."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.cards.card import Block, Button, Buttons, Card, Heading, Paragraph, Span, Table, Text, text
from bot.cards.messages.open_incidents import my_incidents, open_data, sorted_open
from bot.cards.messages.score_parts import all_pass, command, grade_tone, problem_of, score_title, top_fix, top_words
from bot.cards.sanitise import cut
from bot.cards.wording import count, rounded_down
from bot.model.incidents import Incident
from checks import Scorecard, ServiceScore, fix_lines

SERVICES, POSTS, BUTTONS = 15, 15, 5


class SubscribedPost(NamedTuple):
    """A scheduled post: what, to which channel, and when, as text."""

    what: str
    where: str
    when: str


class Owned(NamedTuple):
    """A service and its score; None where it was never judged."""

    name: str
    score: ServiceScore | None


def mine_card(  # noqa: PLR0913 - all by keyword but the services
    owned: Sequence[Owned],
    *,
    scorecard: Scorecard | None,
    organisation: str,
    posts: Sequence[SubscribedPost],
    called: str,
    incidents: Sequence[Incident] | None = None,
) -> Card:
    """The services and subscriptions of one person.

    Args:
        owned: their services.
        scorecard: the last audit's, None where there was none yet.
        organisation: whose estate it is.
        posts: what they and their teams get.
        called: how settings name them: `slack:U123`.
        incidents: the open incidents; None where nothing is watched.
    """
    ranked = sorted(owned, key=_urgency)
    blocks = [*_services(ranked, called), *_estate(scorecard, organisation)]
    names = {service.name for service in owned}
    blocks += my_incidents(incidents, lambda affected: affected.service in names)
    blocks += [*_posts(posts), Buttons(_buttons(ranked))]
    worst = next((service.score for service in ranked if service.score), None)
    data = {
        "services": [
            {"service": service.name, "grade": service.score.grade if service.score else ""} for service in ranked
        ],
        "posts": [post._asdict() for post in posts],
        "incidents": open_data(sorted_open(incidents or (), lambda affected: affected.service in names)),
    }
    said = _summary(ranked, scorecard)
    return Card("mine", "Your services", said, tuple(blocks), grade_tone(worst.grade) if worst else "neutral", data)


def _urgency(owned: Owned) -> tuple[int, float, str]:
    """Most important tier first, within it the lowest score; what was never judged last."""
    return (owned.score.service.tier.number, owned.score.score, owned.name) if owned.score else (9, 0.0, owned.name)


def _summary(owned: Sequence[Owned], scorecard: Scorecard | None) -> str:
    if not owned:
        return "You and your teams own no service."
    said = f"You own {count(len(owned), 'service')}."
    if scorecard is None:
        return f"{said} No audit so far."
    fixes = [fix for service in owned if service.score for fix in service.score.fixes]
    if not fixes:
        scores = [service.score for service in owned if service.score]
        return f"{said} All checks that could be evaluated pass." if all(map(all_pass, scores)) else said
    first = fix_lines(fixes)[0].fixes[0]
    return f"{said} {top_fix(first, where=first.service)}."


def _services(owned: Sequence[Owned], called: str) -> list[Block]:
    if not owned:
        listed = Span(f'members: ["{called}"]', "code")
        said = text("To be listed, ask an operator to add your ID: ", listed, " under the team in ")
        return [
            Paragraph(
                text(*said, Span("audiences", "code"), " of backstay.yaml, or to name you as the owner of a service.")
            )
        ]
    rows = tuple(_row(service) for service in owned[:SERVICES])
    table = Table(("Service", "Grade", "Score", "Fix next"), rows, left_out=max(0, len(owned) - SERVICES))
    return [Heading("Owned services by tier, lowest score first"), table]


def _row(owned: Owned) -> tuple[Text, ...]:
    score = owned.score
    if score is None:
        return (text(Span(cut(owned.name, 120), "bold")), text("–"), text("–"), text("not audited"))
    grade = Span(score.grade, "bold") if score.grade else Span("no grade", "unclear")
    first = problem_of(score.fixes[0], 120) if score.fixes else "nothing" if all_pass(score) else "read what is unknown"
    if score.read_first:
        first = top_words(score).removeprefix("Top fix: ")
    return (text(Span(cut(owned.name, 120), "bold")), text(grade), text(rounded_down(score.score)), text(first))


def _estate(scorecard: Scorecard | None, organisation: str) -> list[Block]:
    return [Paragraph(text(f"All services, {score_title(organisation, scorecard)}."), quiet=True)] if scorecard else []


def _posts(posts: Sequence[SubscribedPost]) -> list[Block]:
    if not posts:
        said = ("No subscriptions. To add one, type in a channel: ", Span("subscribe", "code"))
        return [Heading("Subscriptions"), Paragraph(text(*said))]
    rows = tuple((text(post.what), text(cut(post.where, 120)), text(post.when)) for post in posts[:POSTS])
    return [Heading("Subscriptions"), Table(("What", "Where", "When"), rows, left_out=max(0, len(posts) - POSTS))]


def _buttons(owned: Sequence[Owned]) -> tuple[Button, ...]:
    named = [
        Button(cut(service.name, 40), command("scorecard", service.name), update=False) for service in owned[:BUTTONS]
    ]
    estate = Button("All services", "scorecard", update=False, primary=True)
    return (estate, *named, Button("What if …", "help whatif", update=False), Button("Help", "help", update=False))
