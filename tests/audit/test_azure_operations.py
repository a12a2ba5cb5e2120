"""Backups, policies, test failovers, alert rules and chaos experiments of Azure as facts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.fakes.azure_cloud import azure_resource
from support.samples.azure_resources import ROOT, VM, facts, told

from bot.audit.collectors.engine.iso_durations import duration
from checks import RehearsalKind, RehearsalResult, SignalKind, Unread

VAULTS = "Microsoft.RecoveryServices/vaults"
GROUP = f"{ROOT}/microsoft.insights/actionGroups/on-call"


def vault(**properties: Any) -> dict[str, Any]:
    return azure_resource(VAULTS, "safe", properties=properties)


def item(**properties: Any) -> dict[str, Any]:
    kind = f"{VAULTS}/backupFabrics/protectionContainers/protectedItems"
    policy = f"{ROOT}/{VAULTS}/safe/backupPolicies/daily"
    own = {
        "sourceResourceId": VM,
        "policyId": policy,
        "friendlyName": "web1",
        "protectionState": "Protected",
        **properties,
    }
    return azure_resource(kind, "safe/Azure/container/vm;web1", location=None, properties=own)


def test_a_machine_in_a_vault_is_backed_up_with_its_disks() -> None:
    disk = azure_resource("Microsoft.Compute/disks", "data", managedBy=VM)
    safe = vault(
        redundancySettings={"crossRegionRestore": "Enabled"},
        securitySettings={"immutabilitySettings": {"state": "Locked"}},
    )
    found = facts([item(lastRecoveryPoint="2026-11-20T01:00:00Z"), safe, disk])["vm;web1"]
    assert told(found, "about", "region", "copy_regions", "locked", "latest_at") == (
        (VM.lower(), disk["id"].lower()),
        "westeurope",
        ("northeurope",),
        True,
        datetime(2026, 11, 20, 1, tzinfo=UTC),
    )


def test_a_machine_without_a_recovery_point_or_a_vault_that_was_read() -> None:
    found = facts([item(lastBackupTime="2001-01-01T00:00:00Z")])["vm;web1"]
    assert told(found, "latest_at") == (None,)
    assert isinstance(told(found, "locked")[0], Unread)


@pytest.mark.parametrize(
    ("properties", "every", "days"),
    [
        (
            {
                "schedulePolicy": {"scheduleRunFrequency": "Daily"},
                "retentionPolicy": {"dailySchedule": {"retentionDuration": {"count": 30, "durationType": "Days"}}},
            },
            timedelta(days=1),
            30,
        ),
        (
            {
                "schedulePolicy": {"scheduleRunFrequency": "Hourly", "hourlySchedule": {"interval": 4}},
                "retentionPolicy": {"weeklySchedule": {"retentionDuration": {"count": 5}}},
            },
            timedelta(hours=4),
            35,
        ),
        (
            {
                "subProtectionPolicy": [
                    {"policyType": "Log", "schedulePolicy": {"scheduleFrequencyInMins": 15}},
                    {
                        "policyType": "Full",
                        "schedulePolicy": {"scheduleRunFrequency": "Weekly"},
                        "retentionPolicy": {"weeklySchedule": {"retentionDuration": {"count": 2}}},
                    },
                ]
            },
            timedelta(days=7),
            14,
        ),
    ],
)
def test_a_policy_of_a_vault(properties: dict[str, Any], every: timedelta, days: int) -> None:
    policy = azure_resource(f"{VAULTS}/backupPolicies", "safe/daily", location=None, properties=properties)
    found = facts([policy, vault(), item()])["daily"]
    assert told(found, "every", "keep_days", "about", "selects") == (every, days, (VM.lower(),), 1)


def test_a_backup_vault_with_its_policy() -> None:
    kind = "Microsoft.DataProtection/backupVaults"
    rules = [
        {"name": "run", "trigger": {"schedule": {"repeatingTimeIntervals": ["R/2026-01-01T02:00:00+00:00/P1D"]}}},
        {"name": "Default", "lifecycles": [{"deleteAfter": {"objectType": "AbsoluteDeleteOption", "duration": "P7D"}}]},
    ]
    policy = azure_resource(f"{kind}/backupPolicies", "bv/disks", location=None, properties={"policyRules": rules})
    source = {
        "dataSourceInfo": {"resourceID": f"{ROOT}/Microsoft.Compute/disks/data"},
        "policyInfo": {"policyId": policy["id"]},
    }
    rows = [
        azure_resource(
            kind, "bv", properties={"featureSettings": {"crossRegionRestoreSettings": {"state": "Enabled"}}}
        ),
        azure_resource(f"{kind}/backupInstances", "bv/data", location=None, properties=source),
        policy,
    ]
    found = facts(rows)
    assert told(found["disks"], "every", "keep_days", "selects") == (timedelta(days=1), 7, 1)
    assert told(found["data"], "copy_regions", "locked") == (("northeurope",), False)


@pytest.mark.parametrize(
    ("tested", "result"), [("2026-10-01T09:00:00Z", RehearsalResult.SUCCEEDED), (None, RehearsalResult.INCONCLUSIVE)]
)
def test_site_recovery_tells_its_last_test_failover(tested: str | None, result: RehearsalResult) -> None:
    kind = f"{VAULTS}/replicationFabrics/replicationProtectionContainers/replicationProtectedItems"
    details = {
        "instanceType": "A2A",
        "fabricObjectId": VM,
        "recoveryFabricLocation": "northeurope",
        "rpoInSeconds": 60,
        "lastRpoCalculatedTime": "2026-11-20T01:01:00Z",
    }
    own = {"friendlyName": "web1", "lastSuccessfulTestFailoverTime": tested, "providerSpecificDetails": details}
    found = facts([azure_resource(kind, "safe/f/c/web1", location=None, properties=own), vault()])
    assert told(found["web1"], "copy_regions", "latest_at") == (("northeurope",), datetime(2026, 11, 20, 1, tzinfo=UTC))
    assert told(found["testfailover"], "kind", "result", "about") == (RehearsalKind.FAILOVER, result, (VM.lower(),))


def group(**properties: Any) -> dict[str, Any]:
    receivers = {"emailReceivers": [{"name": "a", "emailAddress": "a@example.com"}], "smsReceivers": []}
    return azure_resource(
        "microsoft.insights/actionGroups", "on-call", properties={"enabled": True, **receivers, **properties}
    )


@pytest.mark.parametrize(
    ("kind", "properties", "signal"),
    [
        (
            "metricAlerts",
            {"criteria": {"allOf": [{"metricName": "Http5xx"}]}, "actions": [{"actionGroupId": GROUP}]},
            SignalKind.ERRORS,
        ),
        (
            "metricAlerts",
            {
                "criteria": {"allOf": [{"metricName": "Http5xx"}, {"metricName": "CpuTime"}]},
                "actions": [{"actionGroupId": GROUP}],
            },
            SignalKind.COMPOSITE,
        ),
        (
            "scheduledQueryRules",
            {"criteria": {"allOf": [{"query": "Heartbeat | count"}]}, "actions": {"actionGroups": [GROUP]}},
            SignalKind.AVAILABILITY,
        ),
        (
            "activityLogAlerts",
            {
                "condition": {"allOf": [{"field": "category", "equals": "ServiceHealth"}]},
                "actions": {"actionGroups": [{"actionGroupId": GROUP}]},
            },
            SignalKind.AVAILABILITY,
        ),
    ],
)
def test_an_alert_rule_reaches_a_receiver(kind: str, properties: dict[str, Any], signal: SignalKind) -> None:
    rule = azure_resource(
        f"microsoft.insights/{kind}",
        "down",
        location="global",
        properties={"scopes": [VM], "enabled": True, **properties},
    )
    found = facts([rule, group()])["down"]
    assert told(found, "signal", "about", "reaches_someone", "enabled", "actions") == (
        signal,
        (VM.lower(),),
        True,
        True,
        (GROUP.lower(),),
    )
    for silent in (group(enabled=False), group(emailReceivers=[])):
        assert told(facts([rule, silent])["down"], "reaches_someone") == (False,)
    assert isinstance(told(facts([rule])["down"], "reaches_someone")[0], Unread)


def test_an_experiment_has_the_result_of_its_latest_run() -> None:
    target = {"type": "ChaosTarget", "id": f"{VM}/providers/Microsoft.Chaos/targets/microsoft-virtualMachine"}
    experiment = azure_resource(
        "Microsoft.Chaos/experiments", "zone", properties={"selectors": [{"targets": [target]}]}
    )
    kind = "Microsoft.Chaos/experiments/statuses"
    runs = [
        azure_resource(
            kind, f"zone/{day}", properties={"status": status, "createdDateUtc": f"2026-10-0{day}T09:00:00Z"}
        )
        for day, status in ((1, "Failed"), (3, "Success"), (4, "Running"))
    ]
    found = facts([experiment, *runs])["zone"]
    assert told(found, "kind", "result", "at", "about") == (
        RehearsalKind.FAULT_INJECTION,
        RehearsalResult.SUCCEEDED,
        datetime(2026, 10, 3, 9, tzinfo=UTC),
        (VM.lower(),),
    )
    assert told(facts([experiment])["zone"], "at", "result") == (None, RehearsalResult.INCONCLUSIVE)


@pytest.mark.parametrize(("mode", "protected"), [("denyDelete", True), ("none", False), ("DenyWriteAndDelete", True)])
def test_a_deployment_stack_is_protected_by_its_deny_settings(mode: str, protected: bool) -> None:
    own = {"provisioningState": "succeeded", "denySettings": {"mode": mode}}
    found = facts([azure_resource("Microsoft.Resources/deploymentStacks", "shop", properties=own)])["shop"]
    assert told(found, "termination_protection", "product") == (protected, "deploymentstacks")


def test_a_stack_manages_what_it_lists_and_a_group_manages_nothing() -> None:
    store = "Microsoft.Storage/storageAccounts"
    kept, loose = azure_resource(store, "kept"), azure_resource(store, "loose")
    listed = {"resources": [{"id": f"{kept['id']}/".upper(), "status": "managed"}]}
    found = facts([azure_resource("Microsoft.Resources/deploymentStacks", "shop-prod", properties=listed), kept, loose])
    assert (found["kept"].stack, found["loose"].stack) == ("shop-prod", "")
    assert found["kept"].group == found["loose"].group != ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("P14D", timedelta(days=14)),
        ("PT1H30M", timedelta(hours=1, minutes=30)),
        ("P1Y", timedelta(days=365)),
        ("P10675199DT2H48M5.4775807S", None),
        ("P", None),
        ("soon", None),
    ],
)
def test_a_duration(text: str, found: timedelta | None) -> None:
    assert duration(text) == found
