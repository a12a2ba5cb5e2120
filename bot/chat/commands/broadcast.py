"""`broadcast <text>`: sends a message to several audiences, once and after a preview."""

import re
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import timedelta
from urllib.parse import unquote

from bot.cards.card import Card
from bot.cards.messages.broadcast import (
    GRAVITIES,
    TEXT,
    broadcast_card,
    broadcast_form,
    handle,
    lapsed_card,
    preview_card,
    sent_card,
)
from bot.chat.command import Call, UsageError, command
from bot.chat.form_values import actor, display_name, field_errors
from bot.chat.parsing import quoted
from bot.chat.suggestions import find, nearest
from bot.model import Role
from bot.model.backend import Backend
from bot.model.records import Broadcast

_STEPS = ("send", "edit", "receipts")
_CARDS = 2
_DRAFT = re.compile("[0-9a-f]{16}")
LASTS = timedelta(hours=1)
"""An older draft is out of date and is not sent."""


@command(
    word="broadcast",
    usage="[text] [severity=…] [audiences=a,b]",
    summary="Send a message to several audiences after a preview, by fallback routes where a platform is down.",
    example="broadcast Payments are slow, we are on it. severity=warning audiences=payments,web",
    role=Role.RESPONDER,
    form=True,
    options=("severity", "audiences"),
)
async def broadcast(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Ask for the message, show a preview, and send it once its author confirms."""
    step, *rest = call.words or ("",)
    if not call.fields and step in _STEPS and len(rest) == 1 and _DRAFT.fullmatch(rest[0]):
        draft = await _own_draft(rest[0], call, backend)
        if step == "edit":
            yield await _edit(draft, backend)
            return
        card = await _send(draft, call, backend) if step == "send" else None
        if card is not None:
            yield card
        if card is None or card.kind == "sent":
            async for receipts in _receipts(draft, backend, again=card is None):
                yield receipts
        return
    audiences = await backend.records.audiences()
    if not audiences:
        raise UsageError("There is no audience: define audiences in backstay.yaml, or subscribe a channel.")
    given = dict(call.fields) or {**call.options, **({"text": call.text_from(0)} if call.words else {})}
    if not call.fields and len(given) < 3:
        options = (f"{key}={value}" for key, value in call.options.items())
        yield broadcast_form(audiences, values=given, opens=quoted("broadcast", *_words_of(call), *options))
        return
    errors: dict[str, str] = {}
    draft = _new_draft(given, audiences, call, errors)
    if errors:
        raise field_errors(call, errors, broadcast_form(audiences, values=given, errors=errors))
    await backend.records.draft(draft)
    yield preview_card(draft)


def _words_of(call: Call) -> Sequence[str]:
    """The typed words; as one where they alone would not give back the text as it was typed."""
    typed = call.text_from(0)
    return call.words if " ".join(call.words) == typed else (typed,)


def _new_draft(given: Mapping[str, str], audiences: Mapping[str, str], call: Call, errors: dict[str, str]) -> Broadcast:
    text = given.get("text", "").strip()
    if not text:
        errors["text"] = "Enter the message."
    elif len(text) > TEXT:
        errors["text"] = f"At most {TEXT:,} characters; this has {len(text):,}."
    asked = given.get("severity", "").strip().lower()
    gravity = next((name for name in GRAVITIES if name == asked), None)
    if gravity is None:
        errors["severity"] = f"Choose a severity: {', '.join(GRAVITIES)}."
    chosen = _chosen(given.get("audiences", ""), audiences, errors)
    by, name = actor(call.caller), display_name(call.caller)
    return Broadcast(secrets.token_hex(8), text, gravity or "information", chosen, by, name, call.now)


def _chosen(typed: str, audiences: Mapping[str, str], errors: dict[str, str]) -> tuple[str, ...]:
    names = [unquote(name.strip()) for name in typed.split(",") if name.strip()]
    if not names:
        errors["audiences"] = f"Choose at least one audience. Example: audiences={handle(next(iter(audiences)))}"
    if [name.casefold() for name in names] == ["all"] and "all" not in audiences:
        return tuple(audiences)
    found = {name: find(name, audiences) for name in names}
    missing = [name for name, known in found.items() if known is None]
    if missing:
        near = nearest(missing[0], audiences, at_most=1)
        fix = f"; did you mean {near[0]}?" if near else f". Known: {', '.join(list(audiences)[:12])}."
        errors["audiences"] = f"No audience is called {missing[0]!r}{fix}"
    return tuple(dict.fromkeys(known for known in found.values() if known is not None))


async def _own_draft(id: str, call: Call, backend: Backend) -> Broadcast:
    draft = await backend.records.drafted(id)
    if draft is None:
        raise UsageError("This draft does not exist. Write a new one: broadcast")
    if draft.actor != actor(call.caller):
        raise UsageError(f"This is a draft of {draft.by}, who alone can send it. Write your own: broadcast")
    return draft


async def _send(draft: Broadcast, call: Call, backend: Backend) -> Card:
    if draft.sent_at is not None:
        return sent_card(draft, draft.sent_at, again=True)
    known = await backend.records.audiences()
    gone: Sequence[str] = [name for name in draft.audiences if name not in known]
    if gone or call.now - draft.at > LASTS:
        return lapsed_card(gone)
    sent = await backend.records.broadcast(draft.id, broadcast_card(draft).dump(), call.now)
    after = await backend.records.drafted(draft.id)
    at = after.sent_at if after and after.sent_at else call.now
    return sent_card(draft, at, again=not sent)


async def _receipts(draft: Broadcast, backend: Backend, *, again: bool) -> AsyncGenerator[Card, None]:
    """The receipts as they come in: a few cards, because a private answer of Slack can be changed five times at most."""
    stored = await backend.records.drafted(draft.id)
    if stored is None or stored.sent_at is None:
        raise UsageError("This draft was not sent yet. Write a new one: broadcast")
    shown, waits = 0, None
    async for found in backend.records.follow(draft.id):
        tried = again or any(delivery.attempts or delivery.settled for delivery in found)
        settled = bool(found) and all(delivery.settled for delivery in found)
        waits = found if tried else None
        if tried and (settled or shown < _CARDS):
            yield sent_card(draft, stored.sent_at, deliveries=found)
            shown, waits = shown + 1, None
    if waits is not None:
        yield sent_card(draft, stored.sent_at, deliveries=waits)


async def _edit(draft: Broadcast, backend: Backend) -> Card:
    chosen = ",".join(handle(name) for name in draft.audiences)
    values = {"text": draft.text, "severity": draft.gravity, "audiences": chosen}
    return broadcast_form(await backend.records.audiences(), values=values)
