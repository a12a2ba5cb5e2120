"""When one of three AZs fails, the other two carry half as much load again, at the moment when everyone else asks for capacity too.

Capacity that must be requested during the outage, from a quota, an address range or a launch that may be refused,
cannot be relied on.
"""

import math
from datetime import timedelta

from checks._check import check
from checks._facts import Capacity, ComputeGroup, ComputeKind, Datastore, Deployment, Queue, Quota, StoreKind, known
from checks._headroom import MaximumComparison, QuotaComparison
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._nouns import named, subject
from checks._places import as_far_as_read, over_zones, requests_end_at, running_as_far_as_read
from checks._words import counted, duration, listed
from checks._zones import unit_of

_MOST_USED = 0.8
_OUTLAST = timedelta(hours=24)
_BY_THROUGHPUT = (StoreKind.KEY_VALUE, StoreKind.STREAM)


@check(
    id="CA01",
    title="Datastore scales with demand",
    severity=Severity.MEDIUM,
    lesson="After an outage the load returns at once and is higher than before: retries and queued work. A fixed "
    "throughput turns the end of one outage into the start of the next.",
    remediation="DynamoDB: `aws dynamodb update-table --billing-mode PAY_PER_REQUEST`, or `aws "
    "application-autoscaling register-scalable-target`; Kinesis: `aws kinesis update-stream-mode "
    "--stream-mode-details StreamMode=ON_DEMAND`.",
    docs="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/capacity-mode.html",
)
def store_grows(_: Service, store: Datastore) -> Verdict:
    """Apply to products with a choice of throughput; a database with a fixed instance size has none."""
    capacity = known(store.capacity)
    if capacity is None or (capacity is Capacity.FIXED and store.kind not in _BY_THROUGHPUT):
        return not_applicable(f"{subject(store)} has no throughput setting")
    if capacity is Capacity.FIXED:
        return failed(f"{subject(store)} has fixed throughput and throttles when demand exceeds it")
    return passed(f"{subject(store)} scales with demand ({capacity.value.replace('_', '-')})", capacity=capacity.value)


@check(
    id="CA02",
    title="Datastore has storage autoscaling enabled",
    severity=Severity.MEDIUM,
    lesson="A full disk stops a database as surely as a lost AZ, usually at the busiest hour.",
    remediation="Run `aws rds modify-db-instance --max-allocated-storage 1000`.",
    docs="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html",
)
def storage_grows(_: Service, store: Datastore) -> Verdict:
    """Apply to products with disks of a fixed size."""
    grows = known(store.storage_autoscaling)
    if grows is None:
        return not_applicable(f"{subject(store)} has no disk size to set")
    if grows:
        return passed(f"{subject(store)} has storage autoscaling on")
    return failed(f"{subject(store)}: storage autoscaling is off; a full disk stops it")


@check(
    id="CA03",
    title="Compute group can replace the capacity of a lost AZ",
    severity=Severity.MEDIUM,
    lesson="A group that scales and is already at its maximum cannot grow with the load of a lost AZ. A group of fixed "
    "size keeps its size: the provider launches the replacement in a healthy AZ, if there is capacity.",
    remediation="Raise the maximum to at least the usual number times AZs / (AZs - 1): `aws autoscaling "
    "update-auto-scaling-group --max-size` (ECS: `aws application-autoscaling register-scalable-target "
    "--max-capacity`).",
    docs="https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/static-stability.html",
)
def capacity_for_lost_zone(_: Service, group: ComputeGroup) -> Verdict:
    """Compare the maximum with what runs, for groups over several AZs; replacements in other AZs do not exceed it."""
    zones, copies = len(set(group.zones)), group.desired or 0
    if group.desired == 0 or not over_zones(group) or (most := known(group.max_size)) is None or not copies:
        return not_applicable(f"{subject(group)} has no maximum, or does not run over several AZs")
    if group.running == 0:
        none = f"{subject(group)} runs none of {counted(copies, unit_of(group))}"
        return unknown(f"{none}; unknown whether it can launch any", max_size=most)
    if group.min_size == most == copies:
        return passed(
            f"{subject(group)} has a fixed size of {copies}; what a lost AZ takes is launched in another AZ, if there is "
            "capacity",
            max_size=most,
        )
    needed = math.ceil(copies * zones / (zones - 1))
    if most >= needed:
        return passed(
            f"{subject(group)} runs {copies} and can scale to {most}; a lost AZ needs {needed}", needed=needed
        )
    return failed(
        f"{subject(group)} runs {copies} and can scale to {most} at most; a lost AZ needs {needed}",
        needed=needed,
        max_size=most,
    )


