"""`backstay audit` of Azure subscriptions, through the real child process, against its APIs on loopback."""

import json
import subprocess
import sys
from asyncio import to_thread
from pathlib import Path
from typing import Any

from support.fakes.azure_cloud import TENANT, FakeAzure, azure_cloud, azure_resource
from support.harness.serving import ROOT, bare_environment

SHOP, OTHER = "22222222-2222-2222-2222-222222222222", "33333333-3333-3333-3333-333333333333"
YAML = """
accounts: [subscriptions/{shop}, subscriptions/{other}]
azure: {{tenant_id: {tenant}, client_id: reader, client_secret: "env:AZURE_READER", login_url: "{url}", api_url: "{url}",
  private: true}}
services:
  - name: shop
    tier: 1
    resources: {{tags: {{app: shop}}}}
"""
LEDGER = azure_resource(
    "Microsoft.DBforPostgreSQL/flexibleServers",
    "ledger",
    subscription=SHOP,
    tags={"app": "shop"},
    properties={
        "state": "Ready",
        "availabilityZone": "1",
        "highAvailability": {"mode": "Disabled", "state": "NotEnabled"},
        "backup": {"backupRetentionDays": 14, "geoRedundantBackup": "Disabled"},
    },
)


def _audit(folder: Path) -> subprocess.CompletedProcess[str]:
    env = bare_environment() | {"PYTHONPATH": str(ROOT), "AZURE_READER": "s3cret"}
    words = [sys.executable, "-m", "bot", "audit", "--format", "json", "--no-progress"]
    return subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - our own


async def test_a_subscription_is_judged_and_one_without_a_role_is_unread(tmp_path: Path) -> None:
    fake = FakeAzure([LEDGER], [SHOP], refused=[OTHER])
    async with azure_cloud(fake) as url:
        yaml = YAML.format(shop=SHOP, other=OTHER, tenant=TENANT, url=url)
        (tmp_path / "backstay.yaml").write_text(yaml)
        done = await to_thread(_audit, tmp_path)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    (shop,) = report["services"]
    verdicts = {
        finding["check"]: finding for finding in shop["findings"] if finding.get("resource") == LEDGER["id"].lower()
    }
    outcomes = {check: finding["outcome"] for check, finding in verdicts.items()}
    assert outcomes["BK01"] == "pass"
    assert (outcomes["AU01"], outcomes["ZN08"], outcomes["RG02"]) == ("fail", "fail", "fail"), outcomes
    assert any(OTHER in json.dumps(gap) and "cannot be seen" in json.dumps(gap) for gap in report["unread"])
    assert "s3cret" not in done.stdout + done.stderr
