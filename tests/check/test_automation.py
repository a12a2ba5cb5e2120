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
    object_store,
    pipeline,
    secret,
    stack,
    volume,
)
from support.builders.networks import user_directory
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import (
    Attestation,
    ComputeGroup,
    Datastore,
    EncryptionKey,
    LoadBalancer,
    Pipeline,
    Stack,
    StoreKind,
    Unread,
    UserDirectory,
)

UNREAD = Unread("throttled")
KEY = encryption_key()


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
    case(
        "AU09",
        PASS,
        pipeline(),
        attestation("kill_switch"),
        says="Automation kill switch of checkout attested by platform",
    ),
    case(
        "AU09",
        PASS,
        pipeline(),
        attestation("kill_switch", by="payments"),
        attestation("kill_switch", at=days_ago(200)),
    ),
    case("AU09", FAIL, pipeline(), says="No attestation on record for checkout: automation kill switch"),
    case("AU09", FAIL, pipeline(), attestation("training")),
    case("AU09", FAIL, pipeline(), attestation("kill_switch", at=days_ago(400), expires_at=None), says="2025-10-19"),
    case("AU09", UNKNOWN, pipeline(), attestation("kill_switch", by="payments"), says="attested by the owner"),
    case("AU09", UNKNOWN, pipeline(), attestation("kill_switch", link=""), says="no link to evidence"),
    case("AU09", UNKNOWN, pipeline(), attestation("kill_switch", expires_at=days_ago(1)), says="expired on 2026-11-22"),
    case("AU09", UNKNOWN, pipeline(), attestation("kill_switch", expires_at=NOW)),
    case("AU09", UNKNOWN, pipeline(), gaps=(gap(Attestation),)),
    case(
        "AU09",
        FAIL,
        pipeline(),
        attestation("kill_switch", link_problem="its link does not open"),
        says="does not open",
    ),
    case("AU09", UNKNOWN, pipeline(), attestation("kill_switch", link_problem=Unread("no network")), says="no network"),
    case("AU09", PASS, pipeline(), attestation("kill_switch"), attestation("kill_switch", link_problem="gone")),
    case("AU09", FAIL, compute(min_size=2, max_size=8), says="No attestation on record"),
    case("AU09", FAIL, compute(min_size=UNREAD, max_size=8), compute(min_size=2, max_size=8)),
    case("AU09", UNKNOWN, compute(min_size=UNREAD, max_size=8)),
    case("AU09", NOT_APPLICABLE, attestation("kill_switch"), says="No automation that changes checkout found"),
    case("AU09", NOT_APPLICABLE, datastore(), compute(min_size=2, max_size=2)),
    case("AU09", UNKNOWN, gaps=(gap(Pipeline),)),
    case("AU10", PASS, encryption_key()),
    case("AU10", FAIL, encryption_key(pending_deletion=True, in_use=True), says="scheduled for deletion and in use"),
    case(
        "AU10", NOT_APPLICABLE, encryption_key(pending_deletion=True, in_use=False), says="nothing of checkout uses it"
    ),
    case("AU10", UNKNOWN, encryption_key(pending_deletion=True), says="unknown whether anything uses it"),
    case("AU10", FAIL, encryption_key(enabled=False, in_use=True), says="disabled and in use"),
    case(
        "AU10", FAIL, encryption_key(enabled=False, in_use=False), datastore(encryption_key=KEY.resource), says="orders"
    ),
    case("AU10", FAIL, encryption_key(enabled=False), datastore(encryption_key="data-key"), says="cannot be read"),
    case("AU10", NOT_APPLICABLE, encryption_key(enabled=False, in_use=False), datastore(encryption_key="other")),
    case("AU10", NOT_APPLICABLE, encryption_key(enabled=False, in_use=False), says="nothing of checkout uses it"),
    case("AU10", UNKNOWN, encryption_key(enabled=False), says="unknown whether anything uses it"),
    case("AU10", UNKNOWN, encryption_key(enabled=False, in_use=UNREAD)),
    case("AU10", UNKNOWN, encryption_key(enabled=False, in_use=False), gaps=(gap(Datastore),)),
    case("AU10", FAIL, encryption_key(pending_deletion=True), datastore(encryption_key=KEY.resource), says="orders"),
    case("AU10", FAIL, encryption_key(pending_deletion=True, in_use=True), gaps=(gap(Datastore),), says="in use"),
    case("AU10", UNKNOWN, encryption_key(pending_deletion=True, in_use=False), gaps=(gap(Datastore),)),
    case(
        "AU10",
        FAIL,
        encryption_key(pending_deletion=True, in_use=False),
        object_store("unread", encryption_key=UNREAD),
        object_store(encryption_key=KEY.resource),
        says="receipts",
    ),
    case("AU10", UNKNOWN, encryption_key(pending_deletion=True, in_use=False), object_store(encryption_key=UNREAD)),
    case("AU10", FAIL, encryption_key(enabled=False), volume(encryption_key="data-key"), says="data, which"),
    case("AU10", FAIL, encryption_key(enabled=False, aliases=("alias/a", "alias/b")), secret(encryption_key="alias/a")),
    case("AU10", PASS, encryption_key(), gaps=(gap(Datastore),)),
    case("AU10", NOT_APPLICABLE),
    case("AU10", UNKNOWN, encryption_key(enabled=UNREAD)),
    case("AU10", UNKNOWN, gaps=(gap(EncryptionKey),)),
    case("AU11", PASS, user_directory()),
    case("AU11", FAIL, user_directory(deletion_protection=False), says="can be deleted by a single API call"),
    case("AU11", NOT_APPLICABLE, user_directory(deletion_protection=None)),
    case("AU11", UNKNOWN, user_directory(deletion_protection=Unread("throttled")), says="throttled"),
    case("AU11", UNKNOWN, gaps=(gap(UserDirectory),)),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_automation(row: Case) -> None:
    row.hold()