@check(
    id="CA04",
    title="Quota usage is below 80 %",
    severity=Severity.MEDIUM,
    lesson="Failing over doubles a region's usage; an account at 90 % of a quota cannot fail over.",
    remediation="Request an increase weeks before it is needed: `aws service-quotas request-service-quota-increase "
    "--service-code ec2 --quota-code L-1216C47A --desired-value N`.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/manage-service-quotas-and-constraints.html",
)
def quota_usage(service: Service, quota: Quota) -> Verdict:
    """Apply where the usage is measured."""
    used = known(quota.used)
    if used is None or quota.limit <= 0:
        return not_applicable(f"Usage of {named(quota)} is not measured")
    share = used / quota.limit
    percent = math.floor(share * 1000) / 10  # never rounded up to the limit
    usage = f"{f'{used:g} of {quota.limit:g} {quota.unit}'.strip()} used ({percent:g} %)"
    if share < _MOST_USED:
        return passed(f"{subject(quota)} in {quota.region}: {usage}", share=round(share, 3))
    return failed(
        f"{subject(quota)} in {quota.region}, where {service.name} runs: {usage}",
        share=round(share, 3),
        limit=quota.limit,
    )


@check(
    id="CA05",
    title="Quotas of each region allow the load of another region",
    severity=Severity.HIGH,
    lesson="A quota raised over years in the home region is still at its default in the standby region; this is "
    "found in the first minutes of the failover.",
    remediation="Raise it to the home region's value: `aws service-quotas request-service-quota-increase --region "
    "us-west-2 ...`; a quota request template in AWS Organizations sets new accounts alike.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_manage_service_limits_limits_considered.html",
    needs_all_regions="to apply",
)
def quotas_for_failover(
    service: Service, quotas: tuple[Quota, ...], compute: tuple[ComputeGroup, ...], deployments: tuple[Deployment, ...]
) -> Verdict:
    """Compare each quota in each region of the service with what the other regions use of it."""
    running, doubt = running_as_far_as_read(compute, deployments)
    regions = {region for _, region in running}
    read, hidden = as_far_as_read(quotas)
    compared = QuotaComparison.of(read, regions)
    if compared.short:
        return failed(
            f"{service.name} cannot fail over within its quotas; too low for another region's load: "
            f"{listed(compared.short)}",
            short=len(compared.short),
        )
    if reason := doubt or (hidden if len(regions) >= 2 else None):
        raise reason
    if len(regions) >= 2 and compared.unread is not None:
        known(compared.unread)
    if len(regions) < 2 or not compared.pairs:
        return not_applicable(f"{service.name} runs in one region, or no quota is measured in two regions")
    return passed(f"Quotas of {service.name} allow a failover in each region ({compared.pairs} compared)")


@check(
    id="CA06",
    title="Subnets have enough free addresses for the group's maximum",
    severity=Severity.MEDIUM,
    lesson="Scaling stops when the subnets run out of addresses, and after losing an AZ the remaining subnets must "
    "be enough for all.",
    remediation="Create wider subnets (`aws ec2 create-subnet` with a /20, or `aws ec2 associate-vpc-cidr-block`) "
    "and add them to the group.",
    docs="https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html",
)
def addresses_left(_: Service, group: ComputeGroup) -> Verdict:
    """Compare the free addresses with the instances or tasks that may still be started."""
    free = known(group.free_addresses)
    if free is None or (most := known(group.max_size)) is None:
        return not_applicable(f"{subject(group)} has no maximum, or uses no subnet addresses")
    to_come = max(0, most - (group.running if group.running is not None else group.desired or 0))
    if free >= to_come:
        return passed(f"{subject(group)} can grow by {to_come} and has {free} free addresses", free=free)
    return failed(f"{subject(group)} can grow by {to_come} but has {free} free addresses", free=free)


@check(
    id="CA07",
    title="Each region can scale to the size of the largest one",
    severity=Severity.MEDIUM,
    lesson="A standby with a maximum sized for tests cannot take production load.",
    remediation="Set the same maximum in each region, best from one template parameter: `aws autoscaling "
    "update-auto-scaling-group --region us-west-2 --max-size`.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_withstand_component_failures_static_stability.html",
)
def regions_can_scale_alike(service: Service, compute: tuple[ComputeGroup, ...]) -> Verdict:
    """Compare, per kind of compute, the sum of the maxima in a region with what runs in the busiest other region."""
    compared = MaximumComparison.of(requests_end_at(compute))
    if len(compared.regions) < 2:
        return not_applicable(f"{service.name} has no groups with a maximum in two regions")
    if compared.short:
        return failed(
            f"{service.name} cannot scale to the size of its largest region: maximum too low for {listed(compared.short)}",
            short=len(compared.short),
        )
    if compared.unread is not None:
        known(compared.unread)
    return passed(f"Each region of {service.name} can scale to the size of the largest one")


