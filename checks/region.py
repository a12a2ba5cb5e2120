"""Three zones of one region are three fire extinguishers in one room: a region fails as a whole, and then only what runs elsewhere runs.

On 20 October 2025 a fault in the DNS automation of one product took much of us-east-1 with it for about 15 hours;
whoever had a copy of code, data and secrets in another region could leave.
"""

from datetime import timedelta

from checks._check import check
from checks._facts import (
    ComputeGroup,
    Datastore,
    Deployment,
    Gateway,
    LoadBalancer,
    ObjectStore,
    Pipeline,
    Secret,
    StoreKind,
    known,
)
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed
from checks._places import places, places_by_kind, regions_in_words, running_in
from checks._words import counted, listed

_RESTORE_WILL_DO = timedelta(hours=24)


@check(
    id="RG01",
    title="The service runs in more than one region",
    severity=Severity.HIGH,
    lesson="On 20 October 2025 services spread over three zones of us-east-1 stood still for up to 15 hours: the fault "
    "was regional, and no zone of it was spared.",
    remediation="Deploy the stack to a second region (`aws cloudformation deploy --region us-west-2`, or the same "
    "Terraform module with a second provider) and steer to it with health-checked DNS records; tell of what no "
    "collector sees under `deployments:` in backstay.yaml.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_fault_isolation_multiaz_region_system.html",
)
def more_than_one_region(  # noqa: PLR0913, PLR0917 - each parameter is a kind of fact it needs
    service: Service,
    compute: tuple[ComputeGroup, ...],
    balancers: tuple[LoadBalancer, ...],
    gateways: tuple[Gateway, ...],
    stores: tuple[Datastore, ...],
    deployments: tuple[Deployment, ...],
) -> Verdict:
    """Each kind of compute that takes requests; without compute the front doors, without those the data."""
    by_kind = dict(places_by_kind(compute, deployments))
    if not by_kind:
        entries = places([*balancers, *gateways])
        by_kind = {"front door": entries} if entries else _by_store(stores)
    if not by_kind:
        return not_applicable(f"Nothing of {service.name} was seen to run anywhere")
    alone = {kind: found for kind, found in by_kind.items() if len(found) < 2}
    everywhere = set().union(*by_kind.values())
    if not alone:
        return passed(f"{service.name} runs in {regions_in_words(everywhere)}", regions=len(everywhere))
    if len(everywhere) == 1:
        return failed(f"{service.name} runs in {regions_in_words(everywhere)} alone", regions=1)
    kind, where = min(alone.items())
    return failed(
        f"{service.name} runs in {regions_in_words(everywhere)}, but its {kind.replace('_', ' ')} in "
        f"{regions_in_words(where)} alone",
        regions=len(everywhere),
    )


def _by_store(stores: tuple[Datastore, ...]) -> dict[str, set[tuple[str, str]]]:
    return {
        store.name: places([store]) | {(store.provider, region) for region in known(store.replica_regions)}
        for store in stores
        if store.primary
    }


@check(
    id="RG02",
    title="Each primary datastore has a live copy in a second region",
    severity=Severity.CRITICAL,
    lesson="A region can be left only by those whose data is already elsewhere: in October 2025 teams with code in two "
    "regions and data in one waited like everybody else.",
    remediation="DynamoDB: `aws dynamodb update-table --replica-updates 'Create={RegionName=us-west-2}'`; Aurora: "
    "`aws rds create-global-cluster`; RDS: `aws rds create-db-instance-read-replica` in the other region; EFS: "
    "`aws efs create-replication-configuration`; Cloud SQL: a cross-region replica; Cosmos DB: add a region.",
    docs="https://docs.aws.amazon.com/whitepapers/latest/disaster-recovery-workloads-on-aws/disaster-recovery-options-in-the-cloud.html",
)
def live_copy_elsewhere(service: Service, store: Datastore) -> Verdict:
    """Asked only of services that must be back sooner than a restore takes."""
    if not store.primary or store.kind is StoreKind.STREAM:
        return not_applicable(f"{store.name} holds no data that a second region would miss")
    target = service.rto_target
    if target is None or target >= _RESTORE_WILL_DO:
        return not_applicable(f"{service.name} has time to restore {store.name} from a backup")
    regions = known(store.replica_regions)
    if regions:
        return passed(f"{store.name} has a live copy in {listed(regions)}", replica_regions=listed(regions))
    return failed(f"{store.name} has no live copy outside {store.region}", region=store.region)


