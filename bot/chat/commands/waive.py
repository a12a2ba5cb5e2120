"""`waive <finding> <days> <reason>`: a failed check is accepted for a while."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.cards.card import Card
from bot.cards.messages.waive import waive_form, waived_card
from bot.chat.command import Call, command
from bot.chat.form_values import actor, signed, untaken
from bot.chat.parsing import quoted
from bot.chat.scorecard_answers import found
from bot.chat.suggestions import find, nearest
from bot.model import Audit, Role
from bot.model.backend import Backend
from checks import Check, Outcome, Waiver, discover, waive

LONGEST = 365
_REASON = 500
_SHORTEST_REASON = 8


@dataclass(frozen=True, slots=True)
class _Finding:
    """What is waived; `service` and `resource` may be empty: all of them."""

    check: Check
    service: str = ""
    resource: str = ""


@command(
    word="waive",
    usage="<finding> <days> <reason>",
    summary="Accepts a failed check for a while; the scorecard says so, with your name and reason.",
    example="waive RG03:checkout 30 second region comes with the move in January",
    role=Role.ADMIN,
    form=True,
)
async def waive_(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Keep the waiver; the score is judged anew with it at once."""
    services = [service.name for service in await backend.audits.services()]
    given = dict(call.fields) or _typed(call.words, services)
    if not given or (not call.fields and len(given) == 1):
        yield waive_form(values=given, opens=quoted("waive", *call.words))
        return
    errors: dict[str, str] = {}
    finding = _finding(given.get("finding", ""), services, errors)
    days = _days(given.get("days", ""), errors)
    reason = _reason(given.get("reason", ""), errors)
    if finding is None or errors:
        raise untaken(call, errors, waive_form(values=given, errors=errors))
    until = call.now + timedelta(days=days)
    waiver = Waiver(finding.service, finding.check.id, reason, signed(call.caller), until, finding.resource)
    before = await backend.audits.latest()
    await backend.records.waive(waiver, actor(call.caller), call.now)
    failures = _covered(before, waiver) if before else 0
    scores = _score(before, waiver), _score(await backend.audits.latest(), waiver)
    yield waived_card(waiver, finding.check, failures=failures, before=scores[0], after=scores[1])


def _typed(words: Sequence[str], services: Iterable[str]) -> dict[str, str]:
    """The line taken apart at the number of days; a service's name may have spaces before it."""
    if not words:
        return {}
    days = next((at for at, word in enumerate(words) if at and word.rstrip("d").isdecimal()), None)
    if days is None:
        known = _named(" ".join(words), services)
        return (
            {"finding": words[0]} if len(words) == 1 or known else {"finding": words[0], "reason": " ".join(words[1:])}
        )
    rest = words[days + 1 :]
    reason = " ".join(rest[1:] if rest[:1] in (("days",), ("day",)) else rest)
    return {"finding": " ".join(words[:days]), "days": words[days], "reason": reason}


def _named(finding: str, services: Iterable[str]) -> bool:
    return find(finding.partition(":")[2], services) is not None


def _finding(typed: str, services: Sequence[str], errors: dict[str, str]) -> _Finding | None:
    """`RG03`, `RG03:checkout`, `RG03:checkout:arn:aws:…`; a service's name may itself have colons."""
    rules = {rule.id: rule for rule in discover()}
    written, _, rest = typed.strip().partition(":")
    rule = rules.get(written.strip().upper())
    if rule is None:
        near = nearest(written, rules, at_most=1)
        mend = f"; did you mean {near[0]}?" if near else ". The command checks lists them."
        errors["finding"] = (
            f"No check is called {written!r}{mend}" if written else "Which check? For example RG03:checkout."
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
    mend = f"; did you mean {rule.id}:{near[0]}?" if near else "."
    errors["finding"] = f"No service is called {steps[0].strip()!r}{mend}"
    return None


def _days(typed: str, errors: dict[str, str]) -> int:
    number = typed.strip().lower().removesuffix("d")
    if number.isascii() and number.isdecimal() and len(number) <= 4 and 1 <= int(number) <= LONGEST:
        return int(number)
    errors["days"] = f"For how many days? A number from 1 to {LONGEST}; a risk is never accepted for ever."
    return 0


def _reason(typed: str, errors: dict[str, str]) -> str:
    reason = " ".join(typed.split())
    if len(reason) < _SHORTEST_REASON:
        errors["reason"] = "Why is it accepted? A few words for those who read the scorecard."
    elif len(reason) > _REASON:
        errors["reason"] = f"At most {_REASON} characters, these are {len(reason)}."
    return reason


def _covered(audit: Audit, waiver: Waiver) -> int:
    """How many failures of the audit it covers."""
    at = audit.scorecard.generated_at
    findings = [one for score in audit.scorecard.services for one in score.findings if one.outcome is Outcome.FAIL]
    return sum(
        one.outcome is Outcome.WAIVED for one in waive(findings, (waiver,), now=min(at, waiver.until - timedelta(1)))
    )


def _score(audit: Audit | None, waiver: Waiver) -> float | None:
    """The score of the service it is about, else of the estate; None where there is none."""
    if audit is None:
        return None
    score = found(audit, waiver.service) if waiver.service else audit.scorecard
    return score.score if score and score.grade else None
