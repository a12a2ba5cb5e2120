"""When one of three zones goes, the other two carry half as much again, at the moment when everybody else asks for machines too.

Room that has to be asked for then, from a quota, an address range or a launch that may be refused, is not room.
"""

import math
from collections import defaultdict
from datetime import timedelta

from checks._check import check
from checks._facts import Capacity, ComputeGroup, ComputeKind, Datastore, Deployment, Queue, Quota, StoreKind, known
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed
from checks._places import over_zones, requests_end_at, running_in
from checks._words import duration, listed

_HEAD_ROOM = 0.8
_OUTLAST = timedelta(hours=24)
_BY_THROUGHPUT = (StoreKind.KEY_VALUE, StoreKind.STREAM)


@check(
    id="CA01",
    title="Datastores grow with demand",
    severity=Severity.MEDIUM,
    lesson="After an outage the load comes back at once and more than before: retries, queues and the curious. A fixed "
    "throughput is what turns the end of one outage into the start of the next.",
    remediation="DynamoDB: `aws dynamodb update-table --billing-mode PAY_PER_REQUEST`, or "
    "`aws application-autoscaling register-scalable-target`; Kinesis: "
    "`aws kinesis update-stream-mode --stream-mode-details StreamMode=ON_DEMAND`.",
    docs="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/capacity-mode.html",
)
def store_grows(service: Service, store: Datastore) -> Verdict:
    """Products with a choice of throughput; a database of a set machine size has none."""
    capacity = known(store.capacity)
    if capacity is None or (capacity is Capacity.FIXED and store.kind not in _BY_THROUGHPUT):
        return not_applicable(f"{store.name} has no throughput to set")
    if capacity is Capacity.FIXED:
        return failed(f"The throughput of {store.name} of {service.name} is fixed")
    return passed(f"{store.name} grows with demand", capacity=capacity.value)


@check(
    id="CA02",
    title="Storage of datastores grows before it is full",
    severity=Severity.MEDIUM,
    lesson="A full disk stops a database as surely as a lost zone, and always at the busiest hour.",
    remediation="`aws rds modify-db-instance --max-allocated-storage 1000`; Cloud SQL: "
    "`gcloud sql instances patch --storage-auto-increase`.",
    docs="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html",
)
def storage_grows(service: Service, store: Datastore) -> Verdict:
    """Products with disks of a set size."""
    if store.storage_autoscaling is None:
        return not_applicable(f"{store.name} has no disk to fill")
    if store.storage_autoscaling:
        return passed(f"The storage of {store.name} grows by itself")
    return failed(f"The storage of {store.name} of {service.name} does not grow by itself")


@check(
    id="CA03",
    title="Groups can grow by what a lost zone takes away",
    severity=Severity.MEDIUM,
    lesson="A group that already runs at its maximum cannot replace the third that a zone took, whatever its alarms say.",
    remediation="`aws autoscaling update-auto-scaling-group --max-size` (ECS: "
    "`aws application-autoscaling register-scalable-target --max-capacity`) to the usual number times zones / (zones - 1) "
    "at least.",
    docs="https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/static-stability.html",
)
def room_for_a_zone(service: Service, group: ComputeGroup) -> Verdict:
    """The maximum against what runs, for groups over several zones."""
    zones, copies = len(set(group.zones)), group.desired or 0
    if copies == 0 or not over_zones(group) or (most := known(group.max_size)) is None:
        return not_applicable(f"{group.name} has no maximum, or does not run over zones")
    needed = math.ceil(copies * zones / (zones - 1))
    if most >= needed:
        return passed(f"{group.name} may grow from {copies} to {most}", needed=needed)
    return failed(
        f"{group.name} of {service.name} runs {copies} and may not grow beyond {most}; a lost zone asks for {needed}",
        needed=needed,
        max_size=most,
    )


