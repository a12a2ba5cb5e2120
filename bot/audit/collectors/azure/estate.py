"""The resources that were read of Azure, and how one names others: by ARM id, as a child, or by a lock on its scope."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from bot.audit.collectors.engine.azure_regions import azure_region
from bot.audit.collectors.engine.resource import Identity, Resource
from bot.audit.collectors.engine.row import OddFieldError, Row
from checks import GLOBAL, Fact, Unread

F = TypeVar("F", bound=Fact)
SOURCE: Final = "azure"
_STACK: Final = "microsoft.resources/deploymentstacks"
_TOP: Final = (
    9  # steps of /subscriptions/S/resourcegroups/G/providers/NAMESPACE/TYPE/NAME, counted with the empty first one
)


def top_of(arm: str) -> str:
    """The id of the top-level resource that an id belongs to: of the load balancer, for one of its backend pools."""
    return "/".join(arm.split("/")[:_TOP])


def parent_of(arm: str) -> str:
    """The id of the resource that a child belongs to: an id without its last type and name."""
    return arm.rsplit("/", 2)[0]


def texts_at(row: Row, path: str) -> tuple[str, ...]:
    """The texts of a field; `[]` steps through a list of objects: `properties.subnets[].id`.

    Raises:
        OddFieldError: a step has another form.
    """
    outer, steps, rest = path.partition("[].")
    if not steps:
        return row.texts(path)
    return tuple(text for inner in row.rows(outer) for text in texts_at(inner, rest))


@dataclass(slots=True)
class ResourceIndex:
    """All resources of a run, by id and type.

    `details`: what calls beyond Resource Graph gave, by the id that was read. `locks`: scopes with a management lock, by
    subscription. `lost`: why a table of Resource Graph could not be read completely, by table.
    """

    by_id: dict[str, "AzureResource"] = field(default_factory=dict)
    by_type: dict[str, list["AzureResource"]] = field(default_factory=lambda: defaultdict(list))
    details: dict[str, Row | Unread] = field(default_factory=dict)
    locks: dict[str, frozenset[str] | Unread] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    _links: dict[tuple[str, str], dict[str, list["AzureResource"]]] = field(default_factory=dict)
    _children: dict[str, list["AzureResource"]] | None = None
    _stack_of: dict[str, str] | None = None

    def add(self, resource: "AzureResource") -> None:
        """Add one; a resource that was listed twice counts once."""
        if resource.arm not in self.by_id:
            self.by_id[resource.arm] = resource
            self.by_type[resource.resource_type].append(resource)

    def naming(self, arm: str, resource_type: str, path: str) -> Sequence["AzureResource"]:
        """The resources of a type with a field that names this one, or a part of it."""
        found = self._links.get((resource_type, path))
        if found is None:
            found = self._links[resource_type, path] = defaultdict(list)
            for resource in self.by_type.get(resource_type, ()):
                for target in dict.fromkeys(_targets(resource, path)):
                    found[target].append(resource)
        return found.get(arm, ())

    def in_group(self, resource_type: str, subscription: str, group: str) -> Sequence["AzureResource"]:
        """The resources of a type in a resource group."""
        return [
            resource
            for resource in self.by_type.get(resource_type, ())
            if (resource.identity.group, resource.identity.account) == (group, subscription)
        ]

    def children(self, arm: str) -> Sequence["AzureResource"]:
        """The resources whose id is this one's with one more type and name."""
        if self._children is None:
            self._children = defaultdict(list)
            for resource in self.by_id.values():
                self._children[parent_of(resource.arm)].append(resource)
        return self._children.get(arm, ())

    def stack_of(self, arm: str) -> str:
        """The name of the deployment stack that manages a resource ("Deployment Stacks - Get"); empty where none does."""
        if self._stack_of is None:
            self._stack_of = {}
            for stack in self.by_type.get(_STACK, ()):
                try:
                    managed = texts_at(stack, "properties.resources[].id")
                except OddFieldError:
                    continue
                self._stack_of |= dict.fromkeys((arm.lower().rstrip("/") for arm in managed), stack.identity.name)
        return self._stack_of.get(arm, "")

    def locked(self, arm: str, subscription: str) -> bool | Unread:
        """Whether a management lock on a resource, its group or its subscription refuses that it is deleted."""
        scopes = self.locks.get(subscription, Unread("management locks of this subscription were not read"))
        if isinstance(scopes, Unread):
            return scopes
        steps = arm.split("/")
        return any("/".join(steps[:length]) in scopes for length in range(3, len(steps) + 1))


