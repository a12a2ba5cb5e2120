"""Reading clusters against an API server on loopback that pages, refuses, expires, throttles, breaks off and is not there."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.fakes.kubernetes import TOKEN, FakeApiServer, api_server, granted, kubeconfig
from support.harness.loopback import closed_port
from support.samples import kubernetes_objects as k8s

from bot.audit.collectors.kubernetes.calls import ALL
from bot.audit.collectors.kubernetes.cluster_role import cluster_role_text
from bot.audit.collectors.kubernetes.run import read_clusters
from bot.audit.facts_codec import unpack
from bot.model import UnusableError
from bot.net.kubernetes.lists import PAGE
from checks import (
    Certificate,
    ComputeGroup,
    DisruptionBudget,
    Fact,
    Gap,
    LoadBalancer,
    NotKnownError,
    Unread,
    Workload,
    known,
)

ROLE = Path(__file__).parents[2] / "manifest" / "kubernetes-clusterrole.yaml"
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
OBJECTS: dict[str, Any] = {
    k8s.NODES: [k8s.node(f"node-{zone[-1]}", zone) for zone in ZONES],
    k8s.NAMESPACES: [{"metadata": {"name": "shop", "labels": {"team": "payments"}}}],
    k8s.DEPLOYMENTS: [k8s.deployment()],
    k8s.PODS: [k8s.pod_of("web", number, f"node-{zone[-1]}") for number, zone in enumerate(ZONES)],
    k8s.BUDGETS: [k8s.budget(minAvailable=2)],
    k8s.SERVICES: [k8s.service()],
}


@pytest.fixture(scope="module", autouse=True)
def _library() -> None:
    """Import what takes seconds before the first test and not in it."""
    importlib.import_module("kubernetes_asyncio.config.kube_config")


class Run:
    """What a run has emitted."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.gaps: list[Gap] = []
        self.places: list[list[str]] = []
        self.end: Mapping[str, Any] = {}

    def emit(self, frame: dict[str, Any]) -> None:
        if frame["t"] == "part":
            facts, gaps, _ = unpack(frame)
            self.facts += facts
            self.gaps += gaps
            self.places += [frame["place"]] if frame["place"] else []
        elif frame["t"] == "end":
            self.end = frame

    def workload(self, name: str = "web") -> Workload:
        return next(fact for fact in self.facts if isinstance(fact, Workload) and fact.name == name)


async def read(config: str, *contexts: str, **request: Any) -> Run:
    run = Run()
    sound = {
        "kubeconfig": config,
        "contexts": contexts,
        "in_cluster": False,
        "rate": 10_000,
        "timeout": 1,
        "only": None,
    }
    await read_clusters(sound | request, run.emit)
    return run


async def read_from(server: FakeApiServer, path: Path) -> Run:
    async with api_server(server) as url:
        return await read(kubeconfig(path / "config", {"prod": url}))


async def test_a_cluster_is_read_with_one_call_for_each_list(tmp_path: Path) -> None:
    server = FakeApiServer(OBJECTS)
    run = await read_from(server, tmp_path)
    assert run.gaps == []
    assert run.places == [["kubernetes", "prod", "eu-west-1"]]
    assert (run.end["calls"], run.end["accounts"]) == (len(ALL), ["prod"])
    assert set(server.calls.values()) == {1}
    assert server.tokens == {f"Bearer {TOKEN}"}
    web = run.workload()
    assert (web.account, web.region, web.resource) == ("prod", "eu-west-1", "prod/shop/Deployment/web")
    assert (web.running, web.zones_in_use, web.budgets, web.replicas) == (3, ZONES, ("web",), 3)
    assert web.tags == {"team": "payments", "app": "web", "kubernetes.io/metadata.name": "shop"}


async def test_a_long_list_is_read_in_pages_and_names_as_metadata_alone(tmp_path: Path) -> None:
    pods = [k8s.pod_of("web", number, "node-a") for number in range(2 * PAGE + 1)]
    server = FakeApiServer(OBJECTS | {k8s.PODS: pods})
    run = await read_from(server, tmp_path)
    assert server.calls[k8s.PODS] == 3
    assert run.workload().running == 2 * PAGE + 1
    assert "as=PartialObjectMetadataList" in server.accepted[k8s.NAMESPACES]
    assert server.accepted[k8s.PODS] == "application/json"


@pytest.mark.parametrize(("expired", "calls", "whole"), [(1, 4, True), (2, 6, True), (3, 6, False)])
async def test_a_list_that_expires_is_begun_again_at_most_twice(
    tmp_path: Path, expired: int, calls: int, whole: bool
) -> None:
    pods = [k8s.pod_of("web", number, "node-a") for number in range(PAGE + 1)]
    server = FakeApiServer(OBJECTS | {k8s.PODS: pods}, late_faults={k8s.PODS: [410] * expired})
    run = await read_from(server, tmp_path)
    assert server.calls[k8s.PODS] == calls
    if whole:
        assert run.gaps == []
        assert run.workload().running == PAGE + 1
    else:
        assert "list pods expired 3 times before its last page" in {gap.reason for gap in run.gaps}
        assert isinstance(run.workload().running, Unread)


