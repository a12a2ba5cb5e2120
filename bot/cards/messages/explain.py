"""The answer to `explain SERVICE`: how each point of a score came about, so that it can be added up by hand."""

from datetime import datetime

from bot.cards.card import Block, Button, Buttons, Card, Heading, Pairs, Paragraph, Span, Table, Text, text
from bot.cards.messages.score_parts import age, caps, command, pager, standing, tone
from bot.cards.wording import count, family_name
from checks import CheckPart, Explanation, FamilyPart, ServiceScore, explain_service

PER_PAGE = 20
_LEFT_OUT = 12


def explain_card(score: ServiceScore, *, now: datetime, read_at: datetime | None, page: int | None = 1) -> Card:
    """The sum: points by family and by check, then caps, then the score.

    Args:
        score: what is explained.
        now: the present moment (UTC).
        read_at: when the cloud was read for it.
        page: which rows of the sum to show; None: all of them, for a page or a terminal.
    """
    told = explain_service(score)
    name = score.service.name
    rows = _rows(told)
    pages = max(1, -(-len(rows) // PER_PAGE))
    at = min(max(page or 1, 1), pages)
    shown = rows if page is None else rows[(at - 1) * PER_PAGE : at * PER_PAGE]
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
        blocks += [Heading("Point by point, most lost first"), Table(("Family, check", "Points", "Why"), tuple(shown))]
    if told.left_out:
        ids = [one.check.id for one in told.left_out]
        rest = f" and {len(ids) - _LEFT_OUT} more" if len(ids) > _LEFT_OUT else ""
        said = f"Not counted, since they do not apply or are waived: {', '.join(ids[:_LEFT_OUT])}{rest}."
        blocks.append(Paragraph(text(said), quiet=True))
    blocks += [
        age(read_at, now),
        Buttons(
            (
                *(pager(at, pages, "explain", name) if page is not None else ()),
                Button("Details", command("scorecard", name, page=2)),
                Button("Overview", command("scorecard", name)),
            )
        ),
    ]
    blocks.insert(1, Paragraph(text(f"{told.sentences[-1]}.")))
    summary = f"{told.before_caps:.1f} points from {count(len(told.families), 'family', 'families')}"
    summary += f", at most {min(cap.at_most for cap in told.caps)} by its caps." if told.caps else ", no cap."
    summary += f" Page {at} of {pages}." if page is not None and pages > 1 else ""
    return Card("explain", standing(name, score), summary, tuple(blocks), tone(score.grade), _data(told))


def _rows(told: Explanation) -> list[tuple[Text, ...]]:
    rows: list[tuple[Text, ...]] = []
    for family in sorted(told.families, key=lambda one: one.points - one.possible):
        rows.append(_family(family))
        rows.extend(_check(one) for one in sorted(family.checks, key=lambda one: one.points - one.possible))
    return rows


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
