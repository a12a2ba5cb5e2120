"""To run elsewhere, a service must be described as code, rebuildable and able to read its data elsewhere. Find out before the outage.

Leaving a provider is rarely worth the cost; being able to rebuild in a new account or region always is.
"""

from datetime import datetime

from checks._check import check
from checks._evidence import AS_CODE, EXIT_PLAN, judge_attestation
from checks._facts import Attestation, ComputeGroup, Datastore, StoreKind, known
from checks._model import Outcome, Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._nouns import named, not_primary, subject
from checks._places import as_far_as_read

_OPEN_ENGINES = (
    "postgres",
    "mysql",
    "mariadb",
    "redis",
    "valkey",
    "memcached",
    "mongo",
    "docdb",
    "cassandra",
    "keyspaces",
    "opensearch",
    "activedirectory",
    "influxdb",
    "elasticsearch",
    "kafka",
    "nfs",
    "oracle",
    "sqlserver",
    "db2",
    "aurora",
    "pkcs11",
)
_SEVERAL_ENGINES = ("cloudsql", "memorydb", "rds")
"""Products whose name does not say which engine a datastore uses."""


@check(
    id="PO01",
    title="Runtime is supported by the provider",
    severity=Severity.MEDIUM,
    lesson="An unsupported runtime cannot be deployed again: a function that has run for years cannot be created in "
    "the second region when it is needed there.",
    remediation="Upgrade after the tests pass: `aws lambda update-function-configuration --runtime`, `aws eks "
    "update-cluster-version`, `aws elasticbeanstalk update-environment --platform-arn`.",
    docs="https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
)
def runtime_supported(_: Service, group: ComputeGroup) -> Verdict:
    """Apply where the provider supplies the runtime."""
    supported = known(group.runtime_supported)
    if supported is None:
        return not_applicable(f"{subject(group)} brings its own runtime")
    if supported:
        return passed(
            f"{subject(group)} uses {group.runtime or 'a runtime'}, which is supported", runtime=group.runtime
        )
    return failed(
        f"{subject(group)} uses {group.runtime}, which is out of support and cannot be deployed again",
        runtime=group.runtime,
    )


@check(
    id="PO02",
    title="Datastore uses a portable engine, or an exit plan is attested",
    severity=Severity.LOW,
    lesson="On 20 October 2025 users of DynamoDB could not move to another provider: no other product offers its API.",
    remediation="Export regularly in an open format (`aws dynamodb export-table-to-point-in-time`), write an exit "
    "plan, and attest `exit_plan` in backstay.yaml.",
    docs="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.HowItWorks.html",
)
def engine_open(service: Service, store: Datastore, attestations: tuple[Attestation, ...], now: datetime) -> Verdict:
    """Apply to primary datastores with a named engine."""
    if not store.primary:
        return not_applicable(not_primary(store))
    if store.kind in (StoreKind.FILE, StoreKind.STREAM):
        return not_applicable(f"{subject(store)} has no database engine")
    if not store.engine and store.product in _SEVERAL_ENGINES:
        return unknown(f"Engine of {named(store)} is unknown")
    engine = (store.engine or store.product).lower()
    if any(word in engine for word in _OPEN_ENGINES):
        return passed(f"{subject(store)} uses {engine}, which other providers offer too", engine=engine)
    plan = judge_attestation(service, attestations, EXIT_PLAN, now)
    if plan.outcome is not Outcome.FAIL:
        return plan
    return failed(
        f"{subject(store)} uses {engine}, which is proprietary; {plan.summary[0].lower()}{plan.summary[1:]}",
        engine=engine,
    )


@check(
    id="PO03",
    title="Resources are managed as code, or this is attested",
    severity=Severity.LOW,
    lesson="Resources created by hand can be rebuilt only by the person who created them; the first test is the "
    "second region.",
    remediation="Generate a template from existing resources (`aws cloudformation create-generated-template`); with "
    "Terraform or Pulumi attest `infrastructure_as_code` in backstay.yaml with a link to the repository.",
    docs="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/generate-IaC.html",
)
def kept_as_code(
    service: Service,
    attestations: tuple[Attestation, ...],
    compute: tuple[ComputeGroup, ...],
    stores: tuple[Datastore, ...],
    now: datetime,
) -> Verdict:
    """Accept membership in a stack, or an attestation."""
    resources, doubt = as_far_as_read(compute + stores)
    unmanaged = [fact for fact in resources if not fact.stack]
    if doubt is not None and not unmanaged:
        raise doubt
    if not resources:
        return not_applicable(f"No running resources of {service.name} found")
    if not unmanaged:
        return passed(f"All {len(resources)} resources of {service.name} belong to a stack", resources=len(resources))
    attested = judge_attestation(service, attestations, AS_CODE, now)
    if attested.outcome is not Outcome.FAIL:
        return attested
    total = f"{len(resources)} that were read" if doubt is not None else f"{len(resources)} resources"
    return failed(
        f"{len(unmanaged)} of {total} of {service.name} belong to no stack, such as "
        f"{min(named(fact) for fact in unmanaged)}",
        loose=len(unmanaged),
    )


@check(
    id="PO04",
    title="Datastore has automatic minor version upgrades enabled",
    severity=Severity.LOW,
    lesson="An outdated engine version is upgraded by the provider at a time of its choice, or a backup of it can no "
    "longer be restored.",
    remediation="Run `aws rds modify-db-instance --auto-minor-version-upgrade`.",
    docs="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html",
)
def minor_upgrades(_: Service, store: Datastore) -> Verdict:
    """Apply to products with this setting."""
    upgrades = known(store.minor_upgrades)
    if upgrades is None:
        return not_applicable(f"{subject(store)} has no setting for minor version upgrades")
    if upgrades:
        return passed(f"{subject(store)} has automatic minor version upgrades enabled")
    return failed(f"{subject(store)} has automatic minor version upgrades off")
