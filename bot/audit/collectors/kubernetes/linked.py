"""An object together with the cluster that it is part of: what the kinds of this folder are read from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.audit.collectors.engine.kinds import Read
from bot.audit.collectors.engine.resource import Resource
from bot.audit.collectors.engine.row import OddFieldError
from bot.audit.collectors.kubernetes.objects import namespace_of
from bot.audit.collectors.kubernetes.pods import Owner
from bot.audit.collectors.kubernetes.view import ClusterView
from checks import Fact


@dataclass(frozen=True, slots=True)
class LinkedObject(Resource):
    """An object and its cluster."""

    view: ClusterView = field(kw_only=True)

    @property
    def namespace(self) -> str:
        """Its namespace; empty for an object of the whole cluster."""
        return namespace_of(self.resource_type, self)

    @property
    def owner(self) -> Owner:
        """How pods name it as their owner."""
        return self.namespace, self.resource_type, self.text("metadata.name")


def linked(read: Callable[[LinkedObject], Iterable[Fact]]) -> Read:
    """A reader of linked objects as a `Kind` takes it."""

    def read_resource(resource: Resource) -> Iterable[Fact]:
        if not isinstance(resource, LinkedObject):
            raise TypeError(f"{resource.resource_type} has no cluster")
        if not resource.identity.name:
            raise OddFieldError("metadata.name", resource.value("metadata.name"), "a name")
        return read(resource)

    return read_resource
