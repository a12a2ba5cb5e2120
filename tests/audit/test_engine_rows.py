"""Rows: fields that are absent, odd, written as text, nested in blocks, or known only after apply."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.audit.collectors.engine.kinds import Kind, facts_of
from bot.audit.collectors.engine.resource import Identity, Resource
from bot.audit.collectors.engine.row import NotKnownYetError, OddFieldError, Row
from checks import Datastore, StoreKind, Unread

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BODY: dict[str, Any] = {
    "name": "orders",
    "size": "64",
    "on": "true",
    "off": False,
    "empty": "",
    "nothing": None,
    "settings": [{"backup": [{"enabled": True, "days": 7}]}],
    "zones": ["a", "b"],
    "labels": {"service": "checkout", "cost": 3},
    "nodes": [{"zone": "a"}, {"zone": "b"}],
    "at": "2026-02-03T04:05:06.123456789Z",
}


@pytest.mark.parametrize(
    ("read", "path", "wanted"),
    [
        (Row.text, "name", "orders"),
        (Row.text, "off", "false"),
        (Row.text, "absent.deeper", ""),
        (Row.number, "size", 64),
        (Row.number, "settings.backup.days", 7),
        (Row.number, "empty", None),
        (Row.flag, "on", True),
        (Row.flag, "off", False),
        (Row.flag, "nothing", None),
        (Row.flag, "settings.backup.enabled", True),
        (Row.texts, "zones", ("a", "b")),
        (Row.texts, "name", ("orders",)),
        (Row.texts, "absent", ()),
        (Row.labels, "labels", {"service": "checkout", "cost": "3"}),
        (Row.when, "at", datetime(2026, 2, 3, 4, 5, 6, 123456, UTC)),
        (Row.when, "absent", None),
    ],
)
def test_a_field_is_read_by_its_path(read: Callable[[Row, str], object], path: str, wanted: object) -> None:
    assert read(Row(BODY), path) == wanted


@pytest.mark.parametrize(
    ("read", "path"),
    [
        (Row.text, "settings"),
        (Row.number, "name"),
        (Row.flag, "size"),
        (Row.texts, "labels"),
        (Row.labels, "zones"),
        (Row.row, "name"),
        (Row.rows, "zones"),
        (Row.when, "name"),
    ],
)
def test_a_field_of_another_type_is_named(read: Callable[[Row, str], object], path: str) -> None:
    with pytest.raises(OddFieldError, match=path):
        read(Row(BODY), path)


def test_what_is_known_after_apply_is_no_value() -> None:
    unknown = {"arn": True, "settings": [{"backup": [{"days": True}]}], "nodes": [{}, {"zone": True}]}
    row = Row(BODY, unknown)
    for path in ("arn", "settings.backup.days"):
        with pytest.raises(NotKnownYetError, match=path):
            row.value(path)
    assert row.maybe(row.number, "settings.backup.days") == Unread("settings.backup.days is known only after apply")
    assert row.flag("settings.backup.enabled") is True
    assert not row.known("name", "arn")
    first, second = row.rows("nodes")
    assert first.text("zone") == "a"
    assert not second.known("zone")
    assert not row.row("settings").known("backup.days")


def _store(row: Resource) -> list[Datastore]:
    nodes = len(row.rows("nodes"))
    days = row.maybe(row.number, "settings.backup.days")
    return [row.fact(Datastore, product="sql", kind=StoreKind.RELATIONAL, nodes=nodes, backup_days=days)]


def _resource(name: str, body: dict[str, Any], kind: str = "Sql/Instance") -> Resource:
    identity = Identity("made", "acme", "here", f"//{name}", name, "made_sql", NOW, {"service": "checkout"})
    return Resource(body, resource_type=kind, identity=identity)


def test_an_odd_resource_costs_no_other() -> None:
    kinds = {"sql/instance": Kind("sql/Instance", (Datastore,), _store, ("sql.list",))}
    odd, half = {"nodes": "two"}, {"settings": {"backup": {"days": "many"}}}
    rows = [_resource("good", BODY), _resource("odd", odd), _resource("half", half), _resource("other", {}, "Dns/Zone")]
    made = facts_of(rows, kinds)
    assert [(fact.name, getattr(fact, "nodes", None)) for fact in made.facts] == [("good", 2), ("half", 0)]
    assert [(gap.resource, gap.kinds, gap.action, gap.tags) for gap in made.gaps] == [
        ("//odd", (Datastore,), "sql.list", {"service": "checkout"}),
        ("//half", (), "sql.list", {"service": "checkout"}),
    ]
    assert "settings.backup.days is str, not a number" in made.gaps[1].reason
