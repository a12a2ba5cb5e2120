"""Automation spreads a fault as fast as it spreads a repair. It needs a check before each change, a rollback after it, and a kill switch.

On 20 October 2025 two instances of one automation raced and left a DNS record empty; disabling that automation
worldwide was the first step of the repair.
"""

from datetime import datetime

from checks._automated import changes_production
from checks._check import check
from checks._encryption import encrypted_by
from checks._evidence import KILL_SWITCH, judge_attestation
from checks._facts import (
    Attestation,
    Backup,
    ComputeGroup,
    DataFlow,
    Datastore,
    EncryptionKey,
    Fact,
    LoadBalancer,
    ObjectStore,
    Pipeline,
    Queue,
    Secret,
    Stack,
    Topic,
    TrafficShift,
    Unread,
    UserDirectory,
    Volume,
    Workflow,
    known,
)
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._nouns import named, not_primary, subject
from checks._words import counted


@check(
    id="AU01",
    title="Primary datastore has deletion protection",
    severity=Severity.HIGH,
    lesson="A renamed template, a wrong account, a clean-up script with a wide filter: databases were deleted by one "
    "API call that deletion protection would have refused.",
    remediation="RDS: `aws rds modify-db-instance --deletion-protection`; Aurora: `aws rds modify-db-cluster "
    "--deletion-protection`; DynamoDB: `aws dynamodb update-table --deletion-protection-enabled`; DocumentDB: `aws docdb "
    "modify-db-cluster --deletion-protection`; Neptune: `aws neptune modify-db-cluster --deletion-protection`.",
    docs="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html",
)
def store_protected(_: Service, store: Datastore) -> Verdict:
    """Apply to products with this setting."""
    if not store.primary:
        return not_applicable(not_primary(store))
    protection = known(store.deletion_protection)
    if protection is None:
        return not_applicable(f"{subject(store)} has no deletion protection setting")
    if protection:
        return passed(f"{subject(store)} has deletion protection")
    return failed(f"{subject(store)} can be deleted by a single API call (no deletion protection)")


@check(
    id="AU02",
    title="Load balancer has deletion protection",
    severity=Severity.MEDIUM,
    lesson="A recreated load balancer gets a new DNS name: deleted in a second, it takes an hour to point every "
    "record at the new one.",
    remediation="Run `aws elbv2 modify-load-balancer-attributes --attributes "
    "Key=deletion_protection.enabled,Value=true`.",
    docs="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#deletion-protection",
)
def balancer_protected(_: Service, balancer: LoadBalancer) -> Verdict:
    """Apply to load balancers with this setting."""
    protection = known(balancer.deletion_protection)
    if protection is None:
        return not_applicable(f"{subject(balancer)} has no deletion protection setting")
    if protection:
        return passed(f"{subject(balancer)} has deletion protection")
    return failed(f"{subject(balancer)} can be deleted by a single API call (no deletion protection)")


@check(
    id="AU03",
    title="Stack has termination protection",
    severity=Severity.LOW,
    lesson="Deleting a stack deletes all its resources: one wrong line in a list of stacks deletes a whole service.",
    remediation="Run `aws cloudformation update-termination-protection --enable-termination-protection --stack-name NAME`.",
    docs="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html",
)
def stack_protected(_: Service, stack: Stack) -> Verdict:
    """Apply to stacks with a setting of their own; a nested stack follows its parent."""
    protection = known(stack.termination_protection)
    if protection is None:
        return not_applicable(f"{subject(stack)} is nested and follows its parent")
    if protection:
        return passed(f"{subject(stack)} has termination protection")
    return failed(f"{subject(stack)} can be deleted by a single API call (no termination protection)")


@check(
    id="AU04",
    title="Changes reach staging before production",
    severity=Severity.MEDIUM,
    lesson="On 19 July 2024 a CrowdStrike content update went to all Windows hosts at once; it was withdrawn after "
    "78 min, but millions of machines stayed down for days.",
    remediation="Add a stage that deploys to a staging account and runs its tests before the production stage (`aws "
    "codepipeline update-pipeline`).",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_mit_deploy_risks_test_val_chg.html",
)
def staging_first(_: Service, pipeline: Pipeline) -> Verdict:
    """Apply to pipelines that deploy to production."""
    first = known(pipeline.staging_first)
    if first is None:
        return not_applicable(f"{subject(pipeline)} does not deploy to production")
    if first:
        return passed(f"{subject(pipeline)} deploys to staging before production")
    return failed(f"{subject(pipeline)} deploys to production without a staging stage")


