"""A submitted modal: what was filled in becomes an ask, and its answer goes back into the modal while Slack still waits."""

import asyncio
from collections.abc import Callable
from typing import Any

from bot.cards.card import Card
from bot.cards.render.slack_form import BLOCK
from bot.chat.slack.destination import Destination, command_of, unpacked
from bot.chat.slack.reply import PROGRESS, Reply, window
from bot.chat.slack.requests import ChatRequest, Payload, part_of, text_of
from bot.model import Caller

# Slack takes the acknowledgement for three seconds; the way there and back needs some of them.
ANSWER_SECONDS = 2.0


def from_submission(body: Payload, command: str) -> ChatRequest:
    """What was filled in, and the command that it is for. `command`: how people call the bot here."""
    view, user = part_of(body, "view"), part_of(body, "user")
    told = text_of(view, "private_metadata")
    place = unpacked(told, text_of(user, "id"))
    name = text_of(user, "name") or text_of(user, "username")
    caller = Caller("slack", place.user, place.channel, name, labels={"prefix": command})
    line, inputs = command_of(told), _inputs(view)
    fields = {name: _value(one) for name, one in inputs.items()}
    people = tuple(name for name, one in inputs.items() if text_of(one, "selected_user"))
    return ChatRequest(line, caller, place, text_of(body, "trigger_id"), fields, not line, people)


def _inputs(view: Payload) -> dict[str, Payload]:
    """The state of each input, by the name of its field."""
    found: dict[str, Payload] = {}
    for block, actions in part_of(part_of(view, "state"), "values").items():
        if block.startswith(BLOCK) and isinstance(actions, dict):
            told = [one for one in actions.values() if isinstance(one, dict)]
            found[block.removeprefix(BLOCK)] = told[0] if told else {}
    return found


def _value(element: Payload) -> str:
    """An input's value as text: of several choices the values with commas between, empty where nothing was filled in."""
    chosen = element.get("selected_options")
    if isinstance(chosen, list):
        return ",".join(text_of(one, "value") for one in chosen if isinstance(one, dict))
    one = element.get("selected_option")
    if isinstance(one, dict):
        return text_of(one, "value")
    return text_of(element, "value") or text_of(element, "selected_date") or text_of(element, "selected_user")


def wrong_fields(card: Card) -> dict[str, str]:
    """What is wrong with each field of the card's form, by the block that Slack shows it under."""
    return {f"{BLOCK}{one.name}": one.error for one in (card.form.fields if card.form else ()) if one.error}


class Submission:
    """The answer to a submitted form. In time it becomes the acknowledgement, later it goes where the form was asked for.

    Args:
        reply: shows what comes late, and what belongs into a channel.
        place: where the form was asked for.
        private: whether a card is for the asker alone.
    """

    def __init__(self, reply: Reply, place: Destination, private: Callable[[Card], bool]) -> None:
        self._reply, self._place, self._private = reply, place, private
        self._acknowledgement: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    async def show(self, card: Card) -> None:
        """Show a card: in the modal where it corrects, asks on or is for the asker alone, else where the form came from."""
        if self._acknowledgement.done():
            await self._reply.show(card)
        elif card.kind != PROGRESS:
            action = self._in_modal(card)
            self._acknowledgement.set_result(action)
            if action == CLOSE:
                await self._reply.show(card)

    async def acknowledgement(self, within: float) -> dict[str, Any]:
        """What Slack shall do with the modal: with no answer in time it closes."""
        await asyncio.wait([self._acknowledgement], timeout=within)
        return self.end()

    def end(self) -> dict[str, Any]:
        """The acknowledgement, closing the modal where there was no answer until now."""
        if not self._acknowledgement.done():
            self._acknowledgement.set_result(CLOSE)
        return self._acknowledgement.result()

    def _in_modal(self, card: Card) -> dict[str, Any]:
        if wrong := wrong_fields(card):
            return {"response_action": "errors", "errors": wrong}
        if card.form or self._private(card) or not self._place.channel:
            return {"response_action": "update", "view": window(card, self._place)}
        return CLOSE


CLOSE: dict[str, Any] = {"response_action": "clear"}
