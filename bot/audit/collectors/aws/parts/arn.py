"""Amazon resource names taken apart: where a named thing lives, and what kind of thing it is."""

from typing import NamedTuple


class Arn(NamedTuple):
    """`arn:partition:service:region:account:resource`; region and account are empty where the service has none."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


def parse(text: str) -> Arn:
    """Take a resource name apart; every part is empty where the text is none."""
    parts = text.split(":", 5)
    return Arn(*parts[1:]) if len(parts) == 6 and parts[0] == "arn" else Arn("", "", "", "", "")


def is_arn(text: object) -> bool:
    """Whether the text is a resource name."""
    return isinstance(text, str) and text.startswith("arn:") and text.count(":") >= 5