@check(
    id="AU05",
    title="Production deployments need an approval or an automated health gate",
    severity=Severity.LOW,
    lesson="On 12 June 2025 a policy change with empty fields spread to every Google Cloud region within seconds: no "
    "gate stopped it.",
    remediation="Add a manual approval action before production (`aws codepipeline update-pipeline`, category "
    "`Approval`), or a gradual deployment that alarms can stop.",
    docs="https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html",
)
def release_approved(_: Service, pipeline: Pipeline) -> Verdict:
    """Accept an approval, or a gradual deployment with automatic rollback."""
    if pipeline.approval is True:
        return passed(f"{subject(pipeline)} requires an approval before production")
    if pipeline.gradual is True and pipeline.automatic_rollback is True:
        return passed(f"{subject(pipeline)} deploys gradually and rolls back automatically")
    if known(pipeline.approval) is None:
        return not_applicable(f"{subject(pipeline)} does not deploy to production")
    if pipeline.gradual is not False and pipeline.automatic_rollback is not False:
        known(pipeline.gradual), known(pipeline.automatic_rollback)
    return failed(f"{subject(pipeline)} deploys to production without an approval or an automated health gate")


@check(
    id="AU06",
    title="Failed deployments roll back automatically",
    severity=Severity.MEDIUM,
    lesson="Most outages follow a change; a rollback worked out at night takes longer than the outage needed to.",
    remediation="Run `aws deploy update-deployment-group --auto-rollback-configuration "
    "enabled=true,events=DEPLOYMENT_FAILURE,DEPLOYMENT_STOP_ON_ALARM`; CodePipeline: `onFailure: {result: ROLLBACK}`.",
    docs="https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html",
)
def release_rolls_back(_: Service, pipeline: Pipeline) -> Verdict:
    """Apply to pipelines that deploy."""
    automatic = known(pipeline.automatic_rollback)
    if automatic is None:
        return not_applicable(f"{subject(pipeline)} deploys nothing that could be rolled back")
    if automatic:
        return passed(f"{subject(pipeline)} rolls back automatically")
    return failed(f"{subject(pipeline)} has no automatic rollback; a failed deployment waits for a person")


@check(
    id="AU07",
    title="Deployments reach users gradually",
    severity=Severity.MEDIUM,
    lesson="On 18 November 2025 an oversized file reached all of Cloudflare's network within minutes; a canary of 1 "
    "% would have stopped it there.",
    remediation="Run `aws deploy update-deployment-group --deployment-config-name "
    "CodeDeployDefault.LambdaCanary10Percent5Minutes` (ECS: `ECSLinear10PercentEvery1Minutes`), region after region.",
    docs="https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html",
)
def release_gradual(_: Service, pipeline: Pipeline) -> Verdict:
    """Apply to pipelines that deploy."""
    gradual = known(pipeline.gradual)
    if gradual is None:
        return not_applicable(f"{subject(pipeline)} has no setting for gradual deployment")
    if gradual:
        return passed(f"{subject(pipeline)} deploys gradually")
    return failed(f"{subject(pipeline)} deploys to all users at once; a faulty release affects everyone")


@check(
    id="AU08",
    title="Container service has a deployment circuit breaker with rollback",
    severity=Severity.MEDIUM,
    lesson="Without a circuit breaker a broken image is started again and again while healthy tasks are stopped, "
    "until a person notices.",
    remediation="Run `aws ecs update-service --deployment-configuration "
    "'deploymentCircuitBreaker={enable=true,rollback=true}'`.",
    docs="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html",
)
def deployment_breaker(_: Service, group: ComputeGroup) -> Verdict:
    """Apply to products with a deployment circuit breaker."""
    automatic = known(group.automatic_rollback)
    if automatic is None:
        return not_applicable(f"{subject(group)} has no deployment circuit breaker setting")
    if automatic:
        return passed(f"{subject(group)} has a deployment circuit breaker with rollback")
    return failed(f"{subject(group)}: deployment circuit breaker is off; a broken version keeps restarting")


@check(
    id="AU09",
    title="An automation kill switch is attested",
    severity=Severity.MEDIUM,
    lesson="On 20 October 2025 the provider had to disable its DNS automation worldwide before repairs could hold; "
    "on 12 June 2025 a prepared kill switch ended the worst within 40 min.",
    remediation="Build one switch per automation that changes production (a feature flag, a parameter it reads each "
    "time), test it, and attest it under `attestations: [{practice: kill_switch, by: ..., link: ...}]` in "
    "backstay.yaml.",
    docs="https://docs.aws.amazon.com/appconfig/latest/userguide/what-is-appconfig.html",
)
def kill_switch(  # noqa: PLR0913, PLR0917 - whatever changes production by itself
    service: Service,
    attestations: tuple[Attestation, ...],
    pipelines: tuple[Pipeline, ...],
    compute: tuple[ComputeGroup, ...],
    shifts: tuple[TrafficShift, ...],
    now: datetime,
) -> Verdict:
    """Apply where automation changes production: pipelines, groups that scale, automatic shifts. No API shows a kill switch."""
    if changes_production(pipelines + compute + shifts):
        return judge_attestation(service, attestations, KILL_SWITCH, now)
    return not_applicable(f"No automation that changes {service.name} found")


