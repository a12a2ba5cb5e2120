"""Confirms or rejects a guessed dependency in the caller's name."""

from dataclasses import replace

from bot.cards.card import Card
from bot.cards.messages.guesses import decided_card
from bot.chat.command import Call, UsageError
from bot.chat.form_values import actor, display_name
from bot.chat.suggestions import find, suggest
from bot.model.backend import Backend
from bot.model.drills import Decision, GuessDecision
from bot.model.guesses import GuessedDependency


async def decided(call: Call, backend: Backend, decision: Decision) -> Card:
    """Decide about the guess that the words name: a service, then what it depends on.

    Raises:
        UsageError: the words do not name a guess of the last audit.
        UnknownNameError: no service is called so.
    """
    word = "confirm" if decision == "confirmed" else "reject"
    if len(call.words) < 2:
        raise UsageError(f"Name a service and what it depends on. Example: {word} checkout stripe")
    typed, target = " ".join(call.words[:-1]), call.words[-1].lower()
    names = [service.name for service in await backend.audits.services()]
    service = find(typed, names)
    if service is None:
        raise suggest("service", typed, names, word)
    guess = await _guess(backend, service, target)
    made = GuessDecision(
        service,
        guess.target,
        decision,
        display_name(call.caller),
        actor(call.caller),
        call.now,
        "; ".join(guess.evidence)[:2000],
        _hard(call, guess),
    )
    if backend.guesses is not None:
        await backend.guesses.decide(made)
    return decided_card(replace(guess, decision=decision, by=made.by, hard=made.hard))


async def _guess(backend: Backend, service: str, target: str) -> GuessedDependency:
    found = [guess for guess in await backend.guesses.guesses() if guess.service == service] if backend.guesses else []
    for guess in found:
        if guess.target == target:
            return guess
    known = ", ".join(guess.target for guess in found[:12])
    raise UsageError(
        f"No guess says that {service} depends on {target!r}."
        + (f" Guesses: {known}." if known else " There is no guess about it.")
        + " A dependency that you know of belongs under depends_on in backstay.yaml."
    )


def _hard(call: Call, guess: GuessedDependency) -> bool:
    said = call.options.get("hard", "").lower()
    if said not in ("", "yes", "no"):
        raise UsageError("hard= takes yes or no. Example: confirm checkout stripe hard=no")
    return guess.hard if not said else said == "yes"