@check(
    id="RG03",
    title="Each object store is replicated to a second region",
    severity=Severity.MEDIUM,
    lesson="On 28 February 2017 a mistyped command took S3 in us-east-1 away for over four hours, and with it sites whose "
    "files lay in one bucket.",
    remediation="Turn versioning on, then `aws s3api put-bucket-replication` with a rule to a bucket in another region; "
    "a multi-region access point (`aws s3control create-multi-region-access-point`) gives both one name.",
    docs="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html",
)
def objects_replicated(service: Service, bucket: ObjectStore) -> Verdict:
    """Replication rules to another region, or a multi-region access point in front."""
    regions = [region for region in known(bucket.replica_regions) if region != bucket.region]
    if regions:
        return passed(f"{bucket.name} is replicated to {listed(regions)}")
    if known(bucket.multi_region_access):
        return passed(f"{bucket.name} is behind a multi-region access point of {service.name}")
    return failed(f"{bucket.name} keeps its objects in {bucket.region} alone", region=bucket.region)


@check(
    id="RG04",
    title="Secrets stand ready in every region that the service runs in",
    severity=Severity.MEDIUM,
    lesson="A second region that has to ask the lost one for its database password does not start.",
    remediation="`aws secretsmanager replicate-secret-to-regions --secret-id NAME --add-replica-regions Region=us-west-2`.",
    docs="https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html",
)
def secrets_replicated(
    service: Service,
    secrets: tuple[Secret, ...],
    compute: tuple[ComputeGroup, ...],
    deployments: tuple[Deployment, ...],
) -> Verdict:
    """A replica, or a secret of the same name there."""
    running = running_in(compute, deployments)
    if not secrets or len(running) < 2:
        return not_applicable(f"{service.name} has no secret that a second region would need")
    held: dict[str, set[str]] = {}
    for secret in secrets:
        held.setdefault(secret.name, set()).update((secret.region, *secret.replica_regions))
    lacking = {
        name
        for name, regions in held.items()
        for provider, region in running
        if provider == secrets[0].provider and region not in regions
    }
    if lacking:
        return failed(
            f"{listed(lacking)} of {service.name} cannot be read in every region it runs in", lacking=len(lacking)
        )
    return passed(f"{counted(len(held), 'secret')} of {service.name} ready in {regions_in_words(running)}")


@check(
    id="RG05",
    title="Releases reach every region that the service runs in",
    severity=Severity.MEDIUM,
    lesson="A standby that gets no releases is a museum: on the day it is needed it runs last year's code against this "
    "year's data.",
    remediation="Give the pipeline a deploy action for each region (CodePipeline: `region` on the action and an "
    "`artifactStores` entry for it), one after the other.",
    docs="https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-cross-region.html",
)
def releases_everywhere(
    service: Service,
    pipelines: tuple[Pipeline, ...],
    compute: tuple[ComputeGroup, ...],
    deployments: tuple[Deployment, ...],
) -> Verdict:
    """What the pipelines name as targets, together, against where the code runs."""
    running = {region for _, region in running_in(compute, deployments)}
    reached = {region for pipeline in pipelines for region in pipeline.regions}
    if len(running) < 2 or not reached:
        return not_applicable(
            f"No pipeline of {service.name} names the regions that it deploys to, or it has one region"
        )
    if running <= reached:
        return passed(f"Releases of {service.name} reach {listed(running)}")
    return failed(
        f"Releases of {service.name} do not reach {listed(running - reached)}", missing=listed(running - reached)
    )
