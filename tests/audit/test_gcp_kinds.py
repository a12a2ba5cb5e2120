"""Runners and services of Google Cloud that the sample project has none of. Shapes: the REST reference of each API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.builders.plans import NOW
from support.samples.google_compute import COMPUTE, REGION, P, asset, compute

from bot.audit.collectors.gcp.run import made_of
from checks import Fact, LifePhase

PLACE = f"{P}/locations/{REGION}"
CASES: tuple[tuple[str, tuple[dict[str, Any], ...], tuple[str, str], dict[str, Any]], ...] = (
    (
        "a zonal cluster whose pools are assets of their own",
        (
            asset(
                "container.googleapis.com/Cluster",
                f"{P}/zones/us-east1-b/clusters/k",
                {"location": "us-east1-b", "status": "STOPPING"},
                "us-east1-b",
            ),
            asset(
                "container.googleapis.com/NodePool",
                f"{P}/zones/us-east1-b/clusters/k/nodePools/a",
                {"initialNodeCount": 3, "config": {"machineType": "e2-medium"}},
                "us-east1-b",
            ),
        ),
        ("ComputeGroup", "k"),
        {"zones": ("us-east1-b",), "zone_redundant": False, "min_size": 3, "machine_types": ("e2-medium",)},
    ),
    (
        "a service of App Engine where its application is",
        (
            asset("appengine.googleapis.com/Application", "apps/shop-prod", {"locationId": "us-central"}, ""),
            asset("appengine.googleapis.com/Service", "apps/shop-prod/services/default", {"id": "default"}, ""),
        ),
        ("ComputeGroup", "default"),
        {"region": "us-central1", "zone_redundant": True, "product": "appengine"},
    ),
    (
        "a function of the second generation that failed to deploy",
        (
            asset(
                "cloudfunctions.googleapis.com/Function",
                f"{PLACE}/functions/f",
                {"state": "FAILED", "buildConfig": {"runtime": "python312"}},
            ),
        ),
        ("ComputeGroup", "f"),
        {"runtime": "python312", "phase": LifePhase.STOPPED},
    ),
    (
        "a load balancer of a target pool",
        (
            compute(
                "ForwardingRule",
                f"regions/{REGION}/forwardingRules/old",
                {"target": f"{COMPUTE}/regions/{REGION}/targetPools/p", "loadBalancingScheme": "EXTERNAL"},
            ),
            compute(
                "TargetPool",
                f"regions/{REGION}/targetPools/p",
                {"instances": [f"{COMPUTE}/zones/europe-west4-a/instances/nat"]},
            ),
            compute("Instance", "zones/europe-west4-a/instances/nat", {"zone": "europe-west4-a"}, "europe-west4-a"),
        ),
        ("LoadBalancer", "old"),
        {"zones": ("europe-west4-a",), "kind": "regional", "internet_facing": True},
    ),
    (
        "a certificate of Certificate Manager in a map",
        (
            asset(
                "certificatemanager.googleapis.com/Certificate",
                f"{P}/locations/global/certificates/c",
                {"managed": {"state": "PROVISIONING"}},
                "global",
            ),
            asset(
                "certificatemanager.googleapis.com/CertificateMapEntry",
                f"{P}/locations/global/certificateMaps/m/certificateMapEntries/e",
                {"certificates": [f"{P}/locations/global/certificates/c"]},
                "global",
            ),
        ),
        ("Certificate", "c"),
        {"in_use": True, "renews_itself": True, "expires_at": None},
    ),
    (
        "a VPN with one tunnel down",
        (
            compute("VpnGateway", f"regions/{REGION}/vpnGateways/v", {}),
            *(
                compute(
                    "VpnTunnel",
                    f"regions/{REGION}/vpnTunnels/t{number}",
                    {
                        "vpnGateway": f"{COMPUTE}/regions/{REGION}/vpnGateways/v",
                        "peerExternalGateway": f"{COMPUTE}/global/externalVpnGateways/office",
                        "status": status,
                    },
                )
                for number, status in enumerate(("ESTABLISHED", "NO_INCOMING_PACKETS"))
            ),
        ),
        ("VpnConnection", "v"),
        {"tunnels": 2, "tunnels_up": 1, "device": f"{P}/global/externalVpnGateways/office"},
    ),
    (
        "a dedicated line of two links",
        (
            compute(
                "Interconnect",
                "global/interconnects/line",
                {
                    "location": f"{COMPUTE}/global/interconnectLocations/las-zone1-770",
                    "operationalStatus": "OS_ACTIVE",
                    "provisionedLinkCount": 2,
                },
                "global",
            ),
            compute(
                "InterconnectAttachment",
                f"regions/{REGION}/interconnectAttachments/a",
                {"interconnect": f"{COMPUTE}/global/interconnects/line", "operationalStatus": "OS_ACTIVE"},
            ),
        ),
        ("DedicatedLine", "line"),
        {"location": "las-770", "carries_traffic": True, "links": 2},
    ),
    (
        "a pipeline to two regions",
        (
            asset(
                "clouddeploy.googleapis.com/DeliveryPipeline",
                f"{PLACE}/deliveryPipelines/d",
                {
                    "serialPipeline": {
                        "stages": [{"targetId": "test"}, {"targetId": "prod", "strategy": {"canary": {}}}]
                    }
                },
            ),
            asset(
                "clouddeploy.googleapis.com/Target",
                f"{PLACE}/targets/test",
                {"run": {"location": f"{P}/locations/us-east1"}},
            ),
            asset(
                "clouddeploy.googleapis.com/Target",
                f"{PLACE}/targets/prod",
                {"gke": {"cluster": f"{PLACE}/clusters/main"}, "requireApproval": True},
            ),
        ),
        ("Pipeline", "d"),
        {
            "stages": ("test", "prod"),
            "approval": True,
            "gradual": True,
            "staging_first": True,
            "regions": ("europe-west4", "us-east1"),
        },
    ),
    (
        "a backup plan of a cluster",
        (
            asset("container.googleapis.com/Cluster", f"{PLACE}/clusters/main", {"location": REGION}),
            asset(
                "gkebackup.googleapis.com/BackupPlan",
                f"{P}/locations/us-east1/backupPlans/far",
                {"cluster": f"{PLACE}/clusters/main", "retentionPolicy": {"backupRetainDays": 7}},
                "us-east1",
            ),
            asset(
                "gkebackup.googleapis.com/Backup",
                f"{P}/locations/us-east1/backupPlans/far/backups/b",
                {"state": "SUCCEEDED", "completeTime": "2026-10-31T01:00:00Z"},
                "us-east1",
            ),
        ),
        ("Backup", "far"),
        {
            "about": (f"//container.googleapis.com/{PLACE}/clusters/main",),
            "copy_regions": ("us-east1",),
            "latest_at": datetime(2026, 10, 31, 1, tzinfo=UTC),
        },
    ),
    (
        "a bucket behind Cloud CDN",
        (compute("BackendBucket", "global/backendBuckets/b", {"bucketName": "media", "enableCdn": True}, "global"),),
        ("Distribution", "b"),
        {"origins": ("//storage.googleapis.com/media",), "takes_writes": False},
    ),
    (
        "a subscription that collects what others could not deliver",
        (
            asset("pubsub.googleapis.com/Subscription", f"{P}/subscriptions/dead", {"topic": f"{P}/topics/dead"}),
            asset(
                "pubsub.googleapis.com/Subscription",
                f"{P}/subscriptions/work",
                {"topic": f"{P}/topics/work", "deadLetterPolicy": {"deadLetterTopic": f"{P}/topics/dead"}},
            ),
        ),
        ("Queue", "dead"),
        {"is_dead_letter": True, "dead_letter": False, "retention": timedelta(days=7)},
    ),
    (
        "a network whose default route leads to a machine of one zone",
        (
            compute("Network", "global/networks/n", {}, "global"),
            compute(
                "Route",
                "global/routes/out",
                {
                    "network": f"{COMPUTE}/global/networks/n",
                    "destRange": "0.0.0.0/0",
                    "nextHopInstance": f"{COMPUTE}/zones/europe-west4-a/instances/nat",
                },
                "global",
            ),
            compute(
                "Instance",
                "zones/europe-west4-a/instances/nat",
                {"networkInterfaces": [{"network": f"{COMPUTE}/global/networks/n"}]},
                "europe-west4-a",
            ),
            compute(
                "Region",
                f"regions/{REGION}",
                {"zones": [f"{COMPUTE}/zones/europe-west4-a", f"{COMPUTE}/zones/europe-west4-b"]},
            ),
        ),
        ("Network", "n"),
        {
            "nat_zones": ("europe-west4-a",),
            "borrowed_egress": (("subnets in europe-west4", "europe-west4-b", "europe-west4-a"),),
        },
    ),
)


@pytest.mark.parametrize(("items", "key", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_asset_becomes_a_fact(
    items: tuple[dict[str, Any], ...], key: tuple[str, str], expected: dict[str, Any]
) -> None:
    made = made_of(items, NOW)[1]
    assert [gap for gap in made.gaps if gap.kinds] == []
    [fact] = [fact for fact in made.facts if (type(fact).__name__, fact.name) == key]
    assert {name: getattr(fact, name) for name in expected} == expected


def names(items: list[dict[str, Any]]) -> list[str]:
    facts: list[Fact] = made_of(items, NOW)[1].facts
    return [fact.name for fact in facts]


@pytest.mark.parametrize(
    "item",
    [
        compute(
            "InstanceGroupManager",
            "zones/europe-west4-a/instanceGroupManagers/gke-main-default-1-grp",
            {"targetSize": 3},
        ),
        compute(
            "ForwardingRule",
            f"regions/{REGION}/forwardingRules/vpn",
            {"target": f"{COMPUTE}/regions/{REGION}/targetVpnGateways/v"},
        ),
        compute("ForwardingRule", f"regions/{REGION}/forwardingRules/psc", {"target": "all-apis"}),
        asset(
            "run.googleapis.com/Service",
            f"{PLACE}/services/f",
            {"metadata": {"labels": {"goog-managed-by": "cloudfunctions"}}},
        ),
        asset("sqladmin.googleapis.com/Instance", f"{P}/instances/onprem", {"instanceType": "ON_PREMISES_INSTANCE"}),
    ],
    ids=[
        "nodes of a cluster",
        "a rule of a VPN",
        "a rule of Google's APIs",
        "a function's service",
        "a server elsewhere",
    ],
)
def test_what_belongs_to_something_else_is_no_fact_of_its_own(item: dict[str, Any]) -> None:
    assert names([item]) == []
