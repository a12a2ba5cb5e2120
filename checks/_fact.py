"""Provider-neutral facts: what collectors read, frozen. A check names the kinds that it needs.

A field that needs an API call of its own is a `Maybe`: the value, or `Unread` with the reason. `known()` unwraps it; for an
unread field the check ends as UNKNOWN with that reason.
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
    """Why a field could not be read: `access denied to dynamodb:DescribeContinuousBackups`, `timed out`, `throttled`."""

    reason: str


Maybe: TypeAlias = T | Unread


class NotKnownError(Exception):
    """A check needs a field that could not be read; the runner turns this into UNKNOWN with the reason."""


def known(value: "T | Unread") -> T:
    """Return the value of a `Maybe`.

    Raises:
        NotKnownError: the field could not be read.
    """
    if isinstance(value, Unread):
        raise NotKnownError(value.reason)
    return value


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One resource or record, read at one time.

    `resource` is its permanent identity (an ARN where there is one), `name` is for people, `product` is the provider's name
    of the product (`dynamodb`, `rds`, `ec2`). `about` lists other resources that this fact describes (the database that an
    alarm watches): the fact then belongs to the services that own those. `source` is the collector's name.
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