@check(
    id="CA04",
    title="Quotas are used to less than four fifths",
    severity=Severity.MEDIUM,
    lesson="Failing over doubles a region's use of it; who sits at 90 % of a quota fails over into a refusal.",
    remediation="`aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-1216C47A "
    "--desired-value N`, weeks before it is needed.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/manage-service-quotas-and-constraints.html",
)
def quota_room(service: Service, quota: Quota) -> Verdict:
    """Where the use is measured."""
    used = known(quota.used)
    if used is None or quota.limit <= 0:
        return not_applicable(f"The use of {quota.name} is not measured")
    share = used / quota.limit
    said = f"{used:g} of {quota.limit:g} {quota.unit}".strip()
    if share < _HEAD_ROOM:
        return passed(f"{quota.name} in {quota.region}: {said} used", share=round(share, 3))
    return failed(
        f"{quota.name} in {quota.region}, where {service.name} runs: {said} used",
        share=round(share, 3),
        limit=quota.limit,
    )


@check(
    id="CA05",
    title="The quotas of each region leave room for the load of another",
    severity=Severity.HIGH,
    lesson="A quota raised over years at home is still at its default in the standby region: it is found out there, in the "
    "first minutes of the failover.",
    remediation="`aws service-quotas request-service-quota-increase --region us-west-2 ...` to the home region's value; a "
    "quota request template in AWS Organizations keeps new accounts alike.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_manage_service_limits_limits_considered.html",
)
def quotas_for_failover(
    service: Service, quotas: tuple[Quota, ...], compute: tuple[ComputeGroup, ...], deployments: tuple[Deployment, ...]
) -> Verdict:
    """Each quota in each region of the service against what the other regions use of the same one."""
    regions = {region for _, region in running_in(compute, deployments)}
    measured: dict[tuple[str, str, str], dict[str, tuple[float, float]]] = defaultdict(dict)
    for quota in quotas:
        used = known(quota.used) if quota.region in regions else None
        if used is not None and quota.limit > 0:
            measured[quota.account, quota.product, quota.name][quota.region] = (used, quota.limit)
    pairs = {key: by_region for key, by_region in measured.items() if len(by_region) >= 2}
    if len(regions) < 2 or not pairs:
        return not_applicable(f"{service.name} has no two regions whose quotas could be compared")
    short = [
        f"{name} in {region}"
        for (_, _, name), by_region in pairs.items()
        for region, (used, limit) in by_region.items()
        if used + max(other for place, (other, _) in by_region.items() if place != region) > limit
    ]
    if short:
        return failed(
            f"{listed(short)} cannot take over the load of another region of {service.name}", short=len(short)
        )
    return passed(f"{len(pairs)} quotas of {service.name} leave room for a failover in each region")


@check(
    id="CA06",
    title="Subnets have addresses for a group at its maximum",
    severity=Severity.MEDIUM,
    lesson="Scaling stops without a word when the subnets run out of addresses, and after the loss of a zone those of the "
    "others must do for all.",
    remediation="`aws ec2 create-subnet` with a wider range (a /20), or `aws ec2 associate-vpc-cidr-block`, and name the new "
    "subnets in the group.",
    docs="https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html",
)
def addresses_left(service: Service, group: ComputeGroup) -> Verdict:
    """Free addresses against the copies still to come."""
    free = known(group.free_addresses)
    if free is None or (most := known(group.max_size)) is None:
        return not_applicable(f"{group.name} has no maximum, or takes no addresses of a subnet")
    to_come = max(0, most - (group.running if group.running is not None else group.desired or 0))
    if free >= to_come:
        return passed(f"{group.name} has {free} free addresses for {to_come} more copies", free=free)
    return failed(f"{group.name} of {service.name} may grow by {to_come}, but {free} addresses are left", free=free)


@check(
    id="CA07",
    title="Each region can grow to what the largest one runs",
    severity=Severity.MEDIUM,
    lesson="A standby sized for tests and capped there fails over on paper only.",
    remediation="The same maximum in each region: `aws autoscaling update-auto-scaling-group --region us-west-2 --max-size`, "
    "best from one template with one parameter.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_withstand_component_failures_static_stability.html",
)
def regions_alike(service: Service, compute: tuple[ComputeGroup, ...]) -> Verdict:
    """Per kind of compute, the sum of the maxima in a region against what runs in the busiest other one."""
    runs: dict[tuple[ComputeKind, str], int] = defaultdict(int)
    room: dict[tuple[ComputeKind, str], int] = defaultdict(int)
    for group in requests_end_at(compute):
        if (most := known(group.max_size)) is not None:
            runs[group.kind, group.region] += group.desired or 0
            room[group.kind, group.region] += most
    short = [
        f"{kind.value.replace('_', ' ')} in {region}"
        for (kind, region), most in room.items()
        if most < max((count for (other, place), count in runs.items() if other is kind and place != region), default=0)
    ]
    if len({region for _, region in room}) < 2:
        return not_applicable(f"{service.name} has no groups with a maximum in two regions")
    if short:
        return failed(f"{listed(short)} of {service.name} may not grow to what another region runs", short=len(short))
    return passed(f"Each region of {service.name} may grow to what the largest one runs")


