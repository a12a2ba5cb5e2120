"""A what-if of a cloud's region or zone, from its own API on loopback to the card that `backstay whatif` prints."""

from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from support.fakes.google_cloud import FakeGoogle, google_cloud, service_account
from support.harness.in_process import InProcess
from support.harness.ledgers import ledger_at

from bot.app.settings import load
from bot.audit.collectors.clouds import Clouds
from bot.audit.collectors.gcp.collector import GcpSettings
from bot.audit.collectors.gcp.run import read_parents
from bot.audit.service import AuditService
from bot.cards.messages.whatif import whatif_card
from bot.cards.render import text
from bot.chat.scope_answers import simulated_loss
from bot.model import Collector, utc_now

PROJECT = {
    "name": "//cloudresourcemanager.googleapis.com/projects/42",
    "assetType": "cloudresourcemanager.googleapis.com/Project",
    "resource": {"data": {"projectNumber": "42", "projectId": "shop-prod"}},
}
YAML = """
accounts: [projects/shop-prod]
gcp: {{credentials_file: {account}, api_url: "{google}", private: true}}
services:
  - name: shop
    resources: {{tags: {{app: shop}}, accounts: [projects/shop-prod], regions: [europe-west4]}}
"""


def cloud_sql(name: str, region: str, zone: str) -> dict[str, Any]:
    """A Cloud SQL instance as Cloud Asset Inventory gives it (sqladmin v1 `DatabaseInstance`)."""
    data = {
        "name": name,
        "databaseVersion": "POSTGRES_16",
        "region": region,
        "gceZone": zone,
        "state": "RUNNABLE",
        "instanceType": "CLOUD_SQL_INSTANCE",
        "settings": {"availabilityType": "ZONAL", "userLabels": {"app": "shop"}},
    }
    return {
        "name": f"//cloudsql.googleapis.com/projects/shop-prod/instances/{name}",
        "assetType": "sqladmin.googleapis.com/Instance",
        "resource": {"location": region, "data": data},
        "ancestors": ["projects/42"],
    }


@pytest.fixture(scope="module", autouse=True)
def _library() -> None:
    """Import what takes long before the first test and not in it."""
    import_module("google.oauth2.service_account")


@pytest.mark.parametrize(
    ("typed", "scope"),
    [
        ("gcp/europe-west4", "gcp/europe-west4"),
        ("europe-west4", "gcp/europe-west4"),
        ("gcp/europe-west4/europe-west4-a", "gcp/europe-west4/europe-west4-a"),
        ("Google Cloud", "gcp"),
    ],
)
async def test_a_scope_of_google_cloud_is_simulated_from_its_own_inventory(
    tmp_path: Path, typed: str, scope: str
) -> None:
    fake = FakeGoogle({"projects/shop-prod": [PROJECT, cloud_sql("ledger", "europe-west4", "europe-west4-a")]})
    async with google_cloud(fake) as google, ledger_at(tmp_path) as ledger:
        account, path = service_account(tmp_path / "account.json", google), tmp_path / "backstay.yaml"
        path.write_text(YAML.format(account=account, google=google))
        settings = load(path, {})
        parents = tuple(found.id for found in settings.catalogue.accounts_of("gcp"))
        access = GcpSettings(**settings.gcp.model_dump(), parents=parents)
        google_alone: Collector = Clouds({"gcp": InProcess(read_parents, access.model_dump(mode="json"))})
        audits = AuditService(settings.catalogue, [google_alone], ledger, utc_now)
        await audits.audit((), lambda _: None)
        lost = await simulated_loss(typed, timedelta(hours=15), audits, lambda _: None)
    said = text.render(whatif_card(lost, currency="EUR", page=None), width=300)
    assert f"If {scope} is lost for 15 h" in said
    assert "1 of 1 service expected down" in said
    assert f"Cloud SQL instance ledger runs only in {scope}; it has no replica elsewhere" in said
