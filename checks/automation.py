"""Automation makes outages as fast as it makes repairs. It needs a guard before it, a way back after it, and a switch to stop it.

On 20 October 2025 two copies of an automation raced and left a record empty; stopping that automation everywhere was
the first step of the repair.
"""

from datetime import datetime

from checks._check import check
from checks._evidence import KILL_SWITCH, judge_attestation
from checks._facts import (
    Attestation,
    ComputeGroup,
    Datastore,
    EncryptionKey,
    LoadBalancer,
    Pipeline,
    Stack,
    known,
)
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed


@check(
    id="AU01",
    title="Primary datastores are protected from deletion",
    severity=Severity.HIGH,
    lesson="A template renamed, a wrong account, a clean-up script with a wide filter: databases have gone in one call, and "
    "a flag would have refused it.",
    remediation="`aws rds modify-db-instance --deletion-protection`, "
    "`aws dynamodb update-table --deletion-protection-enabled`; Cloud SQL: "
    "`gcloud sql instances patch --deletion-protection`.",
    docs="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html",
)
def store_protected(service: Service, store: Datastore) -> Verdict:
    """Products which have such a flag."""
    protection = known(store.deletion_protection)
    if not store.primary or protection is None:
        return not_applicable(f"{store.name} has no such flag, or holds no data of its own")
    if protection:
        return passed(f"{store.name} refuses to be deleted")
    return failed(f"{store.name} of {service.name} can be deleted with one call")


@check(
    id="AU02",
    title="Load balancers are protected from deletion",
    severity=Severity.MEDIUM,
    lesson="A load balancer made anew has another name: what was deleted in a second is pointed at again, record by record, "
    "in an hour.",
    remediation="`aws elbv2 modify-load-balancer-attributes --attributes Key=deletion_protection.enabled,Value=true`.",
    docs="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#deletion-protection",
)
def balancer_protected(service: Service, balancer: LoadBalancer) -> Verdict:
    """Kinds which have such a flag."""
    protection = known(balancer.deletion_protection)
    if protection is None:
        return not_applicable(f"{balancer.name} has no such flag")
    if protection:
        return passed(f"{balancer.name} refuses to be deleted")
    return failed(f"{balancer.name} of {service.name} can be deleted with one call")


@check(
    id="AU03",
    title="Stacks are protected from termination",
    severity=Severity.LOW,
    lesson="Deleting a stack deletes all that it holds: one wrong line in a list of stacks is a whole service.",
    remediation="`aws cloudformation update-termination-protection --enable-termination-protection --stack-name NAME`; "
    "Terraform: `prevent_destroy` in the lifecycle of what must stay.",
    docs="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html",
)
def stack_protected(service: Service, stack: Stack) -> Verdict:
    """Stacks whose setting is theirs, not their parent's."""
    protection = known(stack.termination_protection)
    if protection is None:
        return not_applicable(f"{stack.name} follows its parent")
    if protection:
        return passed(f"The stack {stack.name} refuses to be deleted")
    return failed(f"The stack {stack.name} of {service.name} can be deleted with one call")


@check(
    id="AU04",
    title="Changes are tried in staging before production",
    severity=Severity.MEDIUM,
    lesson="On 19 July 2024 a content update went to all Windows hosts at the same time; 78 minutes later it was withdrawn, and "
    "millions of machines stayed down for days.",
    remediation="A stage that deploys to a staging account and runs its tests before the production stage "
    "(`aws codepipeline update-pipeline`).",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_mit_deploy_risks_test_val_chg.html",
)
def staging_first(service: Service, pipeline: Pipeline) -> Verdict:
    """Pipelines that deploy."""
    first = known(pipeline.staging_first)
    if first is None:
        return not_applicable(f"{pipeline.name} deploys to no production")
    if first:
        return passed(f"{pipeline.name} tries staging before production")
    return failed(f"{pipeline.name} takes changes of {service.name} straight to production")


@check(
    id="AU05",
    title="Somebody, or a test of health, approves a release to production",
    severity=Severity.LOW,
    lesson="On 12 June 2025 a policy change with empty fields spread to every region of Google Cloud within seconds: nothing "
    "stood between the change and the world.",
    remediation="A manual approval action before production (`aws codepipeline update-pipeline`, category `Approval`), or a "
    "gradual deployment that alarms can stop.",
    docs="https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html",
)
def release_approved(service: Service, pipeline: Pipeline) -> Verdict:
    """An approval, or a gradual release that rolls back by itself."""
    approval = known(pipeline.approval)
    if approval:
        return passed(f"{pipeline.name} waits for an approval")
    if known(pipeline.gradual) and known(pipeline.automatic_rollback):
        return passed(f"{pipeline.name} releases gradually and turns back by itself")
    if approval is None:
        return not_applicable(f"{pipeline.name} deploys to no production")
    return failed(f"Nobody and nothing approves what {pipeline.name} brings to production of {service.name}")


