"""The answer to `explain SERVICE`: how each point of a score came about, so that it can be added up by hand."""

from datetime import datetime

from bot.cards.card import Block, Button, Buttons, Card, Heading, Pairs, Paragraph, Span, Table, Text, text
from bot.cards.messages.recovery_words import recovery_blocks
from bot.cards.messages.score_parts import cap_blocks, command, grade_tone, last_audit, pager, score_title, word_blocks
from bot.cards.wording import count, family_name, rounded_down
from checks import CheckPart, Explanation, FamilyPart, ServiceScore, explain_service

PER_PAGE = 20
_LEFT_OUT = 12


def explain_card(score: ServiceScore, *, read_at: datetime | None, page: int | None = 1, regions: str = "") -> Card:
    """The sum: points by family and by check, then caps, then the score.

    Args:
        score: what is explained.
        read_at: when the cloud was read for it.
        page: which rows of the sum to show; None: all of them, for a page or a terminal.
        regions: which regions were read, as `regions_read` says.
    """
    explained = explain_service(score)
    name = score.service.name
    rows = _rows(explained)
    pages = max(1, -(-len(rows) // PER_PAGE))
    at = min(max(page or 1, 1), pages)
    shown = rows if page is None else rows[(at - 1) * PER_PAGE : at * PER_PAGE]
    blocks: list[Block] = [
        Pairs(
            (
                ("Points before caps", text(f"{explained.before_caps:.1f}")),
                ("Lowest cap", text(_lowest(explained) or "none")),
                ("Score, rounded down", text(rounded_down(explained.score))),
                ("If all unknown checks passed", text(rounded_down(score.high))),
            )
        ),
        *word_blocks(score),
        *recovery_blocks(score),
        *cap_blocks([("", cap) for cap in explained.caps]),
    ]
    if explained.families:
        blocks += [
            Heading("Points by check, largest loss first"),
            Table(("Family, check", "Points", "Reason"), tuple(shown)),
        ]
    if explained.left_out:
        ids = [points.check.id for points in explained.left_out]
        rest = f" and {len(ids) - _LEFT_OUT} more" if len(ids) > _LEFT_OUT else ""
        said = f"Not counted (not applicable or waived): {', '.join(ids[:_LEFT_OUT])}{rest}."
        blocks.append(Paragraph(text(said), quiet=True))
    blocks += [
        last_audit(read_at, regions),
        Buttons(
            (
                *(pager(at, pages, "explain", name) if page is not None else ()),
                Button("Details", command("scorecard", name, page=2)),
                Button("Overview", command("scorecard", name)),
            )
        ),
    ]
    blocks.insert(1, Paragraph(text(f"{explained.sentences[-1]}.")))
    summary = f"{explained.before_caps:.1f} points from {count(len(explained.families), 'family', 'families')}"
    summary += f", capped at {_lowest(explained)}." if explained.caps else ", no cap."
    summary += f" Page {at} of {pages}." if page is not None and pages > 1 else ""
    return Card("explain", score_title(name, score), summary, tuple(blocks), grade_tone(score.grade), _data(explained))


def _lowest(explained: Explanation) -> str:
    """The lowest cap as a number, empty where there is none."""
    return rounded_down(min(cap.at_most for cap in explained.caps)) if explained.caps else ""


def _rows(explained: Explanation) -> list[tuple[Text, ...]]:
    rows: list[tuple[Text, ...]] = []
    for family in sorted(explained.families, key=lambda family: family.points - family.possible):
        rows.append(_family(family))
        rows.extend(_check(part) for part in sorted(family.checks, key=lambda part: part.points - part.possible))
    return rows


def _family(part: FamilyPart) -> tuple[Text, ...]:
    return (
        text(Span(family_name(part.family), "bold")),
        text(Span(_of(part.points, part.possible), "bold")),
        text(f"weight {part.weight} of {part.of_weight}"),
    )


def _check(part: CheckPart) -> tuple[Text, ...]:
    check = part.counted.check
    return text(Span(check.id, "code"), f" {check.title}"), text(_of(part.points, part.possible)), text(part.why)


def _of(points: float, possible: float) -> str:
    return f"{points:.1f} of {possible:.1f}"


def _data(explained: Explanation) -> dict[str, object]:
    families = [
        {"family": family.family, "points": round(family.points, 2), "possible": round(family.possible, 2)}
        for family in explained.families
    ]
    return {"score": round(explained.score, 2), "before_caps": round(explained.before_caps, 2), "families": families}
