"""The resources of a plan or state as entries: address, type, values, and which values are known only after apply."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_INDEX = re.compile(r"\[(?:\"(?:[^\"\\]|\\.)*\"|[^\]\"]*)\]")
_MODULE = re.compile(r"module\.[^.\[]+(?:\[(?:\"(?:[^\"\\]|\\.)*\"|[^\]\"]*)\])?")


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """One resource at one moment. `module`: its module instance (`module.db["a"]`), empty for the root module.

    `unknown`: the same nesting as `values`, with True in place of each value that is known only after apply. `data`: a data
    source, which is looked up in and makes no facts. `moved_from`: its address before, where that was another one.
    """

    address: str
    module: str
    type: str
    name: str
    index: str | int | None
    provider: str
    values: Mapping[str, Any]
    unknown: Any = None
    data: bool = False
    moved_from: str = ""

    @property
    def block(self) -> str:
        """The block that declares it, within its module: `aws_instance.web`."""
        return f"{'data.' if self.data else ''}{self.type}.{self.name}"

    @property
    def declared_in(self) -> tuple[str, ...]:
        """The names of the module calls that lead to its block."""
        return module_names(self.module)


def module_names(module: str) -> tuple[str, ...]:
    """The names of module calls in a module instance: `module.a["x"].module.b` -> a, b."""
    if not module:
        return ()
    return tuple(_INDEX.sub("", step).removeprefix("module.") for step in _MODULE.findall(module))


def module_of(address: str) -> str:
    """The module instance of a resource's address, empty for the root module."""
    end = 0
    while (found := _MODULE.match(address, end)) is not None and address[found.end() : found.end() + 1] == ".":
        end = found.end() + 1
    return address[: max(end - 1, 0)]


def entries_of_values(values: Mapping[str, Any]) -> Iterator[PlanEntry]:
    """The resources of `values`, `planned_values` or a prior state, with those of all child modules."""
    waiting = [values.get("root_module")]
    while waiting:
        module = waiting.pop()
        if not isinstance(module, Mapping):
            continue
        waiting += _objects(module.get("child_modules"))
        for row in _objects(module.get("resources")):
            if not row.get("deposed_key"):
                yield _entry(row, row.get("values"), None)


def entries_of_changes(rows: Any, side: str) -> Iterator[PlanEntry]:
    """The resources of `resource_changes` as they are `before` or `after`. Deposed objects are left out: they are being deleted."""
    for row in _objects(rows):
        change = row.get("change")
        if row.get("deposed") or not isinstance(change, Mapping):
            continue
        forgotten = change.get("actions") == ["forget"]  # a `removed` block: Terraform lets go of it, and it stays
        values = change.get("before" if forgotten else side)
        if isinstance(values, Mapping):
            yield _entry(row, values, change.get("after_unknown") if side == "after" else None)


def addresses_of_changes(rows: Any) -> frozenset[str]:
    """The addresses in `resource_changes`, those before a move included."""
    return frozenset(str(row.get(name)) for row in _objects(rows) for name in ("address", "previous_address"))


def _entry(row: Mapping[str, Any], values: Any, unknown: Any) -> PlanEntry:
    address = str(row.get("address", ""))
    return PlanEntry(
        address=address,
        module=str(row.get("module_address") or module_of(address)),
        type=str(row.get("type", "")),
        name=str(row.get("name", "")),
        index=row.get("index"),
        provider=str(row.get("provider_name", "")).rpartition("/")[2],
        values=values if isinstance(values, Mapping) else {},
        unknown=unknown,
        data=row.get("mode") == "data",
        moved_from=str(row.get("previous_address") or ""),
    )


def _objects(rows: Any) -> list[Mapping[str, Any]]:
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
