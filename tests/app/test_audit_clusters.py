"""`backstay audit` of the clusters that `accounts:` lists, beside an AWS that accepts no credentials."""

import json
import subprocess
import sys
from asyncio import to_thread
from pathlib import Path
from typing import Any

from support.fakes.kubernetes import FakeApiServer, api_server, kubeconfig
from support.harness.loopback import closed_port
from support.harness.serving import ROOT, bare_environment

YAML = """
accounts: [clusters/prod, "123456789012"]
kubernetes: {{kubeconfig: {config}}}
services:
  - name: shop
    tier: 1
    resources: {{tags: {{app: shop}}}}
"""
DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "shop", "namespace": "web", "labels": {"app": "shop"}, "uid": "1"},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "shop"}},
        "template": {
            "metadata": {"labels": {"app": "shop"}},
            "spec": {"containers": [{"name": "a", "image": "shop:1"}]},
        },
    },
    "status": {"replicas": 1, "readyReplicas": 1},
}


def _audit(folder: Path) -> subprocess.CompletedProcess[str]:
    env = bare_environment() | {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{closed_port()}",
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": str(ROOT),
    }
    words = [sys.executable, "-m", "bot", "audit", "--format", "json", "--no-progress"]
    return subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - our own


async def test_a_cluster_is_judged_and_the_other_cloud_is_unread(tmp_path: Path) -> None:
    async with api_server(FakeApiServer({"/apis/apps/v1/deployments": [DEPLOYMENT]})) as url:
        config = kubeconfig(tmp_path / "kubeconfig", {"prod": url})
        (tmp_path / "backstay.yaml").write_text(YAML.format(config=config))
        done = await to_thread(_audit, tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    (shop,) = report["services"]
    failed = {finding["check"] for finding in shop["findings"] if finding["outcome"] == "fail"}
    assert any(check.startswith("WL") for check in failed), failed
    assert "aws" in json.dumps(report["unread"])
