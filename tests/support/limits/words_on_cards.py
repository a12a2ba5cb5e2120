"""The words, buttons and menus that a reader sees on a rendered card, read from what goes to Slack and to Teams."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_MOMENT = "23 Nov 2026, 11:18 UTC"
_SLACK_MOMENT = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
_SLACK_LINK = re.compile(r"<https?:[^|>]*\|([^>]*)>")
_TEAMS_MOMENT = re.compile(r"\{\{DATE\([^)]*\)\}\}(?: \{\{TIME\([^)]*\)\}\})?")
_TEAMS_LINK = re.compile(r"\[([^\]]*)\]\(https?:[^)]*\)")


class ShownCard(NamedTuple):
    """`words` without those of buttons; `buttons` and `menu` by label; `primary`: how many buttons stand out."""

    words: str
    buttons: tuple[str, ...]
    menu: tuple[str, ...]
    primary: int

    @property
    def total(self) -> int:
        """How many words are shown, symbols that stand alone among them."""
        return len(self.words.split())


def shown_in_slack(message: dict[str, Any]) -> ShownCard:
    """A message of Slack as it is read."""
    elements = [part for block in message["blocks"] if block["type"] == "actions" for part in block["elements"]]
    buttons = [part for part in elements if part["type"] == "button"]
    menu = [option["text"]["text"] for part in elements if part["type"] == "overflow" for option in part["options"]]
    blocks = [block for block in message["blocks"] if block["type"] != "actions"]
    labels = tuple(button["text"]["text"] for button in buttons)
    primary = sum(button.get("style") == "primary" for button in buttons)
    return ShownCard(" ".join(_slack(blocks)), labels, tuple(menu), primary)


def shown_in_teams(card: dict[str, Any]) -> ShownCard:
    """An Adaptive Card as it is read."""
    actions = card.get("actions", [])
    buttons = [action["title"] for action in actions if action.get("mode") != "secondary"]
    menu = [action["title"] for action in actions if action.get("mode") == "secondary"]
    primary = sum(action.get("style") == "positive" for action in actions)
    return ShownCard(" ".join(_teams(card["body"])), tuple(buttons), tuple(menu), primary)


def _slack(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for item in part:
            yield from _slack(item)
    elif isinstance(part, dict) and part.get("type") == "date":
        yield str(part["fallback"])
    elif isinstance(part, dict):
        for key, value in part.items():
            if key == "text" and isinstance(value, str):
                yield _SLACK_LINK.sub(r"\1", _SLACK_MOMENT.sub(r"\1", value))
            else:
                yield from _slack(value)


def _teams(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for item in part:
            yield from _teams(item)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in ("text", "title", "value") and isinstance(value, str):
                yield _TEAMS_LINK.sub(r"\1", _TEAMS_MOMENT.sub(_MOMENT, value))
            else:
                yield from _teams(value)
