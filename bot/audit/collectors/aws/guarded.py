"""Reads each resource for itself: one that is gone, denied or odd costs no other resource of its listing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from bot.net.aws.errors import ReadError
from checks import Fact, Unread

if TYPE_CHECKING:
    from bot.audit.collectors.aws.reader import Reader

T = TypeVar("T")
R = TypeVar("R")

ODD = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What code that takes an answer apart raises where a field is missing or of another type."""


FAILURES = (ReadError, *ODD)
"""What reading a resource raises: the call failed, or its answer is odd."""


@dataclass(frozen=True, slots=True)
class UnreadResource:
    """One resource that is listed but could not be read, or not in full.

    `kinds`: the kinds of facts that are missing of it; None: all that its source yields; empty: only fields of its fact.
    """

    resource: str
    region: str
    tags: Mapping[str, str]
    error: ReadError
    kinds: tuple[type[Fact], ...] | None = None


@dataclass(frozen=True)
class ItemIdentity(Generic[T]):
    """How to name an item of a listing that cannot be read.

    `action`: the IAM action of the call that returned the item. `resource`: its ARN. `tags`: its own tags; None: those of
    the region's tag listing. `kinds`: what is missing of it; None: all that its source yields.
    """

    action: str
    resource: Callable[[T], str]
    tags: Callable[[T], Mapping[str, str] | None] = lambda _: None
    kinds: tuple[type[Fact], ...] | None = None


def facts_of(
    aws: "Reader",
    read: Callable[[T], Fact | Iterable[Fact] | None],
    items: Iterable[T],
    identity: ItemIdentity[T],
    *,
    calls: bool = True,
) -> Iterator[Fact]:
    """The facts that `read` makes of each item, in order. `calls`: it makes calls, which then run in parallel.

    A resource that is gone meanwhile gives nothing. One that is denied, or whose answer is odd, is added to `aws.unread`.

    Raises:
        ReadError: nothing of the account can be read (an expired token).
    """
    for facts in each_of(aws, lambda item: _as_tuple(read(item)), items, identity, calls=calls):
        yield from facts


def each_of(
    aws: "Reader", read: Callable[[T], R], items: Iterable[T], identity: ItemIdentity[T], *, calls: bool = True
) -> Iterator[R]:
    """Like `facts_of`, for results of any type: those of the items that were read, in order."""

    def guarded(item: T) -> tuple[R, ...]:
        try:
            return (read(item),)
        except FAILURES as error:
            failure = failure_of(error, identity.action)
        if failure.fatal:
            raise failure
        if not failure.gone:
            note_unread(aws, item, identity, failure)
        return ()

    for results in aws.each(guarded, items) if calls else map(guarded, items):
        yield from results


def in_batches(
    aws: "Reader", read: Callable[[Sequence[T]], Iterable[R]], items: Sequence[T], size: int, identity: ItemIdentity[T]
) -> Iterator[R]:
    """What `read` returns for batches of at most `size` items. A batch that fails is read again item by item.

    Raises:
        ReadError: nothing of the account can be read.
    """

    def read_batch(batch: Sequence[T]) -> Iterable[R]:
        try:
            return tuple(read(batch))
        except FAILURES as error:
            if len(batch) > 1 and not getattr(error, "fatal", False):
                single = each_of(aws, lambda item: tuple(read((item,))), batch, identity)
                return tuple(result for results in single for result in results)
            raise

    batches = [items[start : start + size] for start in range(0, len(items), size)]
    of_batch = ItemIdentity[Sequence[T]](
        identity.action,
        lambda batch: identity.resource(batch[0]),
        lambda batch: identity.tags(batch[0]),
        identity.kinds,
    )
    for results in each_of(aws, read_batch, batches, of_batch):
        yield from results


def part(aws: "Reader", resource: str, read: Callable[[], R], action: str = "") -> "R | Unread":
    """One part of a resource: a failed call or an odd answer makes only this part `Unread`, and is added to `aws.unread`.

    `action`: the IAM action to name where the answer is odd.

    Raises:
        ReadError: the resource is gone.
    """
    try:
        return read()
    except FAILURES as error:
        found = failure_of(error, action)
    if found.gone:
        raise found
    aws.unread.append(UnreadResource(resource, aws.region, {}, found, kinds=()))
    return Unread(found.reason)


def if_exists(read: Callable[[], R]) -> R | None:
    """The result of `read`; None where what it asks for is gone.

    Raises:
        ReadError: it failed for another reason.
    """
    try:
        return read()
    except ReadError as error:
        if error.gone:
            return None
        raise


def note_unread(aws: "Reader", item: T, identity: ItemIdentity[T], error: ReadError) -> None:
    """Remember a resource that could not be read, with its tags: they tell which service it belongs to."""
    resource = _or_else(lambda: identity.resource(item), f"a row of {identity.action}")
    tags = aws.tags(resource, _or_else(lambda: identity.tags(item), None))
    aws.unread.append(UnreadResource(resource, aws.region, tags, error, identity.kinds))


def failure_of(error: Exception, action: str) -> ReadError:
    """One of `FAILURES` as a failed read; an odd answer names the IAM action of the call that gave it."""
    return error if isinstance(error, ReadError) else ReadError(action, odd_answer(error))


def odd_answer(error: Exception) -> str:
    """The reason for an answer that could not be taken apart."""
    if isinstance(error, KeyError) and error.args:
        return f"unexpected API response: no field {error.args[0]}"
    return "unexpected API response"


def _as_tuple(found: Fact | Iterable[Fact] | None) -> Sequence[Fact]:
    return () if found is None else (found,) if isinstance(found, Fact) else tuple(found)


def _or_else(read: Callable[[], R], otherwise: R) -> R:
    try:
        return read()
    except ODD:
        return otherwise
