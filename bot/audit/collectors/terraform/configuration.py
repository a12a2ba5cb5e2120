"""The configuration inside a plan: which resource an expression refers to, and what a provider block sets."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from bot.audit.collectors.terraform.entries import PlanEntry

_DEPTH: Final = 12
"""Module calls that a reference is followed through; Terraform refuses cycles, a damaged plan may hold one."""
_INSTANCE: Final = r"(?:\[(?:\"(?:[^\"\\]|\\.)*\"|[^\]\"]*)\])?"
_RESOURCE: Final = re.compile(rf"((?:data\.)?[a-z0-9]+_[A-Za-z0-9_-]+\.[\w-]+)({_INSTANCE})")
_OUTPUT: Final = re.compile(rf"module\.([\w-]+)({_INSTANCE})\.([\w-]+)")


class BlockReference(NamedTuple):
    """A block that an expression names. `modules`: the names of the module calls to it; `instance`: `[0]`, `["a"]` or empty."""

    modules: tuple[str, ...]
    block: str
    instance: str


@dataclass(slots=True)
class Configuration:
    """The `configuration` of a plan with the values of its variables. Empty for a state."""

    body: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    _providers: dict[tuple[tuple[str, ...], str], Mapping[str, Any] | None] = field(default_factory=dict)
    _blocks: dict[tuple[str, ...], dict[str, Mapping[str, Any]]] = field(default_factory=dict)

    def block_of(self, entry: PlanEntry) -> Mapping[str, Any] | None:
        """The block that declares a resource; None where the plan does not say."""
        modules = entry.declared_in
        if modules not in self._blocks:
            rows = self._module(modules).get("resources")
            listed = rows if isinstance(rows, list) else []
            self._blocks[modules] = {_block_name(row): row for row in listed if isinstance(row, Mapping)}
        return self._blocks[modules].get(entry.block)

    def expression(self, entry: PlanEntry, path: str) -> Any:
        """What the configuration writes at a path of a resource: an expression, or blocks; None where it sets nothing."""
        here: Any = (self.block_of(entry) or {}).get("expressions")
        for step in path.split("."):
            if isinstance(here, Mapping) and "references" in here:
                return here  # one expression makes the whole map or block
            if isinstance(here, Sequence) and not isinstance(here, str):
                here = next((block for block in here if isinstance(block, Mapping) and step in block), None)
            here = here.get(step) if isinstance(here, Mapping) else None
        return here

    def references(self, entry: PlanEntry, path: str) -> tuple[BlockReference, ...]:
        """The blocks that the expression at a path of a resource refers to, through variables and outputs of modules."""
        names = _names_in(self.expression(entry, path))
        return tuple(dict.fromkeys(self._resolved(names, entry.declared_in, _DEPTH)))

    def depends_on_no_resource(self, entry: PlanEntry, path: str) -> bool:
        """Whether everything in the expression at a path is known before apply, or the configuration sets nothing there.

        If the plan has no value nonetheless, the expression is null, and the provider takes its default.
        """
        if self.block_of(entry) is None:
            return False
        return self._plain(_names_in(self.expression(entry, path)), entry.declared_in, _DEPTH)

    def _plain(self, names: Sequence[str], modules: tuple[str, ...], depth: int) -> bool:
        for name in names:
            if name.startswith("var.") and modules and depth > 0:
                given = _inside(self._call(modules), "expressions").get(name.split(".")[1])
                if not self._plain(_names_in(given), modules[:-1], depth - 1):
                    return False
            elif not name.startswith(("var.", "each.", "count.", "path.", "terraform.")):
                return False
        return True

    def provider_setting(self, entry: PlanEntry, name: str) -> str:
        """What the provider block of a resource sets; empty where it sets nothing or the plan does not tell the value."""
        found = self._provider(entry)
        return self._text(_inside(found, "expressions").get(name), _modules_of_provider(found)) if found else ""

    def provider_block(self, entry: PlanEntry, block: str, name: str) -> str:
        """A setting in a nested block of the provider, such as `assume_role`'s `role_arn`."""
        inner = self._provider_block(entry, block)
        return self._text(inner.get(name), _modules_of_provider(self._provider(entry) or {}))

    def provider_constant(self, entry: PlanEntry, block: str, name: str) -> Any:
        """The value that a nested block of the provider sets, such as `default_tags`' `tags`; None where it is no constant."""
        expression = self._provider_block(entry, block).get(name)
        return expression.get("constant_value") if isinstance(expression, Mapping) else None

    def _provider_block(self, entry: PlanEntry, block: str) -> Mapping[str, Any]:
        found = self._provider(entry)
        blocks = _inside(found, "expressions").get(block)
        rows = blocks if isinstance(blocks, list) else [blocks]
        return next((row for row in rows if isinstance(row, Mapping)), {})

    def _provider(self, entry: PlanEntry) -> Mapping[str, Any] | None:
        """The provider block of a resource: its own key, else the nearest one of the same provider in a calling module."""
        key = str((self.block_of(entry) or {}).get("provider_config_key") or entry.provider)
        if (entry.declared_in, key) not in self._providers:
            self._providers[entry.declared_in, key] = self._nearest_provider(entry, key)
        return self._providers[entry.declared_in, key]

    def _nearest_provider(self, entry: PlanEntry, key: str) -> Mapping[str, Any] | None:
        providers = self.body.get("provider_config")
        providers = providers if isinstance(providers, Mapping) else {}
        found = providers.get(key)
        if isinstance(found, Mapping) and found.get("expressions"):
            return found
        local = key.rpartition(":")[2] or entry.provider
        modules = entry.declared_in
        for depth in range(len(modules), -1, -1):
            chain = modules[:depth]
            prefix = ".".join(f"module.{name}" for name in chain)
            candidates = (f"{prefix}:{local}", f"{'.'.join(chain)}:{local}") if chain else (local,)
            for candidate in candidates:
                row = providers.get(candidate)
                if isinstance(row, Mapping) and row.get("expressions"):
                    return row
        return found if isinstance(found, Mapping) else None

    def _text(self, expression: Any, modules: tuple[str, ...], depth: int = _DEPTH) -> str:
        """The text that an expression has before apply, through variables; empty where the plan has none."""
        if not isinstance(expression, Mapping):
            return ""
        constant = expression.get("constant_value")
        if isinstance(constant, list) and len(constant) == 1:
            constant = constant[0]
        if isinstance(constant, (str, int)) and not isinstance(constant, bool):
            return str(constant)
        variables = {name for name in _names_in(expression) if name.startswith("var.")}
        if len(variables) != 1 or depth <= 0:
            return ""
        name = variables.pop().split(".")[1]
        if not modules:
            return _scalar(_inside(self.variables, name).get("value", self._default((), name)))
        call = self._call(modules)
        given = _inside(call, "expressions").get(name)
        return self._text(given, modules[:-1], depth - 1) if given else _scalar(self._default(modules, name))

    def _default(self, modules: tuple[str, ...], name: str) -> Any:
        return _inside(self._module(modules), "variables", name).get("default")

    def _module(self, modules: tuple[str, ...]) -> Mapping[str, Any]:
        here = _inside(self.body, "root_module")
        for name in modules:
            here = _inside(here, "module_calls", name, "module")
        return here

    def _call(self, modules: tuple[str, ...]) -> Mapping[str, Any]:
        return _inside(self._module(modules[:-1]), "module_calls", modules[-1])

    def _resolved(self, names: Sequence[str], modules: tuple[str, ...], depth: int) -> Iterator[BlockReference]:
        if depth <= 0:
            return
        for name in names:
            if name.startswith("var."):
                given = _inside(self._call(modules), "expressions").get(name.split(".")[1]) if modules else None
                yield from self._resolved(_names_in(given), modules[:-1], depth - 1)
            elif (output := _OUTPUT.match(name)) is not None:
                inner = (*modules, output[1])
                made = _inside(self._module(inner), "outputs", output[3])
                yield from self._resolved(_names_in(made.get("expression")), inner, depth - 1)
            elif (found := _RESOURCE.match(name)) is not None:
                yield BlockReference(modules, found[1], found[2])


