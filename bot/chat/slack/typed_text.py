"""Turns Slack's markup of a message into the text that was typed.

Shapes: docs.slack.dev/messaging/formatting-message-text, "Retrieving formatted messages": `<@U1>` or `<@U1|name>`, `<#C1|name>`,
`<!subteam^S1|@group>`, `<https://example.com|label>`, and `&`, `<`, `>` as entities.
"""

import re
from collections.abc import Mapping

from rich.emoji import Emoji

_ENTITY = re.compile(r"<([^<>|\s][^<>|]*)(?:\|([^<>]*))?>")
_UNESCAPE = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_MENTIONS = re.compile(r"^(?P<mark>[\s*_~`]*)(?:<@[A-Z0-9]+(?:\|[^<>]*)?>[\s:,]*)+")
_LINK = re.compile(r"[a-z][a-z0-9+.-]*:.+", re.IGNORECASE | re.DOTALL)
_EMOJI = re.compile(r"(?<![\w:/.])((?::[a-z0-9_+'-]+:)+)(?![\w/])")
_SKIN = re.compile(r":skin-tone-[1-6]:")
_ONE = re.compile(r":[a-z0-9_+'-]+:")
# A person without a name, to be looked up; of the private use area, so that nobody types it.
_PERSON = re.compile("\ue000([A-Z0-9]+)\ue001")


def without_mentions(text: str) -> str:
    """The text of a message without the mentions that it begins with, and without a format around all of it."""
    named = _MENTIONS.match(text)
    if named is None:
        return text
    mark, rest = named["mark"].strip(), text[named.end() :].rstrip()
    return rest.removesuffix(mark[::-1]) if mark else rest


def plain(text: str) -> str:
    """The text as it was typed: links by their label, channels as `#name`, people as `@name`, emoji as characters.

    People of whom Slack gives the id alone are left for `with_people`.
    """
    text = _ENTITY.sub(_typed, text.replace("\ue000", "").replace("\ue001", ""))
    text = _EMOJI.sub(lambda found: _ONE.sub(_symbol, _SKIN.sub("", found[0])), text)
    for escaped, character in _UNESCAPE:
        text = text.replace(escaped, character)
    return text.strip()


def people_in(line: str) -> tuple[str, ...]:
    """The ids of the people in a line of `plain` that have no name yet."""
    return tuple(dict.fromkeys(_PERSON.findall(line)))


def with_people(line: str, names: Mapping[str, str]) -> str:
    """The line with those people as `@name`; one whose name is empty is left out."""

    def named(person: re.Match[str]) -> str:
        name = names.get(person[1], person[1])
        return f"@{name}" if name else ""

    return _PERSON.sub(named, line).strip()


def _symbol(code: re.Match[str]) -> str:
    return Emoji.replace(code[0])


def _typed(entity: re.Match[str]) -> str:
    target, label = entity[1], entity[2]
    match target[0]:
        case "@":
            return f"@{label.lstrip('@')}" if label else f"\ue000{target[1:]}\ue001"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            return label or ""  # @here and @channel call people and are no words of a command
    if _LINK.fullmatch(target):
        return label or target
    return entity[0]  # not markup: words in brackets
