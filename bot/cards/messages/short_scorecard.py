"""A scorecard in as many words as a phone shows: grade, change, the next fixes and their owners; the rest is behind Details."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Paragraph, Span, Text, text
from bot.cards.messages.score_parts import (
    FIXES,
    all_pass,
    changed_words,
    gauge,
    grade_tone,
    grant_words,
    last_audit,
    problem_of,
    score_title,
    trend_words,
    word_blocks,
)
from bot.cards.messages.unread_accounts import unread_names
from bot.cards.sanitise import brief, cut
from bot.cards.wording import MOMENT_WORDS, count, gain, listed, word_count
from checks import Cap, FixLine, Gap, Scorecard, ServiceScore, Trend, fix_lines

WORDS = 120
"""A scorecard in a chat has no more words than this, its buttons not counted."""

_TITLE_WORDS, _SUMMARY_WORDS, _FIX_WORDS, _NAME_WORDS, _LINE_WORDS = 12, 20, 19, 3, 15
_GAUGE_WORDS = 6
_PROBLEM, _NAME, _LEAST_WORDS = 160, 60, 4


def short_card(  # noqa: PLR0913 - all by keyword but what was judged
    score: ServiceScore | Scorecard,
    *,
    kind: str,
    title: str,
    trend: Trend | None,
    caps: Sequence[tuple[str, Cap]],
    buttons: Sequence[Button],
    gaps: Iterable[Gap] = (),
    live: Iterable[Paragraph] = (),
    regions: str = "",
    data: dict[str, object] | None = None,
) -> Card:
    """Build the card.

    Args:
        score: of a service, an audience or the estate.
        kind: of the card.
        title: what it begins with, before the grade: a name.
        trend: the change since an earlier score, None where there is none.
        caps: the caps of the services, each with its service or an empty name.
        buttons: below it, the way to the details first.
        gaps: places that could not be read.
        live: how the objectives stand now, a line each.
        regions: which regions were read, as `regions_read` says.
        data: what the card says for machines.
    """
    scores = score.services if isinstance(score, Scorecard) else (score,)
    heading = brief(score_title(title, score), _TITLE_WORDS)
    summary = brief(_summary(score, trend), _SUMMARY_WORDS)
    blocks: list[Block] = [gauge(score), *_fixes(score, scores)]
    room = WORDS - len(heading.split()) - len(summary.split()) - _GAUGE_WORDS - _words(blocks)
    at = 1
    for line in (*live, *_notes(gaps, caps), *word_blocks(score)):
        if (needed := _words([line])) <= room:
            blocks.insert(at, line)
            room, at = room - needed, at + 1
    if isinstance(score, Scorecard) and room >= 2 + MOMENT_WORDS:
        fits = room >= 2 + MOMENT_WORDS + len(regions.split())
        blocks.append(last_audit(score.generated_at, regions if fits else ""))
    blocks.append(Buttons(tuple(buttons)))
    return Card(kind, heading, summary, tuple(blocks), grade_tone(score.grade), data)


def _summary(score: ServiceScore | Scorecard, trend: Trend | None) -> str:
    said = [f"{count(len(score.services), 'service')}."] if isinstance(score, Scorecard) else []
    said += [trend_words(trend), changed_words(trend)]
    if score.grade and all_pass(score):
        said.append("All checks pass.")
    return " ".join(part for part in said if part)


def _notes(gaps: Iterable[Gap], caps: Sequence[tuple[str, Cap]]) -> Iterator[Paragraph]:
    """The unreadable accounts and the lowest cap, a line each."""
    if names := unread_names(gaps):
        said = f"{count(len(names), 'account')} could not be read: {listed(names, 2)}"
        yield Paragraph(text(Span(brief(said, _LINE_WORDS), "unclear")))
    if caps:
        _, lowest = min(caps, key=lambda pair: pair[1].at_most)
        held = [name for name, cap in caps if name and (cap.at_most, cap.because) == (lowest.at_most, lowest.because)]
        whose = count(len(held), "service") if len(held) > 1 else _listed(held) or "Score"
        yield Paragraph(text(brief(f"{whose} {lowest}", _LINE_WORDS)))


def _fixes(score: ServiceScore | Scorecard, scores: Sequence[ServiceScore]) -> list[Block]:
    named = isinstance(score, Scorecard)
    owners = {scored.service.name: scored.service.owner for scored in scores}
    lines = fix_lines(score.fixes) if named else tuple(FixLine((fix,)) for fix in score.fixes)
    shown = [
        text(brief("".join(span.text for span in grant_words(grant)), _FIX_WORDS)) for grant in score.read_first[:1]
    ]
    shown += [_fix(line, owners, named=named) for line in lines[: FIXES - len(shown)]]
    return [Heading("Fix next"), Items(tuple(shown), numbered=True)] if shown else []


def _fix(line: FixLine, owners: Mapping[str, str], *, named: bool) -> Text:
    """`+7 points on login and cart (owner: payments): table users has no replica outside us-east-1 RG03`."""
    fix, names = line.fixes[0], [fix.service for fix in line.fixes]
    where = f" on {_listed(names)}" if named else ""
    who = list(dict.fromkeys(owner for name in names if (owner := owners.get(name, ""))))
    whose = f" (owner{'s' if len(who) > 1 else ''}: {_listed(who)})" if who else " (no owner set)"
    said = len(f"{gain(fix.gain)}{where}{whose}".split())
    problem = brief(problem_of(fix, _PROBLEM), max(_LEAST_WORDS, _FIX_WORDS - said - 2))
    return text(
        Span(gain(fix.gain), "bold"), f"{where}{whose}: ", problem, " ", Span(f"explain {fix.check.id}", "code")
    )


def _listed(names: Sequence[str]) -> str:
    """One or two names, or one and how many others, each in few words."""
    short = [brief(cut(name, _NAME), _NAME_WORDS) for name in names]
    return listed(short, 2 if len(short) == 2 else 1)


def _words(blocks: Iterable[Block]) -> int:
    """The words that these blocks show: a symbol or a number before a line is one too."""
    total = 0
    for block in blocks:
        match block:
            case Heading():
                total += len(block.text.split())
            case Paragraph():
                total += word_count(block.text)
            case Items():
                total += sum(word_count(item) + 1 for item in block.items)
            case _:
                pass
    return total
