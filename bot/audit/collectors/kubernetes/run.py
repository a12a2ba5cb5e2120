"""Reads clusters inside the child process: each list once, at most a few clusters at a time."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Any, Final

from bot.audit.collectors.engine.frames import Emit, emit_part
from bot.audit.collectors.engine.row import OddFieldError, Row
from bot.audit.collectors.kubernetes.calls import ALL, NAMESPACES, NODES, OBJECTS, PODS, Listed
from bot.audit.collectors.kubernetes.facts import facts_of_view
from bot.audit.collectors.kubernetes.hosts import UNKNOWN, host_of
from bot.audit.collectors.kubernetes.objects import Place, trimmed
from bot.audit.collectors.kubernetes.pods import PodPlace, count_pods, of_its_own, pod_place
from bot.audit.collectors.kubernetes.view import ClusterView
from bot.audit.collectors.kubernetes.zones import node, region_of
from bot.model import UnusableError
from bot.net.cloud_api import ApiLimits, CloudApi
from bot.net.http_client import HttpClient
from bot.net.kubernetes.lists import list_all
from bot.net.kubernetes.sign_in import IN_CLUSTER, Cluster, Kubeconfig, SignInError, read_kubeconfig, sign_in_here
from bot.net.read_error import ReadError
from checks import GLOBAL, Fact, Gap, Maybe, Unread

SOURCE: Final = "kubernetes"
_AT_ONCE: Final = 4  # clusters
_FIX: Final = "name contexts of the kubeconfig under accounts (clusters/CONTEXT), and check `kubectl get nodes`"


@dataclass(slots=True)
class _Run:
    request: Mapping[str, Any]
    emit: Emit
    now: datetime
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    done: int = 0
    total: int = 0
    calls: int = 0
    reached: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def progress(self, doing: str) -> None:
        """Tell how far the run is."""
        self.emit({"t": "progress", "done": self.done, "total": self.total, "doing": doing})


async def read_clusters(request: Mapping[str, Any], emit: Emit) -> None:
    """Read every cluster of a request: `contexts`, `kubeconfig`, `in_cluster`, `rate`, `timeout`, `only`.

    Raises:
        UnusableError: none of them can be read.
    """
    if find_spec("kubernetes_asyncio") is None:
        raise UnusableError("kubernetes-asyncio is not installed", "pip install 'backstay[kubernetes]'")
    run = _Run(request, emit, datetime.now(UTC))
    names, config = _names(request)
    run.total = len(names) * len(ALL)
    run.progress("signing in")
    await asyncio.gather(*(_read_guarded(run, name, config) for name in names))
    if names and not run.reached:
        raise UnusableError(f"no cluster can be read: {run.problems[0]}", _FIX)
    emit({"t": "end", "calls": run.calls, "accounts": sorted(run.reached)})


def _names(request: Mapping[str, Any]) -> tuple[list[str], Kubeconfig | None]:
    """The clusters to read: the contexts that are named, or the current one; and the cluster that this runs in."""
    named, here = list(request["contexts"]), bool(request["in_cluster"])
    config = None
    if named or not here:
        try:
            config = read_kubeconfig(request["kubeconfig"])
        except SignInError as error:
            raise UnusableError(str(error), _FIX) from None
        if not named and not config.current:
            raise UnusableError("the kubeconfig has no current context, and the settings name none", _FIX)
        named = named or [config.current]
    only = request["only"]
    names = dict.fromkeys((*named, *([IN_CLUSTER] if here else ())))
    accounts = None if only is None else {account for source, account, _ in only if source == SOURCE}
    return [name for name in names if accounts is None or name in accounts], config


async def _read_guarded(run: _Run, name: str, config: Kubeconfig | None) -> None:
    """Read one cluster; one that cannot be signed in to or reached becomes a gap of all its facts."""
    async with run.gate:
        try:
            cluster = await (sign_in_here() if config is None or name == IN_CLUSTER else config.sign_in(name))
            async with HttpClient(trust=cluster.trust) as http:
                await _read(run, cluster, _api(run.request, http, cluster))
        except SignInError as error:
            _lost(run, name, str(error), "")
        except ReadError as error:
            _lost(run, name, error.reason, error.action)
        run.done += len(ALL)
        run.progress(f"reading {name}")


def _api(request: Mapping[str, Any], http: HttpClient, cluster: Cluster) -> CloudApi:
    rate = float(request["rate"])
    limits = ApiLimits(rate=rate, burst=2 * rate, timeout=timedelta(seconds=float(request["timeout"])))
    return CloudApi(http, cluster.authorize, limits, private=True)


def _lost(run: _Run, name: str, reason: str, action: str) -> None:
    run.problems.append(f"{name}: {reason}")
    kinds: dict[type[Fact], None] = {fact: None for listed in ALL for fact in listed.facts}
    emit_part(run.emit, None, (), [Gap(SOURCE, "kubernetes", name, "", reason, tuple(kinds), action, host=None)])


async def _read(run: _Run, cluster: Cluster, api: CloudApi) -> None:
    """Read one cluster. The nodes are listed first: where that is not refused but fails, nothing else is tried."""
    lists = _Lists(api, cluster)
    try:
        nodes = await lists.all(NODES, node, fatal=True)
        namespaces = await lists.all(NAMESPACES, _labels_of_namespace)
        found, pods = await asyncio.gather(
            asyncio.gather(*(lists.all(listed, trimmed) for listed in OBJECTS)), lists.all(PODS, _pod)
        )
    finally:
        run.calls += api.calls.total()
    run.reached.append(cluster.name)
    region = GLOBAL if isinstance(nodes, Unread) else region_of(nodes)
    host = UNKNOWN if isinstance(nodes, Unread) else host_of(found_node.host for found_node in nodes)
    labels = {} if isinstance(namespaces, Unread) else dict(namespaces)
    place = Place(cluster.name, region, SOURCE, run.now, labels, host, live=True)
    objects: dict[str, Maybe[Sequence[Mapping[str, Any]]]] = {
        listed.call.kind: items for listed, items in zip(OBJECTS, found, strict=True)
    }
    objects["Pod"] = pods if isinstance(pods, Unread) else [body for _, body in pods if body is not None]
    counts = pods if isinstance(pods, Unread) else count_pods(place for place, _ in pods)
    made = facts_of_view(ClusterView(place, objects, nodes, counts))
    emit_part(run.emit, (SOURCE, cluster.name, region), made.facts, [*made.gaps, *lists.gaps(place)])


@dataclass(slots=True)
class _Lists:
    """The lists of one cluster; one that cannot be read becomes a gap, and an `Unread` wherever it is needed."""

    api: CloudApi
    cluster: Cluster
    failed: list[tuple[Listed, ReadError]] = field(default_factory=list)

    async def all(self, listed: Listed, keep: Any, *, fatal: bool = False) -> Any:
        """All objects of a list as `keep` makes them; `fatal`: a failure other than a refusal is that of the whole cluster."""
        try:
            return await list_all(self.api, self.cluster.url, listed.call, keep)
        except ReadError as error:
            if error.fatal or (fatal and error.code == "Unreachable"):
                raise
            self.failed.append((listed, error))
            return Unread(error.reason)

    def gaps(self, place: Place) -> list[Gap]:
        """A gap for each list that failed. Without the nodes, it is not known in which region anything runs."""
        blind = any(listed is NODES for listed, _ in self.failed)
        where = (place.account, "" if blind else place.region)
        host = None if blind else place.host.provider
        return [
            Gap(SOURCE, "kubernetes", *where, error.reason, listed.facts, listed.call.action, host=host)
            for listed, error in self.failed
        ]


def _labels_of_namespace(item: Mapping[str, Any]) -> tuple[str, Mapping[str, str]] | None:
    row = Row(item)
    try:
        return row.text("metadata.name"), row.labels("metadata.labels")
    except OddFieldError:
        return None


def _pod(item: Mapping[str, Any]) -> tuple[PodPlace, dict[str, Any] | None] | None:
    """Where a pod runs; its whole description only where nothing else describes it."""
    try:
        place = pod_place(item)
        return None if place is None else (place, trimmed(item) if of_its_own(item) else None)
    except OddFieldError:
        return None
