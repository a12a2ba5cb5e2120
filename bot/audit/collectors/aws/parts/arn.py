"""Parses Amazon Resource Names (ARNs)."""

from typing import NamedTuple


class Arn(NamedTuple):
    """`arn:partition:service:region:account:resource`; region and account are empty where the service has none."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


def parse_arn(text: str) -> Arn:
    """The parts of an ARN; all parts are empty if the text is not an ARN."""
    parts = text.split(":", 5)
    return Arn(*parts[1:]) if len(parts) == 6 and parts[0] == "arn" else Arn("", "", "", "", "")


def is_arn(text: object) -> bool:
    """Whether the text is an ARN."""
    return isinstance(text, str) and text.startswith("arn:") and text.count(":") >= 5
