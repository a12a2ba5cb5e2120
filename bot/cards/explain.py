"""The answer to `explain SERVICE`: how each point of a score came about, so that it can be added up by hand."""

from datetime import datetime

from bot.cards.card import Block, Button, Buttons, Card, Heading, Pairs, Paragraph, Span, Table, Text, text
from bot.cards.standing import age, caps, command, standing, tone
from bot.cards.wording import count, family_name
from checks import CheckPart, Explanation, FamilyPart, ServiceScore, explain_service

_LEFT_OUT = 12


def explain_card(score: ServiceScore, *, now: datetime, read_at: datetime | None) -> Card:
    """The sum: points by family and by check, then caps, then the score. `read_at`: when the cloud was read."""
    told = explain_service(score)
    name = score.service.name
    blocks: list[Block] = [
        Pairs(
            (
                ("Points of all families", text(f"{told.before_caps:.1f}")),
                ("Lowest cap", text(str(min(cap.at_most for cap in told.caps)) if told.caps else "none")),
                ("Score", text(f"{told.score:.1f}")),
                ("If all unread passed", text(f"{score.high:.1f}")),
            )
        ),
        *caps([("", cap) for cap in told.caps]),
    ]
    if told.families:
        blocks += [Heading("Point by point, most lost first"), _table(told)]
    if told.left_out:
        ids = [one.check.id for one in told.left_out]
        rest = f" and {len(ids) - _LEFT_OUT} more" if len(ids) > _LEFT_OUT else ""
        said = f"Not counted, since they do not apply or are waived: {', '.join(ids[:_LEFT_OUT])}{rest}."
        blocks.append(Paragraph(text(said), quiet=True))
    blocks += [
        age(read_at, now),
        Buttons(
            (Button("Details", command("scorecard", name, page=2)), Button("Overview", command("scorecard", name)))
        ),
    ]
    blocks.insert(1, Paragraph(text(f"{told.sentences[-1]}.")))
    summary = f"{told.before_caps:.1f} points from {count(len(told.families), 'family', 'families')}"
    summary += f", at most {min(cap.at_most for cap in told.caps)} by its caps." if told.caps else ", no cap."
    return Card("explain", standing(name, score), summary, tuple(blocks), tone(score.grade), _data(told))


def _table(told: Explanation) -> Table:
    rows: list[tuple[Text, ...]] = []
    for family in sorted(told.families, key=lambda one: one.points - one.possible):
        rows.append(_family(family))
        rows.extend(_check(one) for one in sorted(family.checks, key=lambda one: one.points - one.possible))
    return Table(("Family, check", "Points", "Why"), tuple(rows))


def _family(part: FamilyPart) -> tuple[Text, ...]:
    return (
        text(Span(family_name(part.family), "bold")),
        text(Span(_of(part.points, part.possible), "bold")),
        text(f"weighs {part.weight} of {part.of_weight}"),
    )


def _check(part: CheckPart) -> tuple[Text, ...]:
    check = part.counted.check
    return text(Span(check.id, "code"), f" {check.title}"), text(_of(part.points, part.possible)), text(part.why)


def _of(points: float, possible: float) -> str:
    return f"{points:.1f} of {possible:.1f}"


def _data(told: Explanation) -> dict[str, object]:
    families = [
        {"family": one.family, "points": round(one.points, 2), "possible": round(one.possible, 2)}
        for one in told.families
    ]
    return {"score": round(told.score, 2), "before_caps": round(told.before_caps, 2), "families": families}
