"""Facts about data in motion: how long a stream keeps it, and what carries it from one store to another."""

from dataclasses import dataclass
from datetime import timedelta

from checks._fact import Fact, Maybe


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamRetention(Fact):
    """How long a stream keeps a record, whether it was read or not. `about`: the stream."""

    period: Maybe[timedelta]


@dataclass(frozen=True, kw_only=True, slots=True)
class DataFlow(Fact):
    """What carries records from a source to a store: a delivery stream, a replication.

    `continuous`: it runs without end, unlike a single migration. `zone_redundant`: it goes on without any one zone.
    `keeps_failed`: it keeps records that the destination refuses. `logs_errors`: it logs why. `retries_for`: how long it
    repeats a delivery before that. None: the product has no such feature.
    """

    destination: str = ""
    continuous: Maybe[bool] = True
    zone_redundant: Maybe[bool] = False
    zones: tuple[str, ...] = ()
    keeps_failed: Maybe[bool | None] = None
    logs_errors: Maybe[bool | None] = None
    retries_for: Maybe[timedelta | None] = None