@check(
    id="CA08",
    title="Instance group accepts more than one instance type",
    severity=Severity.LOW,
    lesson="On 20 October 2025 launches of new instances failed or were throttled until the evening; a group that "
    "accepts six types gets an instance sooner than one that insists on a single type.",
    remediation="Add several `Overrides` with `aws autoscaling update-auto-scaling-group --mixed-instances-policy`, "
    "or use `InstanceRequirements` for attribute-based selection.",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html",
)
def several_types(_: Service, group: ComputeGroup) -> Verdict:
    """Apply to instance groups with known instance types."""
    if group.kind is ComputeKind.MACHINE_GROUP and group.machine_types_by_attributes is True:
        return passed(f"{subject(group)} accepts every instance type with the attributes that it asks for")
    if group.kind is not ComputeKind.MACHINE_GROUP:
        return not_applicable(f"{subject(group)} is not an instance group")
    if len(set(group.machine_types)) >= 2:
        return passed(f"{subject(group)} accepts {listed(group.machine_types)}")
    if not known(group.machine_types_by_attributes) and not group.machine_types:
        return not_applicable(f"{subject(group)} has no instance type setting")
    return failed(
        f"{subject(group)} accepts only {group.machine_types[0]}; launches fail when that type has no capacity",
        type=group.machine_types[0],
    )


@check(
    id="CA09",
    title="Queue has a dead-letter queue",
    severity=Severity.MEDIUM,
    lesson="Without a dead-letter queue a failing message is retried until it expires and is lost; after an outage "
    "those are the orders placed during it.",
    remediation="Run `aws sqs set-queue-attributes --attributes RedrivePolicy=...` with a `deadLetterTargetArn` and "
    "a `maxReceiveCount` of 5.",
    docs="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
)
def queue_dead_letters(_: Service, queue: Queue) -> Verdict:
    """Apply to queues that are not dead-letter queues themselves."""
    if queue.is_dead_letter is True:
        return not_applicable(f"{subject(queue)} is a dead-letter queue")
    if known(queue.dead_letter):
        return passed(f"{subject(queue)} has a dead-letter queue")
    if known(queue.is_dead_letter):
        return not_applicable(f"{subject(queue)} is a dead-letter queue")
    return failed(f"{subject(queue)} has no dead-letter queue; messages that keep failing are lost")


@check(
    id="CA10",
    title="Function has a dead-letter queue or failure destination",
    severity=Severity.LOW,
    lesson="An asynchronous event is tried three times within minutes; an outage lasts hours, and events that fail "
    "during it are dropped without a trace.",
    remediation="Run `aws lambda put-function-event-invoke-config --destination-config "
    "OnFailure={Destination=QUEUE_ARN}`, or `aws lambda update-function-configuration --dead-letter-config "
    "TargetArn=QUEUE_ARN`.",
    docs="https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
)
def function_dead_letters(_: Service, group: ComputeGroup) -> Verdict:
    """Apply to functions."""
    kept = known(group.dead_letter) if group.kind is ComputeKind.FUNCTION else None
    if kept is None:
        return not_applicable(f"{subject(group)} receives no asynchronous events")
    if kept:
        return passed(f"{subject(group)} has a dead-letter queue or failure destination")
    return failed(f"{subject(group)} has no dead-letter queue or failure destination; events that fail are dropped")


@check(
    id="CA11",
    title="Queue keeps messages for at least 24 h",
    severity=Severity.MEDIUM,
    lesson="The outage of 20 October 2025 lasted about 15 hours: a queue with a retention of four hours lost most of "
    "that day.",
    remediation="Set a retention of four days, at most 14: `aws sqs set-queue-attributes --attributes "
    "MessageRetentionPeriod=345600`.",
    docs="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-queue-parameters.html",
)
def queue_outlasts(_: Service, queue: Queue) -> Verdict:
    """Require a retention of at least 24 h."""
    retention = known(queue.retention)
    if retention is None:
        return not_applicable(f"{subject(queue)} has no retention setting")
    if retention >= _OUTLAST:
        return passed(
            f"{subject(queue)} keeps messages for {duration(retention)}", seconds=int(retention.total_seconds())
        )
    return failed(
        f"{subject(queue)} keeps messages for {duration(retention)}; a longer outage loses them",
        seconds=int(retention.total_seconds()),
    )


@check(
    id="CA12",
    title="Instance group replaces Spot instances before their interruption",
    severity=Severity.LOW,
    lesson="Spot instances end 2 min after a notice; after losing an AZ, many groups get that notice at once.",
    remediation="Run `aws autoscaling update-auto-scaling-group --capacity-rebalance`.",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-capacity-rebalancing.html",
)
def spot_replaced(_: Service, group: ComputeGroup) -> Verdict:
    """Apply to groups that are known to use Spot instances."""
    if group.replaces_interrupted is None:
        return not_applicable(f"{subject(group)} is not known to use Spot instances")
    if group.replaces_interrupted:
        return passed(f"{subject(group)} has capacity rebalancing on")
    return failed(f"{subject(group)} uses Spot instances with capacity rebalancing off")
