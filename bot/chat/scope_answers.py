"""Finds the scope of a what-if by the words that somebody typed, in chat and on the command line alike."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.catalogue.scope_names import NEAREST, ScopeNames, UnknownScopeError
from bot.chat.command import UsageError
from bot.chat.durations import duration
from bot.chat.parsing import straighten
from bot.model import AuditQueries, Progress
from checks import Impact, Scope

_LOST_FOR = "for"
_FILLERS = frozenset({"of", "losing", "lose", "without"})


def scope_and_duration(words: Sequence[str]) -> tuple[str, timedelta | None]:
    """The words of the scope, and how long it is lost, None where that is not said: `aws/us-east-1 for 3h`, `stripe 1 d`.

    Raises:
        UsageError: no scope is named, or the duration is out of range.
    """
    rest = [word for word in words if word.lower() not in _FILLERS]
    lasts = None
    for length in (2, 1):  # `3h`, `3 h`
        if len(rest) > length and (lasts := duration(" ".join(rest[-length:]))) is not None:
            rest = rest[:-length]
            break
    if lasts is not None and len(rest) > 1 and rest[-1].lstrip("-").lower() == _LOST_FOR:
        rest.pop()
    if not rest:
        raise UsageError("Name a scope. Example: whatif aws/us-east-1 15h")
    return " ".join(rest), lasts


async def scope_names(audits: AuditQueries) -> ScopeNames:
    """The names of scopes by the last audit and the catalogue."""
    audit = await audits.latest()
    facts = [fact for fact in audit.collected.facts if not fact.shared] if audit else []
    return ScopeNames.of(facts, await audits.services())


async def named_scope(typed: str, audits: AuditQueries) -> Scope:
    """The scope that was meant.

    Raises:
        UnknownScopeError: there is none, or it is one of several.
    """
    return (await scope_names(audits)).find(straighten(typed))


async def simulated_loss(
    typed: str, lasts: timedelta, audits: AuditQueries, report: Callable[[Progress], None]
) -> Impact:
    """The impact of losing the scope that was meant. `report` receives the progress.

    Raises:
        UnknownScopeError: there is none, it is one of several, or nothing of ours is known to run in it.
    """
    names = await scope_names(audits)
    impact = await audits.whatif(names.find(straighten(typed)), lasts, report)
    if not impact.known_scope:
        raise _nothing_in(impact.scope, names)
    return impact


def _nothing_in(scope: Scope, names: ScopeNames) -> UnknownScopeError:
    """The refusal of a what-if about a scope in which nothing of ours is known to run."""
    used = sorted(names.used - {scope}, key=lambda other: (-len(other.steps), str(other)))
    ours = [str(other) for other in used]
    problem = (
        f"No service of yours is known to run in {scope} or to depend on it, so its loss cannot be simulated. "
        "Add what is missing to depends_on in backstay.yaml."
    )
    near = [name for name in names.nearest(str(scope)) if name in set(ours)]
    return UnknownScopeError(problem, tuple(dict.fromkeys((*near, *ours)))[:NEAREST])
