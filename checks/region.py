"""Three zones share one region's fate: when a region fails, only what runs in another region keeps running.

On 20 October 2025 a fault in the DNS automation of DynamoDB impaired much of us-east-1 for about 15 hours; only
services with a copy of code, data and secrets in another region could fail over.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta

from checks._check import check
from checks._facts import (
    GLOBAL,
    ComputeGroup,
    Datastore,
    Deployment,
    EventEndpoint,
    Gateway,
    LoadBalancer,
    NotKnownError,
    ObjectStore,
    Pipeline,
    Secret,
    Unread,
    UserDirectory,
    known,
)
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed
from checks._nouns import COMPUTE_NOUNS, holds_no_data, named, subject
from checks._partial import HiddenError
from checks._places import (
    Place,
    as_far_as_read,
    hidden_places,
    places,
    places_by_kind,
    region_names,
    region_of,
    running_as_far_as_read,
)
from checks._words import counted, duration, listed

_RESTORE_IS_ENOUGH = timedelta(hours=24)


@check(
    id="RG01",
    title="Service runs in more than one region",
    severity=Severity.HIGH,
    lesson="On 20 October 2025 services spread over three AZs of us-east-1 were down for up to 15 hours: the fault "
    "was regional, and no AZ was spared.",
    remediation="Deploy the stack to a second region (`aws cloudformation deploy --region us-west-2`, or the same "
    "Terraform module with a second provider) and route traffic with health-checked DNS records; declare what no "
    "collector can see under `deployments:` in backstay.yaml.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_fault_isolation_multiaz_region_system.html",
    needs_all_regions="to fail",
)
def more_than_one_region(  # noqa: PLR0913, PLR0917 - each parameter is a kind of fact it needs
    service: Service,
    compute: tuple[ComputeGroup, ...],
    balancers: tuple[LoadBalancer, ...],
    gateways: tuple[Gateway, ...],
    stores: tuple[Datastore, ...],
    deployments: tuple[Deployment, ...],
) -> Verdict:
    """Judge each kind of compute that takes requests; without compute the load balancers and gateways, without those the data."""
    read, doubt = as_far_as_read(compute)
    by_kind = dict(places_by_kind(read, deployments))
    if doubt is not None and not _in_one_place(hidden_places(doubt), by_kind.values()):
        raise doubt
    if not by_kind:
        entries = places([*balancers, *gateways])
        by_kind = {"ingress": entries} if entries else _places_by_store(stores)
    if not by_kind:
        return not_applicable(f"No running resources of {service.name} found")
    single = {kind: found for kind, found in by_kind.items() if len(found) < 2}
    everywhere = set().union(*by_kind.values())
    placeless = [kind for kind, found in by_kind.items() if not found]
    if placeless:
        what = COMPUTE_NOUNS.get(placeless[0], placeless[0])
        raise NotKnownError(f"the region of the {what} of {service.name} is not known")
    if not single:
        return passed(f"{service.name} runs in {region_names(everywhere)}", regions=len(everywhere))
    if len(everywhere) == 1:
        return failed(
            f"{service.name} runs only in {region_names(everywhere)}; losing that region takes it down", regions=1
        )
    kind, where = min(single.items())
    return failed(
        f"{service.name} runs in {region_names(everywhere)}, but its {COMPUTE_NOUNS.get(kind, kind)} runs only in "
        f"{region_names(where)}",
        regions=len(everywhere),
    )


def _in_one_place(hidden: Collection[Place], known_places: Iterable[Collection[Place]]) -> bool:
    """Whether all that is known and all that is unread is in one place, so that nothing unread can be elsewhere."""
    return len({*hidden}) == 1 and {*hidden} == set().union(*known_places)


def _places_by_store(stores: tuple[Datastore, ...]) -> dict[str, set[Place]]:
    """The places of each primary datastore, without those whose replicas are unread where a single-region one decides."""
    read, doubt = as_far_as_read(stores)
    found: dict[str, set[Place]] = {}
    for store in (store for store in read if store.primary):
        regions = store.replica_regions
        if isinstance(regions, Unread):
            doubt = doubt or NotKnownError(regions.reason)
        else:
            found[store.name] = places([store]) | {(store.provider, region) for region in regions}
    if doubt is not None and all(len(where) >= 2 for where in found.values()):
        raise doubt
    return found


@check(
    id="RG02",
    title="Primary datastore has a replica in a second region",
    severity=Severity.CRITICAL,
    lesson="A service can leave a region only if its data is already elsewhere: in October 2025 teams with code in "
    "two regions and data in one had to wait for us-east-1.",
    remediation="DynamoDB: `aws dynamodb update-table --replica-updates 'Create={RegionName=us-west-2}'`; Aurora: "
    "`aws rds create-global-cluster`; RDS: `aws rds create-db-instance-read-replica` in the other region; EFS: `aws "
    "efs create-replication-configuration`.",
    docs="https://docs.aws.amazon.com/whitepapers/latest/disaster-recovery-workloads-on-aws/disaster-recovery-options-in-the-cloud.html",
)
def live_copy_elsewhere(service: Service, store: Datastore) -> Verdict:
    """Apply where the recovery time objective is shorter than a restore from backup takes."""
    if not store.holds_data:
        return not_applicable(holds_no_data(store))
    target = service.rto_target
    if target is None:
        return not_applicable(f"{service.name} has no RTO, so {named(store)} may be restored from a backup")
    if target >= _RESTORE_IS_ENOUGH:
        return not_applicable(
            f"{service.name}'s RTO of {duration(target)} allows a restore of {named(store)} from backup"
        )
    regions = known(store.replica_regions)
    if regions:
        return passed(f"{subject(store)} has a replica in {listed(regions)}", replica_regions=listed(regions))
    return failed(
        f"{subject(store)} has no replica outside {region_of(store)}; losing that region takes {service.name} down",
        region=store.region,
    )


@check(
    id="RG03",
    title="Object store is replicated to a second region",
    severity=Severity.MEDIUM,
    lesson="On 28 February 2017 a mistyped command took S3 in us-east-1 down for over four hours, and with it every "
    "site whose files were in one bucket.",
    remediation="Enable versioning, then add a rule to a bucket in another region with `aws s3api "
    "put-bucket-replication`; a multi-region access point (`aws s3control create-multi-region-access-point`) gives "
    "both buckets one name.",
    docs="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html",
)
def objects_replicated(_: Service, bucket: ObjectStore) -> Verdict:
    """Accept replication rules to another region, or a multi-region access point in front."""
    replicas, access = bucket.replica_regions, bucket.multi_region_access
    regions = [] if isinstance(replicas, Unread) else [region for region in replicas if region != bucket.region]
    if regions:
        return passed(f"{subject(bucket)} is replicated to {listed(regions)}")
    if access is True:
        return passed(f"{subject(bucket)} is behind a multi-region access point")
    if not bucket.replica_of:
        known(replicas), known(access)
    else:
        return not_applicable(f"{subject(bucket)} is a copy; the bucket that is replicated to it is judged")
    return failed(
        f"{subject(bucket)} has no replica outside {region_of(bucket)}; losing that region makes its objects unavailable",
        region=bucket.region,
    )


@check(
    id="RG04",
    title="Secrets are replicated to every region the service runs in",
    severity=Severity.MEDIUM,
    lesson="A second region that has to fetch its database password from the failed one does not start.",
    remediation="Replicate the secret: `aws secretsmanager replicate-secret-to-regions --secret-id NAME "
    "--add-replica-regions Region=us-west-2`.",
    docs="https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html",
    needs_all_regions="to apply",
)
def secrets_replicated(
    service: Service,
    secrets: tuple[Secret, ...],
    compute: tuple[ComputeGroup, ...],
    deployments: tuple[Deployment, ...],
) -> Verdict:
    """Accept a replica, a secret of the same name in the other region, or one that its provider keeps in every region."""
    running, doubt = running_as_far_as_read(compute, deployments)
    read, hidden = as_far_as_read(secrets)
    if len(running) < 2 or not (read or hidden):
        if doubt is not None and (read or hidden):
            raise doubt
        return not_applicable(f"{service.name} has no secret that a second region needs")
    available: dict[tuple[str, str], set[str]] = {}
    for secret in read:
        regions = available.setdefault((secret.provider, secret.name), set())
        regions.update((secret.region, *secret.replica_regions))
    missing = {
        name
        for (cloud, name), regions in available.items()
        for provider, region in running
        if provider == cloud and regions.isdisjoint((region, GLOBAL)) and not _may_hide(hidden, name)
    }
    if not missing and (reason := doubt or hidden):
        raise reason
    if missing:
        return failed(
            f"Secrets of {service.name} are not replicated to every region it runs in: {listed(missing)}",
            lacking=len(missing),
        )
    return passed(f"{counted(len(available), 'secret')} of {service.name} available in {region_names(running)}")


def _may_hide(hidden: NotKnownError | None, name: str) -> bool:
    """Whether secrets that could not be read may be one of this name in another region."""
    if hidden is None:
        return False
    resources = hidden.resources if isinstance(hidden, HiddenError) else ()
    return not resources or any(name in resource for resource in resources)


@check(
    id="RG05",
    title="Pipelines deploy to every region the service runs in",
    severity=Severity.MEDIUM,
    lesson="A standby that gets no deployments drifts: on the day it is needed it runs last year's code against this "
    "year's data.",
    remediation="Add a deploy action for each region to the pipeline (CodePipeline: `region` on the action and an "
    "`artifactStores` entry for it), one region after the other.",
    docs="https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-cross-region.html",
    needs_all_regions="to fail",
)
def releases_everywhere(
    service: Service,
    pipelines: tuple[Pipeline, ...],
    compute: tuple[ComputeGroup, ...],
    deployments: tuple[Deployment, ...],
) -> Verdict:
    """Compare the target regions of all pipelines together with the regions where the code runs."""
    found, doubt = running_as_far_as_read(compute, deployments)
    read, hidden = as_far_as_read(pipelines)
    running = {region for _, region in found}
    reached = {region for pipeline in read for region in pipeline.regions}
    if doubt is not None and (len(running) < 2 or running <= reached):
        raise doubt
    if hidden is not None and len(running) >= 2 and not running <= reached:
        raise hidden
    if len(running) < 2 or not reached:
        return not_applicable(f"{service.name} runs in one region, or no pipeline of it names its target regions")
    if running <= reached:
        return passed(f"Pipelines of {service.name} deploy to {listed(running)}")
    return failed(
        f"No pipeline of {service.name} deploys to {listed(running - reached)}, where it runs",
        missing=listed(running - reached),
    )


@check(
    id="RG06",
    title="User directory is replicated to a second region",
    severity=Severity.MEDIUM,
    lesson="Nobody can sign in while the region of the user directory is down, however many regions the service itself "
    "runs in: passwords cannot be exported, so a second directory made during the outage is empty.",
    remediation="Add a replica: `aws cognito-idp create-user-pool-replica --user-pool-id ID --region-name us-west-2`, and "
    "let clients fall back to its endpoint.",
    docs="https://docs.aws.amazon.com/cognito/latest/developerguide/disaster-recovery-resiliency.html",
)
def users_replicated(service: Service, directory: UserDirectory) -> Verdict:
    """Judge every directory, since a service that cannot sign anyone in is down."""
    regions = known(directory.replica_regions)
    if regions:
        return passed(f"{subject(directory)} has a replica in {listed(regions)}")
    return failed(
        f"{subject(directory)} has no replica outside {region_of(directory)}; losing that region stops every sign-in of "
        f"{service.name}"
    )


@check(
    id="RG07",
    title="Event endpoint fails over and replicates events",
    severity=Severity.MEDIUM,
    lesson="Without replication the events that the failed region has accepted wait there until it is back, and the "
    "endpoint does not return to the primary region without help.",
    remediation="Run `aws events update-endpoint --name NAME --replication-config State=ENABLED --role-arn ARN`, with a "
    "health check in its routing configuration.",
    docs="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-global-endpoints.html",
)
def events_replicated(_: Service, endpoint: EventEndpoint) -> Verdict:
    """Judge the health check first: without it the endpoint never fails over."""
    if not endpoint.health_check:
        return failed(f"{subject(endpoint)} has no health check and never fails over")
    if not endpoint.replicates:
        return failed(f"{subject(endpoint)} replicates no events between {listed(endpoint.regions)}")
    return passed(f"{subject(endpoint)} fails over and replicates events between {listed(endpoint.regions)}")