@pytest.mark.parametrize("faults", [[429, 429], [500], [0], [0, 500]], ids=["throttled", "500", "cut", "cut, then 500"])
async def test_what_a_retry_can_help_is_tried_again(tmp_path: Path, faults: list[int]) -> None:
    run = await read_from(FakeApiServer(OBJECTS, faults={k8s.BUDGETS: faults}), tmp_path)
    assert run.gaps == []
    assert run.workload().budgets == ("web",)


@pytest.mark.parametrize(
    ("path", "hidden", "action", "unread"),
    [
        (k8s.BUDGETS, (DisruptionBudget,), "list poddisruptionbudgets.policy", ("budgets",)),
        (k8s.PODS, (Workload, ComputeGroup), "list pods", ("running", "nodes_in_use", "zones_in_use")),
        (k8s.NODES, None, "list nodes", ("zones_in_use",)),
        (k8s.AUTOSCALERS, None, "list horizontalpodautoscalers.autoscaling", ("autoscaled",)),
        (k8s.SERVICES, (LoadBalancer,), "list services", ()),
        (k8s.CERTIFICATES, (Certificate,), "list certificates.cert-manager.io", ()),
        (k8s.NAMESPACES, (), "list namespaces", ()),
    ],
)
async def test_a_refusal_of_one_kind_costs_that_kind_alone(
    tmp_path: Path, path: str, hidden: tuple[type[Fact], ...] | None, action: str, unread: tuple[str, ...]
) -> None:
    run = await read_from(FakeApiServer(OBJECTS, faults={path: [403]}), tmp_path)
    refused = next(gap for gap in run.gaps if gap.action == action and not gap.resource)
    assert refused.reason == f"access denied to {action}"
    assert hidden is None or refused.kinds == hidden
    web = run.workload()
    for name in unread:
        with pytest.raises(NotKnownError, match="access denied to list"):
            known(getattr(web, name))
    assert {fact.account for fact in run.facts} == {"prod"}


async def test_other_credentials_make_the_whole_cluster_a_gap_or_nothing_readable(tmp_path: Path) -> None:
    server = FakeApiServer(OBJECTS)
    async with api_server(server) as url:
        wrong = kubeconfig(tmp_path / "config", {"prod": url}, {"token": "old"})
        with pytest.raises(
            UnusableError, match=r"no cluster can be read: prod: 127\.0\.0\.1 does not accept the credentials"
        ):
            await read(wrong)


async def test_a_cluster_out_of_reach_leaves_the_others_whole(tmp_path: Path) -> None:
    server = FakeApiServer(OBJECTS)
    async with api_server(server) as url:
        config = kubeconfig(tmp_path / "config", {"prod": url, "away": f"http://127.0.0.1:{closed_port()}"})
        run = await read(config, "prod", "away", "unknown")
    assert run.end["accounts"] == ["prod"]
    lost = {gap.account: gap for gap in run.gaps}
    assert lost.keys() == {"away", "unknown"}
    assert "no answer to list nodes" in lost["away"].reason
    assert Workload in lost["away"].kinds
    assert lost["unknown"].reason == "the kubeconfig has no context unknown"


async def test_nothing_to_read_is_told_with_a_fix(tmp_path: Path) -> None:
    with pytest.raises(UnusableError, match="there is no kubeconfig at") as told:
        await read(str(tmp_path / "config"))
    assert "kubectl get nodes" in told.value.fix
    with pytest.raises(UnusableError, match="no current context"):
        await read(kubeconfig(tmp_path / "config", {}))


async def test_only_the_clusters_that_are_asked_for_are_read(tmp_path: Path) -> None:
    server = FakeApiServer(OBJECTS)
    async with api_server(server) as url:
        config = kubeconfig(tmp_path / "config", {"prod": url, "test": url})
        run = await read(config, "prod", "test", only=[("kubernetes", "test", "eu-west-1")])
    assert run.end["accounts"] == ["test"]


@pytest.mark.parametrize(
    "body", [{"items": 7}, {"metadata": {"continue": "1"}, "items": []}], ids=["no list", "endless"]
)
async def test_an_odd_list_is_a_gap(tmp_path: Path, body: dict[str, Any]) -> None:
    class Odd(FakeApiServer):
        def _page(self, request: Any) -> dict[str, Any]:
            return body if request.path == k8s.BUDGETS else super()._page(request)

    run = await read_from(Odd(OBJECTS), tmp_path)
    assert [gap.kinds for gap in run.gaps if gap.kinds] == [(DisruptionBudget,)]


async def test_the_role_grants_every_call_and_no_other(tmp_path: Path) -> None:
    text = ROLE.read_text(encoding="utf-8")
    assert text == cluster_role_text()
    role = yaml.safe_load(text)
    installed = frozenset(listed.call.path for listed in ALL)
    server = FakeApiServer(OBJECTS, role=role, installed=installed)
    run = await read_from(server, tmp_path)
    assert run.gaps == []
    assert set(server.calls) == installed
    assert all(granted(role, path) for path in server.calls)
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"list"}
    assert "secrets" not in {plural for rule in role["rules"] for plural in rule["resources"]}
    lists = sum(len(rule["resources"]) for rule in role["rules"])
    assert lists == len(ALL), "the role grants more than is called"
