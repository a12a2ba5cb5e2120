"""All resources of a plan or state at one moment, and the links between them: by value, or by what the configuration refers to."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from bot.audit.collectors.terraform.configuration import BlockReference, Configuration
from bot.audit.collectors.terraform.entries import PlanEntry, module_names

T = TypeVar("T")
_NAMES: Final = (
    *("arn", "id", "self_link", "name", "bucket", "identifier", "cluster_identifier", "replication_group_id"),
    *(
        "function_name",
        "dns_name",
        "domain_name",
        "cluster_id",
        "key_id",
        "key_arn",
        "url",
        "global_cluster_identifier",
    ),
    *(
        "arn_suffix",
        "fqdn",
        "public_ip",
        "private_ip",
        "ip_address",
        "address",
        "instance_group",
        "zone_id",
        "broker_name",
        "api_id",
        "namespace_name",
        "replication_instance_arn",
    ),
)
"""Attributes by which another resource can name this one."""
_MAKES_VALUES: Final = ("random_", "time_", "null_", "local_", "tls_", "terraform_data")
"""Beginnings of types that make values for others: a name that is made of one does not tell which resource it names."""
_ARN: Final = re.compile(r"arn:aws[^\"\\\s]*")


@dataclass(frozen=True, slots=True)
class Links:
    """The resources that a field names. `others`: texts that no resource of the plan has, which are outside of it.

    `complete`: False where the field is known only after apply and its expression does not tell all of them.
    """

    found: tuple[PlanEntry, ...] = ()
    others: tuple[str, ...] = ()
    complete: bool = True


@dataclass(slots=True)
class View:
    """The resources of one moment, by address.

    A field of a resource that exists names others by value. One that does not exist yet names them by address, through the
    configuration.
    """

    entries: Mapping[str, PlanEntry]
    configuration: Configuration = field(default_factory=Configuration)
    _by_name: dict[str, list[PlanEntry]] | None = None
    _by_type: dict[str, list[PlanEntry]] | None = None
    _by_block: dict[tuple[tuple[str, ...], str], list[PlanEntry]] | None = None
    _made: dict[str, Any] = field(default_factory=dict)
    _joined: dict[tuple[str, str], tuple[dict[str, list[PlanEntry]], list[PlanEntry]]] = field(default_factory=dict)

    def of_type(self, *types: str) -> Iterator[PlanEntry]:
        """The managed resources of these types."""
        if self._by_type is None:
            self._by_type = defaultdict(list)
            for entry in self.entries.values():
                if not entry.data:
                    self._by_type[entry.type].append(entry)
        for name in types:
            yield from self._by_type.get(name, ())

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made once for this moment: for counts over all resources."""
        if name not in self._made:
            self._made[name] = make()
        found: T = self._made[name]
        return found

    def links(self, entry: PlanEntry, path: str, types: Sequence[str] = ()) -> Links:
        """The resources of these types (none: of any) that the field at a path of a resource names."""
        values, unknown = _texts_at(entry.values, entry.unknown, path.split("."))
        found: dict[str, PlanEntry] = {}
        others = []
        for text in values:
            named = [other for other in self._named(text) if _is_of(other, types) and other.address != entry.address]
            found |= {other.address: other for other in named}
            if not named:
                others.append(text)
        complete = True
        if unknown:
            referred = self.referred(entry, path, types)
            found |= {other.address: other for other in referred}
            complete = bool(referred) or self.configuration.depends_on_no_resource(entry, path)
        return Links(tuple(found.values()), tuple(others), complete)

    def referred(self, entry: PlanEntry, path: str, types: Sequence[str] = ()) -> list[PlanEntry]:
        """The resources that the expression at a path refers to."""
        return [
            other
            for reference in self.configuration.references(entry, path)
            for other in self._instances(entry, reference)
            if _is_of(other, types) and other.address != entry.address and not other.type.startswith(_MAKES_VALUES)
        ]

    def joined(self, target: PlanEntry, kind: str, path: str) -> tuple[list[PlanEntry], list[PlanEntry]]:
        """The resources of a type whose field at `path` names the target, and those of which this is not known."""
        if (kind, path) not in self._joined:
            by_target: dict[str, list[PlanEntry]] = defaultdict(list)
            doubtful = []
            for other in self.of_type(kind):
                links = self.links(other, path)
                for named in links.found:
                    by_target[named.address].append(other)
                if not links.complete:
                    doubtful.append(other)
            self._joined[kind, path] = by_target, doubtful
        by_target, doubtful = self._joined[kind, path]
        return by_target.get(target.address, []), [other for other in doubtful if other.address != target.address]

    def _named(self, text: str) -> Iterable[PlanEntry]:
        if self._by_name is None:
            self._by_name = defaultdict(list)
            for entry in self.entries.values():
                names = {value for name in _NAMES if isinstance(value := entry.values.get(name), str) and value}
                for name in names:
                    self._by_name[name].append(entry)
        exact = self._by_name.get(text)
        if exact or "/" not in text or text.startswith(("arn:", "http")):
            return exact or ()
        return self._by_name.get(text.rpartition("/")[2], ())  # `table/orders`, `projects/shop/topics/orders`

    def _instances(self, entry: PlanEntry, reference: BlockReference) -> list[PlanEntry]:
        """The instances of a block that a resource refers to: those of its own module instance, and of its own index."""
        if self._by_block is None:
            self._by_block = defaultdict(list)
            for other in self.entries.values():
                self._by_block[other.declared_in, other.block].append(other)
        found = self._by_block.get((reference.modules, reference.block), [])
        near = [other for other in found if _beside(entry.module, other.module)]
        found = near or found
        if reference.instance:
            at = reference.instance[1:-1].strip('"')
            return [other for other in found if str(other.index) == at] or found
        same = [other for other in found if other.index is not None and other.index == entry.index]
        return same if len(same) == 1 and len(found) > 1 else found


