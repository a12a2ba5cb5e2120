"""`waive <finding> <days> <reason>`: accepts a failed check for a while."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.cards.card import Card
from bot.cards.messages.waive import waive_form, waived_card
from bot.chat.command import Call, command
from bot.chat.form_values import actor, display_name, field_errors
from bot.chat.parsing import quoted
from bot.chat.scorecard_answers import score_of
from bot.chat.suggestions import find, nearest
from bot.model import Audit, Role
from bot.model.backend import Backend
from checks import Check, Outcome, Waiver, discover, waive

LONGEST = 365
_REASON = 500
_SHORTEST_REASON = 8


@dataclass(frozen=True, slots=True)
class _Finding:
    """The finding to waive. An empty `service` or `resource` means all of them."""

    check: Check
    service: str = ""
    resource: str = ""


@command(
    word="waive",
    usage="<finding> <days> <reason>",
    summary="Accept a failed check for a while; the scorecard shows it with your name and reason.",
    example="waive RG03:checkout 30 second region comes with the move in January",
    role=Role.ADMIN,
    form=True,
)
async def waive_(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Store the waiver; the score takes it into account at once."""
    services = [service.name for service in await backend.audits.services()]
    given = dict(call.fields) or _typed(call, services)
    if not given or (not call.fields and len(given) == 1):
        yield waive_form(values=given, opens=quoted("waive", *call.words))
        return
    errors: dict[str, str] = {}
    finding = _finding(given.get("finding", ""), services, errors)
    days = _days(given.get("days", ""), errors)
    reason = _reason(given.get("reason", ""), errors)
    if finding is None or errors:
        raise field_errors(call, errors, waive_form(values=given, errors=errors))
    until = call.now + timedelta(days=days)
    waiver = Waiver(finding.service, finding.check.id, reason, display_name(call.caller), until, finding.resource)
    before = await backend.audits.latest()
    await backend.records.waive(waiver, actor(call.caller), call.now)
    failures = _covered(before, waiver) if before else 0
    scores = _score(before, waiver), _score(await backend.audits.latest(), waiver)
    tickets = [
        ticket
        for ticket in (await backend.records.tickets()).values()
        if ticket.check == waiver.check and waiver.service in ("", ticket.service)
    ]
    yield waived_card(waiver, finding.check, failures=failures, before=scores[0], after=scores[1], tickets=tickets)


def _typed(call: Call, services: Iterable[str]) -> dict[str, str]:
    """The fields of a typed line, split at the number of days; a service's name may contain spaces."""
    words = call.words
    if not words:
        return {}
    days = next((at for at, word in enumerate(words) if at and word.rstrip("d").isdecimal()), None)
    if days is None:
        names_service = _names_service(" ".join(words), services)
        alone = len(words) == 1 or names_service
        return {"finding": words[0]} if alone else {"finding": words[0], "reason": call.text_from(1)}
    said = days + 2 if words[days + 1 : days + 2] in (("days",), ("day",)) else days + 1
    return {"finding": " ".join(words[:days]), "days": words[days], "reason": call.text_from(said)}


def _names_service(finding: str, services: Iterable[str]) -> bool:
    return find(finding.partition(":")[2], services) is not None


def _finding(typed: str, services: Sequence[str], errors: dict[str, str]) -> _Finding | None:
    """Parse `RG03`, `RG03:checkout` or `RG03:checkout:arn:aws:...`; a service's name may contain colons."""
    rules = {rule.id: rule for rule in discover()}
    written, _, rest = typed.strip().partition(":")
    rule = rules.get(written.strip().upper())
    if rule is None:
        near = nearest(written, rules, at_most=1)
        fix = f"; did you mean {near[0]}?" if near else ". The command checks lists all checks."
        errors["finding"] = (
            f"No check is called {written!r}{fix}" if written else "Name a check. Example: RG03:checkout"
        )
        return None
    if not rest.strip():
        return _Finding(rule)
    steps = rest.split(":")
    for length in range(len(steps), 0, -1):
        service = find(":".join(steps[:length]).strip(), services)
        if service is not None:
            return _Finding(rule, service, ":".join(steps[length:]).strip())
    near = nearest(steps[0], services, at_most=1)
    fix = f"; did you mean {rule.id}:{near[0]}?" if near else "."
    errors["finding"] = f"No service is called {steps[0].strip()!r}{fix}"
    return None


def _days(typed: str, errors: dict[str, str]) -> int:
    number = typed.strip().lower().removesuffix("d")
    if number.isascii() and number.isdecimal() and len(number) <= 4 and 1 <= int(number) <= LONGEST:
        return int(number)
    errors["days"] = f"Enter a number of days from 1 to {LONGEST}."
    return 0


def _reason(typed: str, errors: dict[str, str]) -> str:
    reason = " ".join(typed.split())
    if len(reason) < _SHORTEST_REASON:
        errors["reason"] = (
            f"Enter a reason of at least {_SHORTEST_REASON} characters, for those who read the scorecard."
        )
    elif len(reason) > _REASON:
        errors["reason"] = f"At most {_REASON} characters; this has {len(reason)}."
    return reason


def _covered(audit: Audit, waiver: Waiver) -> int:
    """How many failed findings of the audit the waiver covers."""
    at = audit.scorecard.generated_at
    failed = [
        finding for score in audit.scorecard.services for finding in score.findings if finding.outcome is Outcome.FAIL
    ]
    now = min(at, waiver.until - timedelta(1))
    return sum(finding.outcome is Outcome.WAIVED for finding in waive(failed, (waiver,), now=now))


def _score(audit: Audit | None, waiver: Waiver) -> float | None:
    """The score of the waiver's service, else of the estate; None where there is none."""
    if audit is None:
        return None
    score = score_of(audit, waiver.service) if waiver.service else audit.scorecard
    return score.score if score and score.grade else None
