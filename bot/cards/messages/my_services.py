"""What is said to one person of what is theirs: the services they own, what is under way, what they get and where."""

from collections.abc import Sequence
from typing import NamedTuple

from bot.cards.card import Block, Button, Buttons, Card, Heading, Paragraph, Span, Table, Text, text
from bot.cards.messages.score_parts import command, standing, tone
from bot.cards.sanitise import cut
from bot.cards.wording import count, points, whole
from checks import Scorecard, ServiceScore

SERVICES, POSTS, BUTTONS = 15, 15, 5
_UNWATCHED = "No provider's status is read here yet, so none would be known: this is no all-clear."


class SubscribedPost(NamedTuple):
    """Something that comes regularly: what, where to, and when in words."""

    what: str
    where: str
    when: str


class Owned(NamedTuple):
    """A service and its score; None where it was never judged."""

    name: str
    score: ServiceScore | None


def mine_card(
    owned: Sequence[Owned],
    *,
    scorecard: Scorecard | None,
    organisation: str,
    posts: Sequence[SubscribedPost],
    called: str,
) -> Card:
    """What is somebody's.

    Args:
        owned: their services.
        scorecard: the last audit's, None where there was none yet.
        organisation: whose estate it is.
        posts: what they and their teams get.
        called: how settings name them: `slack:U123`.
    """
    ranked = sorted(owned, key=_urgency)
    blocks = [*_services(ranked, called), *_estate(scorecard, organisation)]
    blocks += [Heading("Open incidents"), Paragraph(text(_UNWATCHED))]
    blocks += [*_posts(posts), Buttons(_buttons(ranked))]
    worst = next((one.score for one in ranked if one.score), None)
    data = {
        "services": [{"service": one.name, "grade": one.score.grade if one.score else ""} for one in ranked],
        "posts": [one._asdict() for one in posts],
    }
    said = _summary(ranked, scorecard)
    return Card("mine", "What is yours", said, tuple(blocks), tone(worst.grade) if worst else "neutral", data)


def _urgency(one: Owned) -> tuple[int, float, str]:
    """Most important tier first, within it the lowest score; what was never judged last."""
    return (one.score.service.tier.number, one.score.score, one.name) if one.score else (9, 0.0, one.name)


def _summary(owned: Sequence[Owned], scorecard: Scorecard | None) -> str:
    if not owned:
        return "No service names you, or a team of yours, as its owner."
    said = f"You own {count(len(owned), 'service')}."
    if scorecard is None:
        return f"{said} Nothing has been audited so far."
    fixes = [fix for one in owned if one.score for fix in one.score.fixes]
    if not fixes:
        return f"{said} No check fails on what could be read."
    first = max(fixes, key=lambda fix: fix.gain)
    return (
        f"{said} Fix first: “{first.check.title}” on {cut(first.service, 60)} wins {points(first.gain)} points there."
    )


def _services(owned: Sequence[Owned], called: str) -> list[Block]:
    if not owned:
        listed = Span(f'members: ["{called}"]', "code")
        said = text("Whoever runs backstay lists you with your team: ", listed, " under the team in ")
        return [
            Paragraph(text(*said, Span("audiences", "code"), " of backstay.yaml, or names you as a service's owner."))
        ]
    rows = tuple(_row(one) for one in owned[:SERVICES])
    table = Table(("Service", "Grade", "Score", "Fix first"), rows, left_out=max(0, len(owned) - SERVICES))
    return [Heading("What you own, most important and worst first"), table]


def _row(one: Owned) -> tuple[Text, ...]:
    score = one.score
    if score is None:
        return (text(Span(cut(one.name, 120), "bold")), text("–"), text("–"), text("not audited yet"))
    grade = Span(score.grade, "bold") if score.grade else Span("not enough seen", "unclear")
    first = (
        cut(score.fixes[0].check.title, 120)
        if score.fixes
        else "nothing"
        if score.grade
        else "too little could be read"
    )
    return (text(Span(cut(one.name, 120), "bold")), text(grade), text(whole(score.score)), text(first))


def _estate(scorecard: Scorecard | None, organisation: str) -> list[Block]:
    return [Paragraph(text(f"All services, {standing(organisation, scorecard)}."), quiet=True)] if scorecard else []


def _posts(posts: Sequence[SubscribedPost]) -> list[Block]:
    if not posts:
        said = ("Nothing comes regularly. In the channel that shall get the scorecard: ", Span("subscribe", "code"))
        return [Heading("What you get"), Paragraph(text(*said))]
    rows = tuple((text(one.what), text(cut(one.where, 120)), text(one.when)) for one in posts[:POSTS])
    return [Heading("What you get"), Table(("What", "Where", "When"), rows, left_out=max(0, len(posts) - POSTS))]


def _buttons(owned: Sequence[Owned]) -> tuple[Button, ...]:
    named = [Button(cut(one.name, 40), command("scorecard", one.name), update=False) for one in owned[:BUTTONS]]
    estate = Button("All services", "scorecard", update=False, primary=True)
    return (estate, *named, Button("What if …", "help whatif", update=False), Button("Help", "help", update=False))
