"""Guessed dependencies: each with its evidence, and a button to confirm and one to reject it."""

from collections.abc import Sequence

from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Rule, Span, Text, Tone, text
from bot.cards.messages.score_parts import command, pager
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import count
from bot.model.guesses import GuessedDependency

PER_PAGE = 5
_EVIDENCE, _NAME, _SENTENCE = 3, 60, 160


def guesses_card(
    guesses: Sequence[GuessedDependency], *, page: int | None = 1, service: str = "", audited: bool = True
) -> Card:
    """The undecided guesses, then how many were confirmed and rejected.

    Args:
        guesses: of the last audit, decided ones too.
        page: which guesses to show; None: all of them, without buttons, for a terminal or a page.
        service: whose guesses these are; empty: of all services.
        audited: whether there was an audit at all.
    """
    open_ones = [guess for guess in guesses if guess.decision is None]
    pages = max(1, -(-len(open_ones) // PER_PAGE))
    at = min(max(page or 1, 1), pages)
    shown = open_ones if page is None else open_ones[(at - 1) * PER_PAGE : at * PER_PAGE]
    blocks: list[Block] = []
    for guess in shown:
        blocks += _guess(guess, buttons=page is not None)
    blocks += _decided(guesses)
    if page is not None and (more := pager(at, pages, "dependencies", *([service] if service else ()))):
        blocks.append(Buttons(more))
    of = f" of {isolated(cut(service, _NAME))}" if service else ""
    title = f"{count(len(open_ones), 'guessed dependency', 'guessed dependencies')}{of}"
    summary = _summary(open_ones, audited=audited)
    tone: Tone = "warning" if open_ones else "neutral"
    return Card("guesses", title, summary, tuple(blocks), tone, {"guesses": [_row(guess) for guess in guesses[:200]]})


def decided_card(guess: GuessedDependency) -> Card:
    """The answer to a confirmation or a rejection."""
    confirmed = guess.decision == "confirmed"
    target, service = isolated(cut(guess.target, _NAME)), isolated(cut(guess.service, _NAME))
    title = f"{service} {'depends on' if confirmed else 'does not depend on'} {target}"
    summary = (
        f"Confirmed by {isolated(guess.by)}. Scores and what-ifs count it from now on."
        if confirmed
        else f"Rejected by {isolated(guess.by)}. It is not guessed again."
    )
    kind = "hard: losing it takes the service down" if guess.hard else "soft: losing it degrades the service"
    known = (("Runs on", text(f"{', '.join(guess.runs_on)}: {cut(guess.basis, _SENTENCE)}")),) if guess.runs_on else ()
    pairs = (("Kind", text(kind)), *known) if confirmed else ()
    evidence = tuple(text(isolated(cut(sentence, _SENTENCE))) for sentence in guess.evidence[:_EVIDENCE])
    blocks: list[Block] = [*([Pairs(pairs)] if pairs else []), *([Items(evidence)] if evidence else [])]
    blocks.append(
        Buttons(
            (
                Button("Other guesses", command("dependencies"), update=False),
                Button(f"What if {cut(guess.target, 30)} is lost", command("whatif", guess.target), update=False),
            )
        )
    )
    data = {"service": guess.service, "target": guess.target, "decision": guess.decision}
    return Card("guess_decided", title, summary, tuple(blocks), "good" if confirmed else "neutral", data)


def _guess(guess: GuessedDependency, *, buttons: bool) -> list[Block]:
    kind = "hard" if guess.hard else "soft"
    name = text(
        Span(isolated(cut(guess.service, _NAME)), "bold"), f" may depend on {isolated(cut(guess.target, _NAME))} "
    )
    head: Text = (*name, Span(f"guess, {kind}", "unclear"))
    lines = [text(isolated(cut(sentence, _SENTENCE))) for sentence in guess.evidence[:_EVIDENCE]]
    lines += [text(hosted)] if (hosted := _runs_on(guess)) else []
    blocks: list[Block] = [Paragraph(head), Items(tuple(lines), left_out=max(0, len(guess.evidence) - _EVIDENCE))]
    if buttons:
        pair = (guess.service, guess.target)
        blocks += [
            Buttons((Button("Confirm", command("confirm", *pair)), Button("Reject", command("reject", *pair)))),
            Rule(),
        ]
    return blocks


def _runs_on(guess: GuessedDependency) -> str:
    """`slack runs on aws: its report on ... (as of 2025-10-20)`; empty where nothing is known."""
    if not guess.runs_on:
        return ""
    day = f" (as of {guess.as_of:%Y-%m-%d})" if guess.as_of else ""
    return f"{guess.target} runs on {', '.join(guess.runs_on)}: {cut(guess.basis, _SENTENCE)}{day}"


def _decided(guesses: Sequence[GuessedDependency]) -> list[Block]:
    confirmed = [guess for guess in guesses if guess.decision == "confirmed"]
    rejected = sum(guess.decision == "rejected" for guess in guesses)
    blocks: list[Block] = []
    if confirmed:
        lines = tuple(
            text(
                f"{isolated(cut(guess.service, _NAME))} depends on {isolated(cut(guess.target, _NAME))}, by {isolated(guess.by)}"
            )
            for guess in confirmed[:PER_PAGE]
        )
        blocks += [Heading("Confirmed"), Items(lines, left_out=max(0, len(confirmed) - PER_PAGE))]
    if rejected:
        blocks.append(Paragraph(text(f"{count(rejected, 'guess', 'guesses')} rejected."), quiet=True))
    return blocks


def _summary(open_ones: Sequence[GuessedDependency], *, audited: bool) -> str:
    if not audited:
        return "No audit so far. Run one, then look again."
    if not open_ones:
        return "No undecided guess. What the catalogue declares is not guessed."
    return "Guesses count in no score and no what-if until somebody confirms them."


def _row(guess: GuessedDependency) -> dict[str, object]:
    return {
        "service": guess.service,
        "target": guess.target,
        "hard": guess.hard,
        "decision": guess.decision or "guess",
        "evidence": list(guess.evidence),
        "runs_on": list(guess.runs_on),
        "basis": guess.basis,
        "as_of": guess.as_of.isoformat() if guess.as_of else None,
    }