@check(
    id="AU06",
    title="A release that fails is rolled back by itself",
    severity=Severity.MEDIUM,
    lesson="Most outages follow a change; the way back that has to be thought up at night takes longer than the outage would "
    "have.",
    remediation="`aws deploy update-deployment-group --auto-rollback-configuration "
    "enabled=true,events=DEPLOYMENT_FAILURE,DEPLOYMENT_STOP_ON_ALARM`; CodePipeline: `onFailure: {result: ROLLBACK}`.",
    docs="https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html",
)
def release_rolls_back(service: Service, pipeline: Pipeline) -> Verdict:
    """Pipelines that deploy."""
    automatic = known(pipeline.automatic_rollback)
    if automatic is None:
        return not_applicable(f"{pipeline.name} deploys nothing to roll back")
    if automatic:
        return passed(f"{pipeline.name} rolls back by itself")
    return failed(f"When a release of {service.name} by {pipeline.name} fails, a person has to roll it back")


@check(
    id="AU07",
    title="Releases reach users step by step",
    severity=Severity.MEDIUM,
    lesson="On 18 November 2025 a file that had grown too large went to the whole of Cloudflare's network within minutes; a "
    "first step of one per cent would have stopped there.",
    remediation="`aws deploy update-deployment-group --deployment-config-name CodeDeployDefault.LambdaCanary10Percent5Minutes` "
    "(ECS: `ECSLinear10PercentEvery1Minutes`), region after region.",
    docs="https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html",
)
def release_gradual(service: Service, pipeline: Pipeline) -> Verdict:
    """Pipelines that deploy."""
    gradual = known(pipeline.gradual)
    if gradual is None:
        return not_applicable(f"How {pipeline.name} spreads a release is not its choice")
    if gradual:
        return passed(f"{pipeline.name} releases step by step")
    return failed(f"{pipeline.name} brings a release of {service.name} to everybody at the same time")


@check(
    id="AU08",
    title="A container service that does not come up goes back to its last version",
    severity=Severity.MEDIUM,
    lesson="Without a breaker a bad image is started again and again until somebody looks, and the good copies are stopped "
    "meanwhile.",
    remediation="`aws ecs update-service --deployment-configuration "
    "'deploymentCircuitBreaker={enable=true,rollback=true}'`.",
    docs="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html",
)
def deployment_breaker(service: Service, group: ComputeGroup) -> Verdict:
    """Products with such a breaker."""
    automatic = known(group.automatic_rollback)
    if automatic is None:
        return not_applicable(f"{group.name} has no such breaker")
    if automatic:
        return passed(f"{group.name} goes back to its last version by itself")
    return failed(f"{group.name} of {service.name} keeps starting a version that does not come up")


@check(
    id="AU09",
    title="Somebody vouches for a switch that stops the automation",
    severity=Severity.MEDIUM,
    lesson="On 20 October 2025 the provider had to disable its DNS automation worldwide before repairs could hold; on 12 June "
    "2025 a red button, ready beforehand, ended the worst within 40 minutes.",
    remediation="Build one switch per automation which changes production (a feature flag, a parameter that it reads each "
    "time), try it, and attest it under `attestations: [{practice: kill_switch, by: ..., link: ...}]` in backstay.yaml.",
    docs="https://docs.aws.amazon.com/appconfig/latest/userguide/what-is-appconfig.html",
)
def kill_switch(service: Service, words: tuple[Attestation, ...], now: datetime) -> Verdict:
    """A person's word: no interface tells of it."""
    return judge_attestation(service, words, KILL_SWITCH, now)


@check(
    id="AU10",
    title="Encryption keys in use are enabled and not about to be deleted",
    severity=Severity.CRITICAL,
    lesson="A key that is gone takes with it every database, volume and backup that it encrypted, in all regions and for ever.",
    remediation="`aws kms cancel-key-deletion --key-id ID`, then `aws kms enable-key --key-id ID`.",
    docs="https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
)
def key_alive(service: Service, key: EncryptionKey) -> Verdict:
    """Customers' keys."""
    if known(key.pending_deletion):
        return failed(f"The key {key.name} of {service.name} is about to be deleted, with all that it encrypts")
    if known(key.enabled):
        return passed(f"The key {key.name} is enabled")
    return failed(f"The key {key.name} of {service.name} is disabled; what it encrypts cannot be read")
