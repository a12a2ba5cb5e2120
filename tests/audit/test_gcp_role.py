"""The role that reading Google Cloud needs: what is called, and nothing else."""

from pathlib import Path

import pytest
import yaml
from support.fakes.google_cloud import FakeGoogle, google_cloud, service_account
from support.samples.google_estate import ESTATE

from bot.audit.collectors.gcp.collector import GcpSettings
from bot.audit.collectors.gcp.role import role, role_text
from bot.audit.collectors.gcp.run import read_parents
from bot.detection.feeds.google_service_health_api import LIST_EVENTS

ROLE = Path(__file__).parents[2] / "manifest" / "gcp-role.yaml"
GRANTS = {
    r"/v1/projects/shop-prod/assets": "cloudasset.assets.listResource",
    r"/v3/projects/shop-prod/alertPolicies": "monitoring.alertPolicies.list",
    r"/v3/projects/shop-prod/notificationChannels": "monitoring.notificationChannels.list",
    r"/v3/projects/shop-prod/uptimeCheckConfigs": "monitoring.uptimeCheckConfigs.list",
    r"/v1/projects/shop-prod/instances/-/backupRuns": "cloudsql.backupRuns.list",
    r"/compute/v1/projects/shop-prod/regions": "compute.regions.list",
    r"/compute/v1/projects/shop-prod": "compute.projects.get",
    r"/dns/v1/projects/shop-prod/managedZones/7/rrsets": "dns.resourceRecordSets.list",
    r"/v1/projects/shop-prod/databases/docs/backupSchedules": "datastore.backupSchedules.list",
    r"/v1/projects/shop-prod/instances/ledger/databases/main/backupSchedules": "spanner.backupSchedules.list",
}
"""Path of a call -> the permission that the API's reference names for it."""


def test_the_file_is_what_the_code_says() -> None:
    assert ROLE.read_text() == role_text()
    assert yaml.safe_load(ROLE.read_text()) == role()


async def test_no_call_lies_outside_the_role(tmp_path: Path) -> None:
    fake = FakeGoogle({"projects/shop-prod": ESTATE})
    async with google_cloud(fake) as url:
        file = service_account(tmp_path / "account.json", url)
        settings = GcpSettings(parents=("projects/shop-prod",), credentials_file=file, api_url=url, private=True)
        await read_parents(settings.model_dump(mode="json") | {"only": None}, lambda _: None)
    made = set(fake.calls) - {"/token"}
    assert made == set(GRANTS)
    assert {GRANTS[path] for path in made} | {LIST_EVENTS} == set(role()["includedPermissions"])


@pytest.mark.parametrize("permission", role()["includedPermissions"])
def test_the_role_can_only_list(permission: str) -> None:
    assert permission.rpartition(".")[2] in {"list", "listResource", "get"}
