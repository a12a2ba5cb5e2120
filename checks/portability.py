"""To run elsewhere, a service must be describable, rebuildable and readable elsewhere. The day to find out is not the day of the outage.

Leaving a provider is rarely worth it; being able to rebuild in a new account or region always is.
"""

from datetime import datetime

from checks._check import check
from checks._evidence import AS_CODE, EXIT_PLAN, judge_attestation
from checks._facts import Attestation, ComputeGroup, Datastore, StoreKind
from checks._model import Outcome, Service, Severity, Verdict, failed, not_applicable, passed
from checks._words import listed

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
    "elasticsearch",
    "kafka",
    "nfs",
    "oracle",
    "sqlserver",
    "db2",
    "aurora",
)


@check(
    id="PO01",
    title="Runtimes are supported",
    severity=Severity.MEDIUM,
    lesson="A runtime out of support cannot be deployed anew: the function that ran for years cannot be created in the second "
    "region on the day that it is needed there.",
    remediation="`aws lambda update-function-configuration --runtime`, `aws eks update-cluster-version`, after the tests pass.",
    docs="https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
)
def runtime_supported(service: Service, group: ComputeGroup) -> Verdict:
    """Where the runtime is the provider's."""
    if group.runtime_supported is None:
        return not_applicable(f"{group.name} brings its own runtime")
    if group.runtime_supported:
        return passed(f"{group.runtime or group.name} is supported", runtime=group.runtime)
    return failed(
        f"{group.name} of {service.name} runs on {group.runtime}, which is out of support", runtime=group.runtime
    )


@check(
    id="PO02",
    title="Data is held by engines that run elsewhere too, or there is a plan to leave",
    severity=Severity.LOW,
    lesson="On 20 October 2025 those on DynamoDB had nowhere to point their clients: no other product speaks its interface.",
    remediation="Export regularly in an open form (`aws dynamodb export-table-to-point-in-time`), write down the way out, and "
    "attest it as `exit_plan` in backstay.yaml.",
    docs="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.HowItWorks.html",
)
def engine_open(service: Service, store: Datastore, words: tuple[Attestation, ...], now: datetime) -> Verdict:
    """Primary datastores of a named engine."""
    if not store.primary or store.kind in (StoreKind.FILE, StoreKind.STREAM):
        return not_applicable(f"{store.name} holds no data in an engine")
    engine = (store.engine or store.product).lower()
    if any(word in engine for word in _OPEN_ENGINES):
        return passed(f"{store.name} runs on {engine}, which runs elsewhere too", engine=engine)
    plan = judge_attestation(service, words, EXIT_PLAN, now)
    if plan.outcome is not Outcome.FAIL:
        return plan
    return failed(
        f"{store.name} speaks {engine}, which no other provider does; {plan.summary[0].lower()}{plan.summary[1:]}",
        engine=engine,
    )


@check(
    id="PO03",
    title="Resources are kept as code, as seen or as somebody vouches",
    severity=Severity.LOW,
    lesson="What was clicked together can be rebuilt by the one who clicked it, if that one remembers; a second region is the "
    "first test of it.",
    remediation="`aws cloudformation create-generated-template` writes a template from what is there; with Terraform or "
    "Pulumi attest `infrastructure_as_code` in backstay.yaml with a link to the repository.",
    docs="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/generate-IaC.html",
)
def kept_as_code(
    service: Service,
    words: tuple[Attestation, ...],
    compute: tuple[ComputeGroup, ...],
    stores: tuple[Datastore, ...],
    now: datetime,
) -> Verdict:
    """Membership in a stack, or an attestation."""
    resources = [*compute, *stores]
    if not resources:
        return not_applicable(f"Nothing of {service.name} was seen to run anywhere")
    loose = [one.name for one in resources if not one.stack]
    if not loose:
        return passed(f"All {len(resources)} resources of {service.name} belong to a stack", resources=len(resources))
    word = judge_attestation(service, words, AS_CODE, now)
    if word.outcome is not Outcome.FAIL:
        return word
    return failed(
        f"{len(loose)} of {len(resources)} resources of {service.name} belong to no stack, such as {listed(loose, 1)}",
        loose=len(loose),
    )


@check(
    id="PO04",
    title="Engines take minor upgrades by themselves",
    severity=Severity.LOW,
    lesson="An engine that falls behind is upgraded by the provider at a time of its choice, or cannot be restored under the "
    "version that the backup was made with.",
    remediation="`aws rds modify-db-instance --auto-minor-version-upgrade`.",
    docs="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html",
)
def minor_upgrades(service: Service, store: Datastore) -> Verdict:
    """Products with such a setting."""
    if store.minor_upgrades is None:
        return not_applicable(f"{store.name} has no versions to keep up with")
    if store.minor_upgrades:
        return passed(f"{store.name} takes minor upgrades by itself")
    return failed(f"{store.name} of {service.name} stays at its version until somebody upgrades it")