@check(
    id="CA08",
    title="Machine groups accept more than one machine type",
    severity=Severity.LOW,
    lesson="On 20 October 2025 launches of new machines failed or were rationed until the evening; whoever takes any of six "
    "types gets one sooner than whoever insists.",
    remediation="`aws autoscaling update-auto-scaling-group --mixed-instances-policy` with several `Overrides`, or "
    "`InstanceRequirements` for attribute-based choice.",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html",
)
def several_types(service: Service, group: ComputeGroup) -> Verdict:
    """Machine groups whose types are told."""
    if group.kind is not ComputeKind.MACHINE_GROUP or not group.machine_types:
        return not_applicable(f"{group.name} chooses no machine type")
    if len(set(group.machine_types)) >= 2:
        return passed(f"{group.name} accepts {listed(group.machine_types)}")
    return failed(f"{group.name} of {service.name} accepts {group.machine_types[0]} alone", type=group.machine_types[0])


@check(
    id="CA09",
    title="Queues keep the messages that cannot be handled",
    severity=Severity.MEDIUM,
    lesson="A message that fails is tried until it expires and then is gone; after an outage those are the orders which came "
    "in during it.",
    remediation="`aws sqs set-queue-attributes --attributes RedrivePolicy=...` with a `deadLetterTargetArn` and a "
    "`maxReceiveCount` of 5.",
    docs="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
)
def queue_dead_letters(service: Service, queue: Queue) -> Verdict:
    """Queues which are not themselves the place for failed messages."""
    if queue.is_dead_letter:
        return not_applicable(f"{queue.name} is where failed messages go")
    if known(queue.dead_letter):
        return passed(f"Failed messages of {queue.name} are kept")
    return failed(f"Messages of {queue.name} of {service.name} that keep failing are lost")


@check(
    id="CA10",
    title="Functions keep the events that they failed on",
    severity=Severity.LOW,
    lesson="An asynchronous event is tried three times in minutes; an outage lasts hours, and what came in then is dropped "
    "without a trace.",
    remediation="`aws lambda put-function-event-invoke-config --destination-config OnFailure={Destination=QUEUE_ARN}`, or "
    "`aws lambda update-function-configuration --dead-letter-config TargetArn=QUEUE_ARN`.",
    docs="https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
)
def function_dead_letters(service: Service, group: ComputeGroup) -> Verdict:
    """Functions."""
    kept = known(group.dead_letter) if group.kind is ComputeKind.FUNCTION else None
    if kept is None:
        return not_applicable(f"{group.name} takes no events")
    if kept:
        return passed(f"Events that {group.name} fails on are kept")
    return failed(f"Events that {group.name} of {service.name} fails on are dropped")


@check(
    id="CA11",
    title="Queues hold messages for longer than an outage lasts",
    severity=Severity.MEDIUM,
    lesson="The outage of 20 October 2025 lasted for about 15 hours: a queue that forgets after four hours has lost most of "
    "that day.",
    remediation="`aws sqs set-queue-attributes --attributes MessageRetentionPeriod=345600` (four days); the longest is 14.",
    docs="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-queue-parameters.html",
)
def queue_outlasts(service: Service, queue: Queue) -> Verdict:
    """A day at least."""
    retention = known(queue.retention)
    if retention is None:
        return not_applicable(f"{queue.name} has no retention to set")
    if retention >= _OUTLAST:
        return passed(f"{queue.name} holds messages for {duration(retention)}", seconds=int(retention.total_seconds()))
    return failed(
        f"{queue.name} of {service.name} forgets messages after {duration(retention)}",
        seconds=int(retention.total_seconds()),
    )
