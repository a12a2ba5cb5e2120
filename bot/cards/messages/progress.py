"""What is shown while a long piece of work runs: one message, updated in place, replaced by the answer."""

from datetime import timedelta

from bot.cards.card import Card, Pairs, Paragraph, Span, text
from bot.cards.sanitise import cut
from bot.cards.wording import bar, duration
from bot.model import Progress


def progress_card(progress: Progress, *, what: str, running: timedelta | None = None) -> Card:
    """How far it is. `what` names the work (`Auditing checkout`), `running` is how long it has been at it."""
    done, total = max(0, progress.done), max(progress.done, progress.total)
    counted = f"{done:,} of {total:,} steps" if total else "starting"
    share = 100 * done / total if total else 0.0
    doing = [Paragraph(text(cut(progress.doing, 200)), quiet=True)] if progress.doing else []
    pairs = [("Progress", text(Span(bar(share, 20), "code"), f" {counted}"))]
    if running is not None:
        pairs.append(("Running", text(duration(running))))
    data = {"done": done, "total": total, "doing": progress.doing}
    return Card("progress", f"{what} …", f"In progress: {counted}.", (Pairs(tuple(pairs)), *doing), "neutral", data)
