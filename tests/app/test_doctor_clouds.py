"""`backstay doctor` names what answers of each cloud, and the permissions that it lacks."""

from pathlib import Path

import pytest
from support.fakes.kubernetes import FakeApiServer, api_server, kubeconfig
from support.harness.in_process import InProcess

from bot.app.cli.doctor_clouds import lines_about
from bot.audit.collectors.kubernetes.run import read_clusters
from bot.model import Collected
from checks import ComputeGroup, Gap


def gap(cloud: str, reason: str, action: str = "", account: str = "shop") -> Gap:
    return Gap(cloud, cloud, account, "", reason, (ComputeGroup,), action)


@pytest.mark.parametrize(
    ("cloud", "gaps", "said"),
    [
        ("gcp", [], [("ok", "Google Cloud", "project shop: 0 facts (3 calls)")]),
        (
            "gcp",
            [gap("gcp", "no API of Google Cloud lists failover tests")],
            [
                ("ok", "Google Cloud", "project shop: 0 facts (3 calls)"),
                ("warning", "Google Cloud not told", "no API of Google Cloud lists failover tests"),
            ],
        ),
        (
            "kubernetes",
            [gap("kubernetes", "the kubeconfig has no context prod")],
            [
                ("ok", "Kubernetes", "cluster shop: 0 facts (3 calls)"),
                ("problem", "Kubernetes not read", "the kubeconfig has no context prod"),
            ],
        ),
        (
            "gcp",
            [gap("gcp", "access denied to cloudasset.assets.listResource", "cloudasset.assets.listResource")],
            [
                ("ok", "Google Cloud", "project shop: 0 facts (3 calls)"),
                ("problem", "Google Cloud permissions", "cloudasset.assets.listResource: access denied"),
                ("problem", "Google Cloud permissions", "grant them: `backstay manifest gcp` prints the role"),
            ],
        ),
        (
            "azure",
            [
                gap(
                    "azure",
                    "Microsoft.ResourceGraph/resources/read failed: 500",
                    "Microsoft.ResourceGraph/resources/read",
                )
            ],
            [
                ("ok", "Azure", "subscription shop: 0 facts (3 calls)"),
                ("problem", "Azure not read", "Microsoft.ResourceGraph/resources/read: 500"),
            ],
        ),
        (
            "azure",
            [gap("azure", "access denied to */read", "*/read")],
            [
                ("ok", "Azure", "subscription shop: 0 facts (3 calls)"),
                ("problem", "Azure permissions", "*/read: access denied"),
                ("problem", "Azure permissions", "grant them: `backstay manifest azure` prints the role"),
            ],
        ),
    ],
)
def test_what_is_missing_is_named_by_cloud(cloud: str, gaps: list[Gap], said: list[tuple[str, str, str]]) -> None:
    lines = lines_about(cloud, Collected([], gaps, (), ("shop",), 3))
    assert [(line.state, line.about, line.detail) for line in lines] == said


async def test_a_cluster_that_refuses_a_list_is_told(tmp_path: Path) -> None:
    role = {"rules": [{"apiGroups": [""], "resources": ["nodes", "pods", "namespaces"], "verbs": ["list"]}]}
    async with api_server(FakeApiServer(role=role)) as url:
        config = kubeconfig(tmp_path / "kubeconfig", {"prod": url})
        asked = {"contexts": ["prod"], "kubeconfig": str(config), "in_cluster": False, "rate": 1000, "timeout": 5}
        found = await InProcess(read_clusters, asked).collect((), lambda _: None)
    told = [(line.state, line.about, line.detail) for line in lines_about("kubernetes", found)]
    assert told[0][:2] == ("ok", "Kubernetes")
    assert any("deployments" in detail and "access denied" in detail for _, _, detail in told), told
    grant = "grant them: `backstay manifest kubernetes` prints the ClusterRole"
    assert ("problem", "Kubernetes permissions", grant) in told
