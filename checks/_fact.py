"""Provider-neutral facts: what collectors read, frozen. A check names the kinds that it needs.

A field that needs an API call of its own is a `Maybe`: the value, or `Unread` with the reason. `known()` unwraps it; for an
unread field the check ends as UNKNOWN with that reason.
Zones are the provider's stable zone ids (`use1-az4`), regions its region names; `global` has no region.
All datetimes are UTC, all durations timedeltas, sizes and counts plain numbers.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeAlias, TypeVar

T = TypeVar("T")
GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a field could not be read: `access denied to dynamodb:DescribeContinuousBackups`, `timed out`, `throttled`."""

    reason: str


Maybe: TypeAlias = T | Unread


class LifePhase(StrEnum):
    """Where a resource is in its life. STOPPED: it exists and does not work: stopped, failed, its data cannot be decrypted."""

    CREATED = "being created"
    RUNNING = "running"
    STOPPED = "stopped"
    DELETED = "being deleted"


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


def settling(reads: "Iterable[Maybe[T]]") -> T | None:
    """The first value that settles a question (is not empty); None where all were read and none does.

    Raises:
        NotKnownError: none does, and some are unread. One that is unread hides no other.
    """
    doubt: NotKnownError | None = None
    try:
        for read in reads:
            if isinstance(read, Unread):
                doubt = doubt or NotKnownError(read.reason)
            elif read:
                return read
    except NotKnownError as reason:  # more of them could not be read
        doubt = doubt or reason
    if doubt is not None:
        raise doubt
    return None


def first_known(*questions: Callable[[], T | None]) -> T | None:
    """The first answer that settles a question (is not empty); None where none does.

    Raises:
        NotKnownError: none does, and some could not be answered. One of these hides no other.
    """
    doubt: NotKnownError | None = None
    for ask in questions:
        try:
            if answer := ask():
                return answer
        except NotKnownError as reason:
            doubt = doubt or reason
    if doubt is not None:
        raise doubt
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One resource or record, read at one time.

    `resource` is its permanent identity (an ARN where there is one), `name` is for people, `product` is the provider's name
    of the product (`dynamodb`, `rds`, `ec2`). `stack`: what manages it as code. `group`: the resource group or folder that it is in,
    which proves no code. `about` lists other resources that this fact describes (the database that an
    alarm watches): the fact then belongs to the services that own those. `source` is the collector's name. `status` is the
    provider's word for the `phase`. `encryption_key`: the key of ours that encrypts its data, by resource, id or alias.
    `host`: the provider whose machines it runs on and whose region and zones are told, empty for its own, None where that is not
    known; `host_product`: that provider's product for them. `cluster`: what runs it there and can be lost as a whole.
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
    group: str = ""
    about: tuple[str, ...] = ()
    phase: LifePhase = LifePhase.RUNNING
    encryption_key: Maybe[str] = ""
    status: str = ""
    host: str | None = ""
    host_product: str = ""
    cluster: str = ""

    @property
    def located_in(self) -> tuple[str, str]:
        """The provider and region of the machines that it runs on, in small letters; its own provider where that is unknown."""
        return (self.host or self.provider).lower(), self.region.lower()

    @property
    def cloud(self) -> str:
        """The provider whose region and zones these are.

        Raises:
            NotKnownError: it is not known on whose machines it runs.
        """
        if self.host is None:
            raise NotKnownError(f"the cloud below {self.name} is not known")
        return self.host or self.provider
