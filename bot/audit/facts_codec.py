"""Facts and gaps as JSON: over the pipe from the collectors' child process, and on disk in the ledger's snapshot.

Facts of one kind form a table: field names once, then a row each. A reader of another version skips what it does not
know and says so; a field that the writer did not have yet is unread where it may be, its default elsewhere.
"""

import dataclasses
import json
import types
import typing
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

import checks
from bot.model import Collected
from checks import Fact, Gap, Unread

_UNREAD = "unread"
_LATER = Unread("it was stored by a version of backstay that did not read it")

Convert = Callable[[Any], Any]
_Row = Callable[[Any], list[Any]]


def encode(collected: Collected) -> bytes:
    """A whole run of the collectors, compressed, for the ledger."""
    body = pack(collected.facts, collected.gaps) | {
        "read": collected.read,
        "accounts": collected.accounts,
        "calls": collected.calls,
        "seconds": collected.seconds,
    }
    return zlib.compress(json.dumps(body, separators=(",", ":")).encode(), 1)


def decode(blob: bytes) -> Collected:
    """What `encode` stored; what this version does not know is skipped and logged.

    Raises:
        ValueError: the bytes are none of ours.
    """
    try:
        body = json.loads(zlib.decompress(blob))
        facts, gaps, notes = unpack(body)
        read = tuple((source, account, region) for source, account, region in body["read"])
        made = Collected(facts, gaps, read, tuple(body["accounts"]), body["calls"], body["seconds"])
    except (zlib.error, KeyError, TypeError, UnicodeDecodeError) as error:
        raise ValueError(f"these stored facts cannot be read: {error}") from error
    if notes:
        import structlog  # noqa: PLC0415 - the collectors' child process packs facts without it
    for note in notes:
        structlog.get_logger().warning("stored facts skipped", why=note)
    return made


def pack(facts: Iterable[Fact], gaps: Iterable[Gap]) -> dict[str, Any]:
    """Facts and gaps as plain JSON values."""
    tables: dict[type[Fact], list[list[Any]]] = {}
    for fact in facts:
        kind = type(fact)
        rows = tables.get(kind)
        if rows is None:
            rows = tables[kind] = []
        rows.append(_writer(kind.__name__)(fact))
    return {
        "facts": {
            kind.__name__: {"fields": list(_fields(kind.__name__)), "rows": rows} for kind, rows in tables.items()
        },
        "gaps": [
            [g.source, g.provider, g.account, g.region, g.reason, [kind.__name__ for kind in g.kinds], g.action]
            for g in gaps
        ],
    }


def unpack(body: Mapping[str, Any]) -> tuple[list[Fact], list[Gap], list[str]]:
    """Facts, gaps, and a sentence for each thing that was skipped."""
    facts: list[Fact] = []
    notes: list[str] = []
    kinds = _kinds()
    for name, table in body["facts"].items():
        kind = kinds.get(name)
        if kind is None:
            notes.append(f"{len(table['rows'])} facts of the unknown kind {name}")
            continue
        foreign = [field for field in table["fields"] if field not in _fields(kind.__name__)]
        if foreign:
            notes.append(f"unknown fields of {name}: {', '.join(foreign)}")
        missing = [field for field in _required(kind.__name__) if field not in table["fields"]]
        if missing:
            notes.append(f"{len(table['rows'])} facts of kind {name} without {', '.join(missing)}")
            continue
        facts.extend(_read_table(kind, table["fields"], table["rows"]))
    gaps = []
    for source, provider, account, region, reason, hidden, action in body["gaps"]:
        known = tuple(kinds[name] for name in hidden if name in kinds)
        gaps.append(Gap(source, provider, account, region, reason, known, action))
    return facts, gaps, notes


@cache
def _kinds() -> dict[str, type[Fact]]:
    found = (getattr(checks, name) for name in checks.__all__)
    return {kind.__name__: kind for kind in found if isinstance(kind, type) and issubclass(kind, Fact)}


@cache
def _fields(name: str) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(_kinds()[name]))


@cache
def _required(name: str) -> tuple[str, ...]:
    fields = dataclasses.fields(_kinds()[name])
    empty = dataclasses.MISSING
    return tuple(f.name for f in fields if f.default is empty and f.default_factory is empty)


@cache
def _hints(name: str) -> dict[str, Any]:
    return typing.get_type_hints(_kinds()[name])


@cache
def _writer(name: str) -> _Row:
    hints = _hints(name)
    steps = [(field, _reads(hints[field]) is None) for field in _fields(name)]

    def row(fact: Any) -> list[Any]:
        return [getattr(fact, field) if as_is else _plain(getattr(fact, field)) for field, as_is in steps]

    return row


_WRITES: dict[type, Convert] = {
    datetime: datetime.timestamp,
    timedelta: timedelta.total_seconds,
    Unread: lambda value: {_UNREAD: value.reason},
    tuple: lambda value: [_plain(inner) for inner in value],
}


def _plain(value: Any) -> Any:
    write = _WRITES.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return [[key, _plain(inner)] for key, inner in value.items()]
    return value


def _read_table(kind: type[Fact], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterable[Fact]:
    hints = _hints(kind.__name__)
    columns = [(place, name, _reads(hints[name])) for place, name in enumerate(fields) if name in hints]
    make: Any = kind
    late: dict[str, Any] = {
        name: _LATER for name in _fields(kind.__name__) if name not in fields and _may_be_unread(hints[name])
    }
    for row in rows:
        given = {name: row[place] if read is None else read(row[place]) for place, name, read in columns}
        yield make(**late, **given)


def _may_be_unread(hint: Any) -> bool:
    return Unread in typing.get_args(hint)


@cache
def _reads(hint: Any) -> Convert | None:
    """How a stored value becomes a field of this type; None where it is stored as it is."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _reads_union(inner)
    if origin is tuple:
        return _reads_tuple(inner)
    if origin is not None and issubclass(origin, Mapping):
        return dict
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    return _READS.get(hint)


_READS: dict[Any, Convert] = {
    datetime: lambda stored: datetime.fromtimestamp(stored, UTC),
    timedelta: lambda stored: timedelta(seconds=stored),
}


def _reads_union(inner: tuple[Any, ...]) -> Convert | None:
    converts = [convert for part in inner if part not in (type(None), Unread) and (convert := _reads(part))]
    convert = converts[0] if converts else None
    unread = Unread in inner
    if not unread and convert is None:
        return None

    def read(stored: Any) -> Any:
        if stored is None:
            return None
        if isinstance(stored, dict):
            return Unread(stored[_UNREAD])
        return convert(stored) if convert else stored

    return read


def _reads_tuple(inner: tuple[Any, ...]) -> Convert:
    convert = _reads(inner[0])
    return tuple if convert is None else lambda stored: tuple(convert(item) for item in stored)