def _targets(resource: "AzureResource", path: str) -> Iterator[str]:
    """The ids that a field names, and the top-level resources of these. A field of an odd form names nothing."""
    try:
        named = texts_at(resource, path)
    except OddFieldError:
        return
    for text in named:
        arm = text.lower().rstrip("/")
        yield arm
        yield top_of(arm)


@dataclass(frozen=True, slots=True)
class AzureResource(Resource):
    """One resource. Its identity is its ARM id in lower case, as Azure compares ids without case."""

    estate: ResourceIndex = field(kw_only=True, compare=False, repr=False)

    @property
    def arm(self) -> str:
        """The ARM id in lower case."""
        return self.identity.resource

    def fact(self, kind: type[F], /, *, product: str, **more: Any) -> F:
        """A fact of this resource, in the deployment stack that manages it."""
        return Resource.fact(self, kind, product=product, **{"stack": self.estate.stack_of(self.arm), **more})

    @property
    def region(self) -> str:
        """The region, or `global`."""
        return self.identity.region

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones that it names: `1`, `2`, `3`."""
        return tuple(sorted(self.texts("zones")))

    @property
    def locked(self) -> bool | Unread:
        """Whether a management lock refuses that it is deleted."""
        return self.estate.locked(self.arm, self.identity.account)

    @property
    def top(self) -> "AzureResource | None":
        """The top-level resource that this one is a part of, if it was read."""
        return self.estate.by_id.get(top_of(self.arm))

    def ids(self, path: str) -> tuple[str, ...]:
        """The ids that a field names, in lower case, each once."""
        return tuple(dict.fromkeys(text.lower().rstrip("/") for text in texts_at(self, path) if text))

    def linked(self, path: str, *types: str) -> Sequence["AzureResource"]:
        """The resources that a field names, as far as they were read; of these types alone where some are given."""
        found = (self.estate.by_id.get(arm) or self.estate.by_id.get(top_of(arm)) for arm in self.ids(path))
        return [other for other in found if other and (not types or other.resource_type in types)]

    def naming_this(self, resource_type: str, path: str) -> Sequence["AzureResource"]:
        """The resources of a type whose field names this one, or a part of it."""
        return self.estate.naming(self.arm, resource_type, path)

    def children(self, resource_type: str = "") -> Sequence["AzureResource"]:
        """The resources that are parts of this one, of a type where one is given."""
        return [c for c in self.estate.children(self.arm) if not resource_type or c.resource_type == resource_type]

    def detail(self, suffix: str) -> Row | Unread:
        """What the call for a part of this resource (`blobServices/default`) answered."""
        return self.estate.details.get(f"{self.arm}/{suffix}".lower(), Unread(f"{suffix} is not in Resource Graph"))

    def told(self, path: str) -> bool:
        """Whether the answer has this field."""
        return self.value(path) is not None

    def missing(self, path: str) -> Unread:
        """Why a field that the answer lacks is unread."""
        return Unread(f"the answer has no {path}")


def resource_of(body: Mapping[str, Any], estate: ResourceIndex, subscription: str = "") -> AzureResource:
    """The resource of a row. `subscription`: of a row whose id has none.

    Raises:
        OddFieldError: its identity has another form.
    """
    row = Row(body)
    arm, kind = row.text("id").lower().rstrip("/"), row.text("type").lower()
    if not arm or not kind:
        raise OddFieldError("id" if not arm else "type", body.get("id" if not arm else "type"), "a text")
    identity = Identity(
        provider="azure",
        account=subscription_of(arm) or row.text("subscriptionId").lower() or subscription,
        region=azure_region(row.text("location")) or GLOBAL,
        resource=arm,
        name=row.text("name") or arm.rpartition("/")[2],
        source=SOURCE,
        observed_at=datetime.now(UTC),
        tags=row.labels("tags"),
        group=_after(arm, "resourcegroups"),
    )
    return AzureResource(body, resource_type=kind, identity=identity, estate=estate)


def subscription_of(arm: str) -> str:
    """The subscription of an id; empty where it has none."""
    return _after(arm.lower(), "subscriptions")


def _after(arm: str, step: str) -> str:
    """The name after a step of an id; empty where it has no such step."""
    steps = arm.split("/")
    return steps[steps.index(step) + 1] if step in steps[:-1] else ""


def placed(resource: AzureResource, region: str) -> AzureResource:
    """The same resource in another region, for a part that has no location of its own."""
    return replace(resource, identity=replace(resource.identity, region=region))


def regions_of(resources: Iterable[AzureResource], without: str = "") -> tuple[str, ...]:
    """The regions of resources, in order, without one of them."""
    return tuple(sorted({resource.region for resource in resources} - {without, "", GLOBAL}))
