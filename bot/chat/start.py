"""Answers the bot's name alone with what the caller can do next."""

from bot.cards.card import Card
from bot.cards.messages.start import NextStep, start_card
from bot.cards.wording import count
from bot.chat.command import commands
from bot.chat.parsing import quoted
from bot.chat.scope_answers import scope_names
from bot.model import Caller, Role
from bot.model.backend import Backend


async def start_answer(caller: Caller, role: Role, backend: Backend) -> Card:
    """What is open now, and the next steps that this role may take; nothing is read from the cloud."""
    found = await backend.incidents.incidents() if backend.incidents else ()
    open_now = [incident for incident in found if incident.open]
    services = await backend.audits.services()
    if backend.incidents is None:
        says = "Incident detection is off."
    else:
        says = f"{count(len(open_now), 'incident')} open." if open_now else "No open incident is known."
    steps = [NextStep("Incidents", "incidents", "lists the open incidents")] if open_now else []
    steps += [
        NextStep("Scorecard", "scorecard", "shows grades and the next fixes"),
        NextStep("My services", "mine", "shows the services that you own"),
        NextStep("Provider status", "status", "shows what your providers report"),
    ]
    if places := sorted(
        str(scope) for scope in (await scope_names(backend.audits)).used if scope.region and not scope.part
    ):
        simulated = quoted("whatif", places[0])
        steps.append(NextStep(f"Lose {places[0]}", simulated, "simulates its loss: services affected and cost"))
    if role is not Role.VIEWER:
        steps.append(NextStep("Broadcast", "broadcast", "sends a message to several audiences", form=True))
    steps.append(NextStep("All commands", "help", "lists all commands"))
    prefix = caller.labels.get("prefix", "")
    summary = f"{count(len(services), 'service')} in the catalogue. {says}"
    return start_card(summary, steps, tuple(commands()), prefix=prefix, urgent=bool(open_now))
