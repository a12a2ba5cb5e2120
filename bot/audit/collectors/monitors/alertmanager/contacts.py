"""Receivers: the ways in which each of them notifies, and whether these reach a person."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from bot.audit.collectors.monitors.receivers import platform_of
from bot.net.plain_text import line
from checks import Maybe, Unread

_LABEL: Final = re.compile(
    r"\.\s*(?:CommonLabels|GroupLabels|Labels)\.([A-Za-z_][A-Za-z0-9_]*)|\$labels\.([A-Za-z_]\w*)"
)
_ADDRESSES: Final = (
    *(
        "to",
        "channel",
        "recipient",
        "room_id",
        "chat_id",
        "url",
        "webhook_url",
        "routing_key",
        "service_key",
        "user_key",
    ),
    *("integrationKey", "addresses", "chatid", "topic_arn", "api_key", "mentionUsers"),
)
_CONFIGS: Final = "_configs"
_REGION: Final = re.compile(r"^arn:aws[a-z-]*:sns:([a-z0-9-]+):")


@dataclass(frozen=True, slots=True)
class Contact:
    """One way of a receiver. `text`: for people. `labels`: labels whose values its address is made of."""

    text: str
    reaches: Maybe[bool] = True
    runs_on: tuple[str, ...] = ()
    labels: frozenset[str] = frozenset()

    def reaches_with(self, labels: Mapping[str, str]) -> Maybe[bool]:
        """Whether it reaches a person of an alert with these labels."""
        missing = sorted(label for label in self.labels if not labels.get(label))
        if missing:
            return Unread(f"the address of {self.text} is made of the label {missing[0]}, which the alert may not have")
        return self.reaches


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver. Without contacts it notifies no one."""

    name: str
    contacts: tuple[Contact, ...] = field(default=())

    def reaches_with(self, labels: Mapping[str, str]) -> Maybe[bool]:
        """Whether it reaches a person of an alert with these labels."""
        answers = [contact.reaches_with(labels) for contact in self.contacts]
        if True in answers:
            return True
        return next((answer for answer in answers if isinstance(answer, Unread)), False)


def contact(
    word: str, name: str, config: Mapping[str, Any], runs_on: Mapping[str, tuple[str, ...]], *, person: bool
) -> Contact:
    """A way of notifying. `word`: how the configuration calls its platform; `person`: the operator says that it reaches one."""
    platform = platform_of(word)
    places = runs_on.get(platform.provider, ())
    if arn := _REGION.match(str(config.get("topic_arn", ""))):
        places = (f"aws/{arn[1]}",)
    addresses = " ".join(str(config.get(key, "")) for key in _ADDRESSES)
    labels = frozenset(first or second for first, second in _LABEL.findall(addresses[:10_000]))
    reaches: Maybe[bool] = True if person else platform.reaches
    host = urlsplit(str(config.get("url", ""))).hostname if platform.title == "webhook" else ""
    where = f" {host}" if host and "<" not in host else ""
    return Contact(line(f"{platform.title}{where} ({name})", 120), reaches, places, labels)


def receivers_of(rows: Any, runs_on: Mapping[str, tuple[str, ...]], people: Iterable[str]) -> dict[str, Receiver]:
    """The receivers of an Alertmanager configuration, by name: each `KIND_configs` is a list of ways."""
    chosen = frozenset(people)
    found: dict[str, Receiver] = {}
    for row in rows if isinstance(rows, Sequence) else ():
        if not isinstance(row, Mapping):
            continue
        name = str(row.get("name", ""))
        contacts = [
            contact(
                key.removesuffix(_CONFIGS),
                name,
                config if isinstance(config, Mapping) else {},
                runs_on,
                person=name in chosen,
            )
            for key, configs in row.items()
            if str(key).endswith(_CONFIGS) and isinstance(configs, list)
            for config in configs
        ]
        found[name] = Receiver(name, tuple(contacts))
    return found