@check(
    id="AU10",
    title="Encryption keys in use are enabled and not scheduled for deletion",
    severity=Severity.CRITICAL,
    lesson="A deleted key makes every database, bucket, volume and backup that it encrypted unreadable, in all regions "
    "and forever. Deleting a key that encrypts nothing any more is good housekeeping.",
    remediation="Run `aws kms cancel-key-deletion --key-id ID`, then `aws kms enable-key --key-id ID`.",
    docs="https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
)
def key_alive(  # noqa: PLR0913, PLR0917 - whatever a key can encrypt
    service: Service,
    key: EncryptionKey,
    stores: tuple[Datastore, ...],
    buckets: tuple[ObjectStore, ...],
    volumes: tuple[Volume, ...],
    secrets: tuple[Secret, ...],
    compute: tuple[ComputeGroup, ...],
    queues: tuple[Queue, ...],
    topics: tuple[Topic, ...],
    backups: tuple[Backup, ...],
    flows: tuple[DataFlow, ...],
    workflows: tuple[Workflow, ...],
    directories: tuple[UserDirectory, ...],
) -> Verdict:
    """Judge customer-managed keys; one that is disabled or about to be deleted matters only where something uses it."""
    used_by: tuple[Fact, ...] = stores + buckets + volumes + secrets + compute + queues + topics + backups
    used_by += flows + workflows + directories
    if isinstance(key.enabled, Unread) and key.in_use is False and encrypted_by(key, used_by) is None:
        return not_applicable(f"{subject(key)}: no resource of {service.name} names a key of it")
    pending = known(key.pending_deletion)
    if not pending and known(key.enabled):
        return passed(f"{subject(key)} is enabled")
    state, loss = ("scheduled for deletion", "becomes unreadable") if pending else ("disabled", "cannot be read")
    encrypted = encrypted_by(key, used_by) if key.in_use is not True else None
    if encrypted is not None:
        return failed(f"{subject(key)} is {state}; {named(encrypted)}, which it encrypts, {loss}")
    if key.in_use is True:
        return failed(f"{subject(key)} is {state} and in use; data that it encrypts {loss}")
    if known(key.in_use) is None:
        return unknown(f"{subject(key)} is {state}; unknown whether anything uses it")
    return not_applicable(f"{subject(key)} is {state}, and nothing of {service.name} uses it")


@check(
    id="AU11",
    title="User directory has deletion protection",
    severity=Severity.HIGH,
    lesson="A deleted user directory cannot be restored: no backup of it exists, and every user has to register again.",
    remediation="Run `aws cognito-idp update-user-pool --user-pool-id ID --deletion-protection ACTIVE` together with the "
    "pool's other settings, which the command resets.",
    docs="https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-deletion-protection.html",
)
def directory_protected(_: Service, directory: UserDirectory) -> Verdict:
    """Apply to products with this setting."""
    protection = known(directory.deletion_protection)
    if protection is None:
        return not_applicable(f"{subject(directory)} has no deletion protection setting")
    if protection:
        return passed(f"{subject(directory)} has deletion protection")
    return failed(f"{subject(directory)} can be deleted by a single API call (no deletion protection)")


@check(
    id="AU12",
    title="Deleted encryption key can be restored for at least 7 days",
    severity=Severity.MEDIUM,
    lesson="A script that removes a key by mistake is noticed within days. Until then only a waiting period that nobody can cut "
    "short keeps what the key encrypts.",
    remediation="Schedule the deletion with a waiting period: `aws kms schedule-key-deletion --pending-window-in-days 30`.",
    docs="https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
)
def key_restorable(_: Service, key: EncryptionKey) -> Verdict:
    """Judge the time between the deletion of a key and its end."""
    days = known(key.recovery_days)
    if days >= 7:
        return passed(f"{subject(key)} can be restored for {counted(days, 'day')} after its deletion", days=days)
    end = f"is destroyed {counted(days, 'day')} after its deletion" if days else "can be purged at once"
    return failed(f"{subject(key)} {end}; what it encrypts is then unreadable for good", days=days)
