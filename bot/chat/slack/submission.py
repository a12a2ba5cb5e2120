"""Handles a submitted modal: its values become a request, and the answer goes back into the modal while Slack waits."""

import asyncio
from collections.abc import Callable
from typing import Any

from bot.cards.card import Card
from bot.cards.render.slack_form import BLOCK
from bot.chat.slack.destination import Destination, command_of, unpacked
from bot.chat.slack.origin import origin_of
from bot.chat.slack.payload import Payload, part_of, text_of
from bot.chat.slack.reply import PROGRESS, Reply, modal_view
from bot.chat.slack.requests import ChatRequest
from bot.model import Caller

# Slack accepts an acknowledgement within 3 s; the network needs some of them.
ANSWER_SECONDS = 2.0


def from_submission(body: Payload, command: str) -> ChatRequest:
    """The request of a submitted modal: its command and its values. `command`: the slash command here."""
    view, user = part_of(body, "view"), part_of(body, "user")
    metadata = text_of(view, "private_metadata")
    place = unpacked(metadata, text_of(user, "id"))
    name = text_of(user, "name") or text_of(user, "username")
    caller = Caller("slack", place.user, place.channel, name, labels={"prefix": command})
    line, inputs = command_of(metadata), _inputs(view)
    fields = {name: _value(state) for name, state in inputs.items()}
    people = tuple(name for name, state in inputs.items() if text_of(state, "selected_user"))
    return ChatRequest(
        line, caller, place, text_of(body, "trigger_id"), fields, not line, people, origin=origin_of(body)
    )


def _inputs(view: Payload) -> dict[str, Payload]:
    """The state of each input, by the name of its field."""
    found: dict[str, Payload] = {}
    for block, actions in part_of(part_of(view, "state"), "values").items():
        if block.startswith(BLOCK) and isinstance(actions, dict):
            states = [state for state in actions.values() if isinstance(state, dict)]
            found[block.removeprefix(BLOCK)] = states[0] if states else {}
    return found


def _value(element: Payload) -> str:
    """An input's value as text: several choices separated by commas; empty where nothing was entered."""
    chosen = element.get("selected_options")
    if isinstance(chosen, list):
        return ",".join(text_of(option, "value") for option in chosen if isinstance(option, dict))
    option = element.get("selected_option")
    if isinstance(option, dict):
        return text_of(option, "value")
    return text_of(element, "value") or text_of(element, "selected_date") or text_of(element, "selected_user")


def wrong_fields(card: Card) -> dict[str, str]:
    """The errors of the card's form, by the Slack block of each field."""
    fields = card.form.fields if card.form else ()
    return {f"{BLOCK}{field.name}": field.error for field in fields if field.error}


class Submission:
    """The answer to a submitted form. In time it becomes the acknowledgement; later it goes where the form was requested.

    Args:
        reply: shows late answers, and those for a channel.
        place: where the form was requested.
        private: whether only the caller sees a card.
    """

    def __init__(self, reply: Reply, place: Destination, private: Callable[[Card], bool]) -> None:
        self._reply, self._place, self._private = reply, place, private
        self._acknowledgement: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    async def show(self, card: Card) -> None:
        """Show a card: errors, another form or a private answer in the modal, everything else where the form was requested."""
        if self._acknowledgement.done():
            await self._reply.show(card)
        elif card.kind != PROGRESS:
            action = self._in_modal(card)
            self._acknowledgement.set_result(action)
            if action == CLOSE:
                await self._reply.show(card)

    async def acknowledgement(self, within: float) -> dict[str, Any]:
        """The instruction for Slack's modal: without an answer within so many seconds it closes."""
        await asyncio.wait([self._acknowledgement], timeout=within)
        return self.end()

    def end(self) -> dict[str, Any]:
        """The acknowledgement; it closes the modal where there is no answer yet."""
        if not self._acknowledgement.done():
            self._acknowledgement.set_result(CLOSE)
        return self._acknowledgement.result()

    def _in_modal(self, card: Card) -> dict[str, Any]:
        if wrong := wrong_fields(card):
            return {"response_action": "errors", "errors": wrong}
        if card.form or self._private(card) or not self._place.channel:
            return {"response_action": "update", "view": modal_view(card, self._place)}
        return CLOSE


CLOSE: dict[str, Any] = {"response_action": "clear"}
