"""Encodes facts and gaps as JSON, for the pipe from the collectors' child process and for the ledger.

Facts of one kind form a table: the field names, then one row per fact. A reader skips kinds and fields that it does not
know, with a note. A field that the writer did not have is `Unread` if its type allows that, else its default.
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
_NOT_STORED = Unread("stored by an older version of backstay that does not read this field")

Convert = Callable[[Any], Any]
_Row = Callable[[Any], list[Any]]


def encode(collected: Collected) -> bytes:
    """A whole run of the collectors as compressed JSON, for the ledger."""
    body = pack(collected.facts, [*collected.gaps, *collected.left_out]) | {
        "read": collected.read,
        "accounts": collected.accounts,
        "calls": collected.calls,
        "seconds": collected.seconds,
    }
    return zlib.compress(json.dumps(body, separators=(",", ":")).encode(), 1)


def decode(blob: bytes) -> Collected:
    """The run that `encode` stored. Unknown kinds and fields are skipped and logged.

    Raises:
        ValueError: the bytes were not written by `encode`.
    """
    try:
        body = json.loads(zlib.decompress(blob))
        facts, gaps, notes = unpack(body)
        read = tuple((source, account, region) for source, account, region in body["read"])
        failed, left_out = [gap for gap in gaps if not gap.by_choice], [gap for gap in gaps if gap.by_choice]
        rest = (read, tuple(body["accounts"]), body["calls"], body["seconds"], tuple(left_out))
        collected = Collected(facts, failed, *rest)
    except (zlib.error, KeyError, TypeError, UnicodeDecodeError) as error:
        raise ValueError(f"stored facts cannot be decoded: {error}") from error
    if notes:
        import structlog  # noqa: PLC0415 - the collectors' child process packs facts without it
    for note in notes:
        structlog.get_logger().warning("stored_facts_skipped", reason=note)
    return collected


def pack(facts: Iterable[Fact], gaps: Sequence[Gap]) -> dict[str, Any]:
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
        "gap_details": [
            [at, g.resource, dict(g.tags), g.only_regions] for at, g in enumerate(gaps) if g.resource or g.only_regions
        ],
        "gap_hosts": [[at, g.host] for at, g in enumerate(gaps) if g.host != ""],
        "gap_shapes": [[at, g.shapes] for at, g in enumerate(gaps) if g.shapes],
    }


def unpack(body: Mapping[str, Any]) -> tuple[list[Fact], list[Gap], list[str]]:
    """Facts, gaps, and a note for each kind or field that was skipped."""
    facts: list[Fact] = []
    notes: list[str] = []
    kinds = _kinds()
    for name, table in body["facts"].items():
        kind = kinds.get(name)
        if kind is None:
            notes.append(f"{len(table['rows'])} facts of unknown kind {name}")
            continue
        unknown = [field for field in table["fields"] if field not in _fields(kind.__name__)]
        if unknown:
            notes.append(f"unknown fields of {name}: {', '.join(unknown)}")
        missing = [field for field in _required(kind.__name__) if field not in table["fields"]]
        if missing:
            notes.append(f"{len(table['rows'])} facts of kind {name} without {', '.join(missing)}")
            continue
        facts.extend(_read_table(kind, table["fields"], table["rows"]))
    gaps = []
    details = {at: more for at, *more in body.get("gap_details", ())}  # apart, because older versions do not read them
    hosts = dict(body.get("gap_hosts", ()))
    shapes = {at: tuple(found) for at, found in body.get("gap_shapes", ())}
    for at, (source, provider, account, region, reason, kind_names, action) in enumerate(body["gaps"]):
        known = tuple(kinds[name] for name in kind_names if name in kinds)
        resource, tags, only_regions = details.get(at, ("", {}, ()))
        more = action, resource, tags, tuple(only_regions), hosts.get(at, "")
        gaps.append(Gap(source, provider, account, region, reason, known, *more, shapes=shapes.get(at, ())))
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
    missing = dataclasses.MISSING
    return tuple(f.name for f in fields if f.default is missing and f.default_factory is missing)


@cache
def _hints(name: str) -> dict[str, Any]:
    return typing.get_type_hints(_kinds()[name])


@cache
def _writer(name: str) -> _Row:
    hints = _hints(name)
    steps = [(field, _decoder(hints[field]) is None) for field in _fields(name)]

    def row(fact: Any) -> list[Any]:
        return [getattr(fact, field) if as_is else _encoded(getattr(fact, field)) for field, as_is in steps]

    return row


_ENCODERS: dict[type, Convert] = {
    datetime: datetime.timestamp,
    timedelta: timedelta.total_seconds,
    Unread: lambda value: {_UNREAD: value.reason},
    tuple: lambda value: [_encoded(inner) for inner in value],
}


def _encoded(value: Any) -> Any:
    encoder = _ENCODERS.get(type(value))
    if encoder is not None:
        return encoder(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return [[key, _encoded(inner)] for key, inner in value.items()]
    return value


def _read_table(kind: type[Fact], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterable[Fact]:
    hints = _hints(kind.__name__)
    columns = [(at, name, _decoder(hints[name])) for at, name in enumerate(fields) if name in hints]
    make: Any = kind
    not_stored: dict[str, Any] = {
        name: _NOT_STORED for name in _fields(kind.__name__) if name not in fields and _may_be_unread(hints[name])
    }
    for row in rows:
        stored = {name: row[at] if decoder is None else decoder(row[at]) for at, name, decoder in columns}
        yield make(**not_stored, **stored)


def _may_be_unread(hint: Any) -> bool:
    return Unread in typing.get_args(hint)


@cache
def _decoder(hint: Any) -> Convert | None:
    """The function that decodes a stored value into this type; None if values are stored unchanged."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _union_decoder(inner)
    if origin is tuple:
        return _tuple_decoder(inner)
    if origin is not None and issubclass(origin, Mapping):
        return dict
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    return _DECODERS.get(hint)


_DECODERS: dict[Any, Convert] = {
    datetime: lambda stored: datetime.fromtimestamp(stored, UTC),
    timedelta: lambda stored: timedelta(seconds=stored),
}


def _union_decoder(inner: tuple[Any, ...]) -> Convert | None:
    converts = [convert for part in inner if part not in (type(None), Unread) and (convert := _decoder(part))]
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


def _tuple_decoder(inner: tuple[Any, ...]) -> Convert:
    convert = _decoder(inner[0])
    return tuple if convert is None else lambda stored: tuple(convert(item) for item in stored)
