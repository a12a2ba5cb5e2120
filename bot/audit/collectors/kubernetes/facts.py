"""Makes the facts of a whole cluster, or of a set of manifests, and a gap for each object that could not be read."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from bot.audit.collectors.engine.kinds import Kinds, Made, facts_of, kinds_in
from bot.audit.collectors.kubernetes import kinds as package
from bot.audit.collectors.kubernetes.linked import LinkedObject
from bot.audit.collectors.kubernetes.objects import in_place
from bot.audit.collectors.kubernetes.pods import Owner, PodCount
from bot.audit.collectors.kubernetes.view import ClusterView
from bot.audit.collectors.kubernetes.zones import Node
from checks import ControlPlane, Gap, Maybe, Unread

_READ_ELSEWHERE = frozenset(
    {"CronJob", "DaemonSet", "Deployment", "Job", "Node", "Pod", "ReplicaSet", "Rollout", "StatefulSet"}
)


@cache
def kinds() -> Kinds:
    """The kinds of objects that facts are made of."""
    return kinds_in(package)


def facts_of_view(view: ClusterView) -> Made:
    """All facts of a cluster or of manifests."""
    made = facts_of(_linked(view), kinds())
    made.facts += _control_plane(view)
    made.gaps = [*told_once(made.gaps), *_other_controllers(view)]
    return made


def told_once(gaps: Iterable[Gap]) -> list[Gap]:
    """The same gaps, those of one unread field of many objects as one: a list that fails is missing in thousands of them."""
    alike: dict[str, list[Gap]] = defaultdict(list)
    others = []
    for gap in gaps:
        if gap.kinds:
            others.append(gap)
        else:
            alike[gap.reason].append(gap)
    return others + [
        found[0] if len(found) == 1 else replace(found[0], resource="", tags={}) for found in alike.values()
    ]


def _linked(view: ClusterView) -> Iterator[LinkedObject]:
    for kind in kinds().values():
        for row in view.rows(kind.resource_type):
            found = in_place(kind.resource_type, row.body, view.place)
            yield LinkedObject(row.body, resource_type=kind.resource_type, identity=found.identity, view=view)


def _control_plane(view: ClusterView) -> Iterator[ControlPlane]:
    """The control plane of a cluster. One whose nodes are not listed is run by the provider of the cluster."""
    if view.nodes is None or isinstance(view.nodes, Unread):
        return
    place, found = view.place, [node for node in view.nodes if node.control_plane]
    yield ControlPlane(
        resource=f"{place.account}/ControlPlane",
        name=place.account,
        provider="kubernetes",
        account=place.account,
        region=place.region,
        product="kubernetes",
        source=place.source,
        observed_at=place.now,
        host=place.host.provider,
        host_product=place.host.product,
        cluster=place.account,
        nodes=len(found) or None,
        votes=_votes(found),
    )


def _votes(nodes: Iterable[Node]) -> tuple[int, ...]:
    return tuple(sorted(Counter(node.zone for node in nodes if node.zone).values(), reverse=True))


def _other_controllers(view: ClusterView) -> Iterator[Gap]:
    """A gap for each kind of controller that runs pods and is not read, such as an operator of its own."""
    pods: Maybe[Mapping[Owner, PodCount]] | None = view.pods
    if pods is None or isinstance(pods, Unread):
        return
    others: Counter[str] = Counter()
    for (_, kind, _), count in pods.items():
        if kind not in _READ_ELSEWHERE:
            others[kind] += count.total
    place = view.place
    for kind, number in sorted(others.items()):
        reason = f"{number} pods are run by {kind}, a kind that is not read"
        yield Gap(place.source, "kubernetes", place.account, place.region, reason, ())
