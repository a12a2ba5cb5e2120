"""Provider-neutral facts: what collectors saw, frozen. A check asks for the kinds that it needs.

A field that needs a call of its own is a `Maybe`: the value, or `Unread` with the reason why it is not known.
`known()` unwraps it; where it is unread the check ends there as UNKNOWN with that reason.
Zones are the provider's stable zone ids (`use1-az4`), regions its region names; `global` has no region.
All datetimes are UTC, all durations timedeltas, sizes and counts plain numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, TypeAlias, TypeVar

T = TypeVar("T")
GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Unread:
    """Why something is not known: `AccessDenied for dynamodb:DescribeContinuousBackups`, `timed out`, `throttled`."""

    reason: str


Maybe: TypeAlias = T | Unread


class NotKnownError(Exception):
    """A check met an unread field; the runner turns it into UNKNOWN with this reason."""


def known(value: "T | Unread") -> T:
    """The value of a `Maybe`.

    Raises:
        NotKnownError: it was not read.
    """
    if isinstance(value, Unread):
        raise NotKnownError(value.reason)
    return value


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One thing seen at one moment.

    `resource` identifies it for ever (an ARN where there is one), `name` is for people, `product` is the provider's
    word for the kind of thing (`dynamodb`, `rds`, `ec2`). `about` names other resources that this fact tells of (the
    database an alarm watches): the fact then belongs to the services which own those. `source` is the collector's name.
    """

    # A shared fact (a quota, a network) belongs to every service with a resource in its account and region.
    shared: ClassVar[bool] = False

    resource: str
    name: str
    provider: str
    account: str
    region: str
    product: str
    source: str
    observed_at: datetime
    tags: Mapping[str, str] = field(default_factory=dict)
    stack: str = ""
    about: tuple[str, ...] = ()