def _beside(module: str, other: str) -> bool:
    """Whether two module instances lie on one path: `module.a["x"]` and `module.a["x"].module.b`."""
    shorter, longer = sorted((module, other), key=len)
    if module_names(shorter) != module_names(longer)[: len(module_names(shorter))]:
        return False
    return not shorter or longer == shorter or longer.startswith(f"{shorter}.")


def _is_of(entry: PlanEntry, types: Sequence[str]) -> bool:
    return not types or entry.type in types


def _texts_of(value: Any) -> list[str]:
    """A value as a text; of a JSON document, such as a redrive policy, the ARNs in it."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        return []
    text = str(value)
    return _ARN.findall(text) if text.startswith("{") else [text]


def _texts_at(value: Any, unknown: Any, steps: Sequence[str]) -> tuple[list[str], bool]:
    """All texts at a path, through every block of every list; and whether some are known only after apply.

    JSON has no other mapping than `dict`, whose test is quick; this runs for every link of every resource.
    """
    if unknown is True:
        return [], True
    if isinstance(value, list) or isinstance(unknown, list):
        rows = value if isinstance(value, list) else []
        hidden = unknown if isinstance(unknown, list) else []
        several = [
            _texts_at(rows[at] if at < len(rows) else None, hidden[at] if at < len(hidden) else None, steps)
            for at in range(max(len(rows), len(hidden)))
        ]
        return [text for texts, _ in several for text in texts], any(doubt for _, doubt in several)
    if not steps:
        waiting = unknown if isinstance(unknown, dict) else {}
        if isinstance(value, dict):
            return [text for inner in value.values() for text in _texts_of(inner)], any(waiting.values())
        return _texts_of(value), False
    inner = value.get(steps[0]) if isinstance(value, dict) else None
    hidden_inner = unknown.get(steps[0]) if isinstance(unknown, dict) else None
    return _texts_at(inner, hidden_inner, steps[1:])
