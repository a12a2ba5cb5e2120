"""Finds whom the message of a Datadog monitor notifies when it alerts, by its @-handles and conditional blocks.

MonitorSource: https://docs.datadoghq.com/monitors/notify/ (handles) and https://docs.datadoghq.com/monitors/notify/variables/
(`{{#is_alert}}` and `{{^is_alert}}` blocks, which may be nested; `{{else}}`; comments `{{!-- … --}}`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Reach(StrEnum):
    """What becomes of a notification to a handle."""

    PERSON = "a person or a chat channel"
    MACHINE = "another system"
    TICKET = "a ticket"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Handle:
    """One @-handle: `@slack-ops`. `only_if`: the condition, in the message's words, under which an alert notifies it."""

    text: str
    reach: Reach
    only_if: str = ""


_HANDLE = re.compile(r"(?:(?<=^)|(?<=[\s(\[<,;:>\"'}]))@((?:\{\{[^{}]{1,80}\}\}|[\w.+%@#/-]|&(?=\w)){1,200})")
_BLOCK = re.compile(
    r"\{\{\s*(?P<mark>[#^/])\s*(?P<name>\w+)\s*(?P<arguments>[^{}]{0,300}?)\s*\}\}|\{\{\s*(?P<otherwise>else)\s*\}\}"
)
_COMMENT = re.compile(r"\{\{!--.*?--\}\}|\{\{![^{}]*\}\}", re.DOTALL)
_MOST = 60_000
"""Characters of a message that are read; Datadog allows 64,000 bytes."""

_ON_ALERT = {
    "is_alert": True,
    "is_warning": False,
    "is_recovery": False,
    "is_warning_recovery": False,
    "is_alert_recovery": False,
    "is_no_data": False,
    "is_no_data_recovery": False,
    "is_alert_to_warning": False,
    "is_warning_to_alert": None,
    "is_no_data_to_alert": None,
    "is_renotify": None,
    "is_unknown": False,
}
"""Whether each block is shown when a monitor goes from OK to Alert; None: only on some alerts."""

_REACH = (
    (Reach.NOBODY, ("hipchat-",)),
    (Reach.TICKET, ("jira-", "servicenow-", "zendesk-", "case-", "github-", "linear-", "asana-", "statuspage-")),
    (
        Reach.MACHINE,
        ("webhook-", "sns-", "eventbridge-", "workflow-", "app-", "moogsoft-", "bigpanda-", "lambda-", "azure-"),
    ),
)
"""Kinds of handles by their beginning. HipChat was discontinued on 15 February 2019."""


def handles(message: str, priority: int | None = None) -> tuple[Handle, ...]:
    """The handles that an alert notifies, each once: those that are always notified first, then the conditional ones.

    Args:
        message: the monitor's message.
        priority: the monitor's priority (1 to 5), which `{{#is_priority 'P1'}}` compares.
    """
    found: dict[str, Handle] = {}
    for text, condition in _shown(_COMMENT.sub(" ", message[:_MOST]), priority):
        for match in _HANDLE.finditer(text):
            name = match[1].rstrip(".,;:!?/'\"")
            handle = Handle(f"@{name}", _reach_of(name), condition)
            if name and (handle.text not in found or not condition):
                found[handle.text] = handle
    return tuple(sorted(found.values(), key=lambda handle: bool(handle.only_if)))


def _reach_of(name: str) -> Reach:
    lowered = name.lower()
    return next((reach for reach, begins in _REACH if lowered.startswith(begins)), Reach.PERSON)


@dataclass(slots=True)
class _Open:
    """A block that is not closed yet: whether an alert shows it (None: under its condition), and the condition's words."""

    name: str
    shown: bool | None
    words: str


def _shown(message: str, priority: int | None) -> Iterator[tuple[str, str]]:
    """The parts of a message that an alert may show, each with its condition (empty: always)."""
    stack: list[_Open] = []
    at = 0
    for tag in _BLOCK.finditer(message):
        yield from _part(message[at : tag.start()], stack)
        at = tag.end()
        if tag["otherwise"]:
            if stack:
                stack[-1] = _inverted(stack[-1])
        elif tag["mark"] == "/":
            _close(stack, tag["name"])
        else:
            block = _opened(tag["name"], tag["arguments"], priority)
            stack.append(_inverted(block) if tag["mark"] == "^" else block)
    yield from _part(message[at:], stack)


def _part(text: str, stack: list[_Open]) -> Iterator[tuple[str, str]]:
    if "@" in text and all(block.shown is not False for block in stack):
        yield text, " and ".join(block.words for block in stack if block.shown is None)


def _opened(name: str, arguments: str, priority: int | None) -> _Open:
    words = f"{name} {arguments}".strip()
    if name == "is_priority":
        wanted = re.findall(r"[Pp]?([1-5])", arguments)
        return _Open(name, str(priority) in wanted if priority is not None else False, words)
    # A block that is none of these (a variable, an unknown word) may hide what is in it.
    return _Open(name, _ON_ALERT.get(name), words)


def _inverted(block: _Open) -> _Open:
    shown = None if block.shown is None else not block.shown
    negated = block.words.removeprefix("not ") if block.words.startswith("not ") else f"not {block.words}"
    return _Open(block.name, shown, negated)


def _close(stack: list[_Open], name: str) -> None:
    """Close the innermost block of this name, and those inside it that nobody closed."""
    for at in range(len(stack) - 1, -1, -1):
        if stack[at].name == name:
            del stack[at:]
            return