def _inside(here: Any, *steps: str) -> Mapping[str, Any]:
    """The object at some steps inside another one; an empty one where it is absent or of another type."""
    for step in steps:
        here = here.get(step) if isinstance(here, Mapping) else None
    return here if isinstance(here, Mapping) else {}


def _block_name(row: Mapping[str, Any]) -> str:
    return f"{'data.' if row.get('mode') == 'data' else ''}{row.get('type')}.{row.get('name')}"


def _names_in(expression: Any) -> tuple[str, ...]:
    """The references of an expression and of the blocks within it. Of one object only the longest, which has its index."""
    if isinstance(expression, Mapping):
        own = expression.get("references")
        if isinstance(own, list):
            names = [str(name) for name in own]
            return tuple(
                name
                for name in names
                if not any(other != name and other.startswith((f"{name}.", f"{name}[")) for other in names)
            )
        return tuple(name for inner in expression.values() for name in _names_in(inner))
    if isinstance(expression, list):
        return tuple(name for inner in expression for name in _names_in(inner))
    return ()


def _modules_of_provider(provider: Mapping[str, Any]) -> tuple[str, ...]:
    address = str(provider.get("module_address") or "")
    return tuple(part for part in address.split(".") if part != "module") if address else ()


def _scalar(value: Any) -> str:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
