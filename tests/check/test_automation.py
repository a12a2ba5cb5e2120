import pytest
from support.builders.facts import (
    NOW,
    attestation,
    compute,
    datastore,
    days_ago,
    encryption_key,
    function,
    gap,
    load_balancer,
    pipeline,
    stack,
)
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import Attestation, ComputeGroup, Datastore, EncryptionKey, LoadBalancer, Pipeline, Stack, StoreKind, Unread

UNREAD = Unread("throttled")


def bare_pipeline() -> Pipeline:
    return pipeline(approval=False, gradual=False, automatic_rollback=False, staging_first=False)


CASES = [
    case("AU01", PASS, datastore()),
    case("AU01", FAIL, datastore(deletion_protection=False)),
    case("AU01", NOT_APPLICABLE, datastore(deletion_protection=None)),
    case("AU01", NOT_APPLICABLE, datastore(kind=StoreKind.CACHE, deletion_protection=False)),
    case("AU01", UNKNOWN, datastore(deletion_protection=UNREAD)),
    case("AU01", UNKNOWN, gaps=(gap(Datastore),)),
    case("AU02", PASS, load_balancer()),
    case("AU02", FAIL, load_balancer(deletion_protection=False)),
    case("AU02", NOT_APPLICABLE, load_balancer(deletion_protection=None)),
    case("AU02", UNKNOWN, load_balancer(deletion_protection=UNREAD)),
    case("AU02", UNKNOWN, gaps=(gap(LoadBalancer),)),
    case("AU03", PASS, stack()),
    case("AU03", FAIL, stack(termination_protection=False)),
    case("AU03", NOT_APPLICABLE, stack(termination_protection=None)),
    case("AU03", UNKNOWN, stack(termination_protection=UNREAD)),
    case("AU03", UNKNOWN, gaps=(gap(Stack),)),
    case("AU04", PASS, pipeline()),
    case("AU04", FAIL, bare_pipeline()),
    case("AU04", NOT_APPLICABLE, pipeline(staging_first=None)),
    case("AU04", UNKNOWN, pipeline(staging_first=UNREAD)),
    case("AU05", PASS, pipeline()),
    case("AU05", PASS, pipeline(approval=False)),
    case("AU05", FAIL, bare_pipeline()),
    case("AU05", FAIL, pipeline(approval=False, gradual=False)),
    case("AU05", NOT_APPLICABLE, pipeline(approval=None, gradual=None)),
    case("AU05", UNKNOWN, pipeline(approval=False, gradual=UNREAD)),
    case("AU06", PASS, pipeline()),
    case("AU06", FAIL, bare_pipeline()),
    case("AU06", NOT_APPLICABLE, pipeline(automatic_rollback=None)),
    case("AU06", UNKNOWN, pipeline(automatic_rollback=UNREAD)),
    case("AU07", PASS, pipeline()),
    case("AU07", FAIL, bare_pipeline()),
    case("AU07", NOT_APPLICABLE, pipeline(gradual=None)),
    case("AU07", UNKNOWN, gaps=(gap(Pipeline),)),
    case("AU08", PASS, compute()),
    case("AU08", FAIL, compute(automatic_rollback=False)),
    case("AU08", NOT_APPLICABLE, function()),
    case("AU08", UNKNOWN, compute(automatic_rollback=UNREAD)),
    case("AU08", UNKNOWN, gaps=(gap(ComputeGroup),)),
    case("AU09", PASS, attestation("kill_switch"), says="Automation kill switch of checkout attested by platform"),
    case("AU09", PASS, attestation("kill_switch", by="payments"), attestation("kill_switch", at=days_ago(200))),
    case("AU09", FAIL, says="No attestation on record for checkout: automation kill switch"),
    case("AU09", FAIL, attestation("training")),
    case("AU09", FAIL, attestation("kill_switch", at=days_ago(400), expires_at=None), says="2025-10-19"),
    case("AU09", UNKNOWN, attestation("kill_switch", by="payments"), says="attested by the owner"),
    case("AU09", UNKNOWN, attestation("kill_switch", link=""), says="no link to evidence"),
    case("AU09", UNKNOWN, attestation("kill_switch", expires_at=days_ago(1)), says="expired on 2026-11-22"),
    case("AU09", UNKNOWN, attestation("kill_switch", expires_at=NOW)),
    case("AU09", UNKNOWN, gaps=(gap(Attestation),)),
    case("AU10", PASS, encryption_key()),
    case("AU10", FAIL, encryption_key(pending_deletion=True), says="scheduled for deletion"),
    case("AU10", FAIL, encryption_key(enabled=False), says="disabled"),
    case("AU10", NOT_APPLICABLE),
    case("AU10", UNKNOWN, encryption_key(enabled=UNREAD)),
    case("AU10", UNKNOWN, gaps=(gap(EncryptionKey),)),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_automation(row: Case) -> None:
    row.hold()
