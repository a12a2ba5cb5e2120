"""A zone is the failure that comes first and most often: a power feed, a cooling plant, a switch. One zone less must be a non-event.

Zones protect from a fault in one building, not from a fault in what the buildings share; the region family asks about that.
"""

from checks._check import check
from checks._facts import ComputeGroup, ComputeKind, Datastore, LoadBalancer, Network, StoreKind, known
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._places import over_zones
from checks._words import counted, listed

_MOST_IN_ONE_ZONE = 2 / 3
_QUORUM = 3


@check(
    id="ZN01",
    title="Each group of compute may run in at least two zones",
    severity=Severity.HIGH,
    lesson="On 22 December 2021 a data centre of use1-az4 lost power; Slack, among others, had trouble for five hours, "
    "and whatever was bound to that zone could not start elsewhere.",
    remediation="Auto Scaling: `aws autoscaling update-auto-scaling-group --vpc-zone-identifier` with subnets of three "
    "zones; ECS and Lambda: subnets of three zones in the network configuration; EKS: a node group in each zone.",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html",
)
def compute_may_use_zones(service: Service, group: ComputeGroup) -> Verdict:
    """What the configuration allows; where copies stand now is asked apart, single machines too."""
    if group.kind is ComputeKind.MACHINE:
        return not_applicable(f"{group.name} is a machine of its own")
    if len(group.zones) >= 2 or known(group.zone_redundant):
        return passed(f"{group.name} of {service.name} may run in several zones", zones=listed(group.zones))
    if not group.zones:
        return unknown(f"The zones of {group.name} are not told")
    return failed(f"{group.name} may run in {group.zones[0]} alone", zone=group.zones[0])


@check(
    id="ZN02",
    title="Machines outside a group stand in at least two zones",
    severity=Severity.HIGH,
    lesson="A machine that nobody replaces stays down for as long as its zone does: ten hours on 22 December 2021.",
    remediation="Put stateless machines under an Auto Scaling group over three zones "
    "(`aws autoscaling create-auto-scaling-group --instance-id ...`); give a stateful one a partner in another zone.",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/create-asg-from-instance.html",
)
def machines_in_two_zones(service: Service, compute: tuple[ComputeGroup, ...]) -> Verdict:
    """All single machines of the service together."""
    machines = [group for group in compute if group.kind is ComputeKind.MACHINE and group.running != 0]
    if not machines:
        return not_applicable(f"{service.name} has no machines outside a group")
    zones = {zone for machine in machines for zone in (machine.zones_in_use or machine.zones)}
    if len(zones) >= 2:
        return passed(
            f"{counted(len(machines), 'machine')} of {service.name} stand in {listed(zones)}", machines=len(machines)
        )
    if not zones:
        return unknown(f"The zones of the machines of {service.name} are not told")
    return failed(
        f"{counted(len(machines), 'machine')} of {service.name} outside a group: all in {listed(zones)}",
        machines=len(machines),
    )


@check(
    id="ZN03",
    title="At least two copies run now, in different zones",
    severity=Severity.MEDIUM,
    lesson="Permission to run in three zones does not help one copy that runs in one: when new machines could hardly "
    "be launched for eleven hours on 20 October 2025, only what was already running counted.",
    remediation="Raise the floor: `aws autoscaling update-auto-scaling-group --min-size 3`, "
    "`aws ecs update-service --desired-count 3` with the spread placement strategy over attribute:ecs.availability-zone.",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-availability-zone-balanced.html",
)
def copies_in_two_zones(service: Service, group: ComputeGroup) -> Verdict:
    """Asked of groups which may use several zones and are not switched off."""
    if group.kind in (ComputeKind.MACHINE, ComputeKind.FUNCTION) or not over_zones(group):
        return not_applicable(f"{group.name} places no copies over zones")
    copies = group.running if group.running is not None else group.desired
    if copies == 0:
        return not_applicable(f"{group.name} is switched off")
    if copies == 1:
        return failed(f"One copy of {group.name} runs, so one zone can take it down", copies=1)
    if not group.zones_in_use:
        return unknown(f"Where the copies of {group.name} stand is not told")
    if len(set(group.zones_in_use)) >= 2:
        return passed(f"Copies of {group.name} stand in {listed(group.zones_in_use)}", copies=copies)
    return failed(f"All copies of {group.name} for {service.name} stand in {group.zones_in_use[0]}", copies=copies)


@check(
    id="ZN04",
    title="Each load balancer spans at least two zones",
    severity=Severity.HIGH,
    lesson="A load balancer in one zone takes all that is behind it down with that zone, however well it is spread.",
    remediation="`aws elbv2 set-subnets --load-balancer-arn ARN --subnets` with a subnet in each of three zones.",
    docs="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-subnets.html",
)
def balancer_zones(service: Service, balancer: LoadBalancer) -> Verdict:
    """The zones that it is enabled in."""
    if len(set(balancer.zones)) >= 2:
        return passed(f"{balancer.name} spans {listed(balancer.zones)}")
    if not balancer.zones:
        return unknown(f"The zones of {balancer.name} are not told")
    return failed(f"{balancer.name} of {service.name} stands in {balancer.zones[0]} alone", zone=balancer.zones[0])


@check(
    id="ZN05",
    title="Healthy targets are spread over the load balancer's zones",
    severity=Severity.MEDIUM,
    lesson="When most of the targets stand in one zone, the loss of that zone is an overload of the rest, not a dip.",
    remediation="Balance the group behind it: `aws autoscaling resume-processes --scaling-processes AZRebalance`, and a "
    "minimum that is a multiple of the number of zones.",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html",
)
def healthy_spread(service: Service, balancer: LoadBalancer) -> Verdict:
    """No zone holds more than two thirds of what is healthy."""
    if len(set(balancer.zones)) < 2 or not known(balancer.targets):
        return not_applicable(f"{balancer.name} has no targets to spread")
    healthy = {zone: count for zone, count in known(balancer.healthy_by_zone).items() if count > 0}
    total = sum(healthy.values())
    if total == 0:
        return failed(f"{balancer.name} of {service.name} has no healthy target", healthy=0)
    zone, most = max(sorted(healthy.items()), key=lambda pair: pair[1])
    if most / total > _MOST_IN_ONE_ZONE:
        return failed(f"{most} of {total} healthy targets of {balancer.name} stand in {zone}", healthy=total, zone=zone)
    return passed(f"{total} healthy targets of {balancer.name} stand in {listed(healthy)}", healthy=total)


@check(
    id="ZN06",
    title="Load balancers send to healthy targets of every zone",
    severity=Severity.LOW,
    lesson="Without cross-zone balancing each zone's address serves its own targets only: half of the clients may meet a "
    "zone with one tired machine while the others idle.",
    remediation="`aws elbv2 modify-load-balancer-attributes --attributes Key=load_balancing.cross_zone.enabled,Value=true` "
    "unless zones are kept apart on purpose; then waive this check.",
    docs="https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html",
)
def cross_zone(service: Service, balancer: LoadBalancer) -> Verdict:
    """Kinds which always do it have no such setting."""
    setting = known(balancer.cross_zone)
    if setting is None or len(set(balancer.zones)) < 2:
        return not_applicable(f"{balancer.name} has no such setting")
    if setting:
        return passed(f"{balancer.name} sends to targets in every zone")
    return failed(f"{balancer.name} of {service.name} keeps requests in the zone they came in by")


@check(
    id="ZN07",
    title="Private subnets leave by a NAT gateway of their own zone",
    severity=Severity.MEDIUM,
    lesson="Many found out during a zone's power loss that all three zones left by the one NAT gateway in it.",
    remediation="`aws ec2 create-nat-gateway` in each zone, and `aws ec2 replace-route` so that each private subnet's "
    "default route names the one of its zone; or a regional NAT gateway.",
    docs="https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
)
def own_egress(service: Service, network: Network) -> Verdict:
    """Subnets whose default route crosses into another zone."""
    borrowed = known(network.borrowed_egress) if network.nat_zones else ()
    if not network.nat_zones or not network.private_subnet_zones:
        return not_applicable(f"{network.name} has no private subnet behind a NAT gateway")
    if not borrowed:
        return passed(f"Each private subnet of {network.name} leaves by its own zone")
    subnet, zone, other = borrowed[0]
    return failed(
        f"{len(borrowed)} subnets in the network {network.name} of {service.name} leave by another zone, "
        f"such as {subnet} ({zone}) by {other}",
        subnets=len(borrowed),
    )


def _redundant(store: Datastore) -> bool:
    return len(set(store.zones)) >= 2 or known(store.zone_redundant)


@check(
    id="ZN08",
    title="Each primary datastore survives the loss of a zone",
    severity=Severity.HIGH,
    lesson="On 22 December 2021 single-zone databases in use1-az4 were among the last to come back, some with damaged "
    "volumes.",
    remediation="RDS: `aws rds modify-db-instance --multi-az`; Aurora: add a reader in another zone "
    "(`aws rds create-db-instance --availability-zone`); EFS: a Regional file system instead of One Zone; Cloud SQL: "
    "`gcloud sql instances patch --availability-type=REGIONAL`.",
    docs="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.html",
)
def store_zones(service: Service, store: Datastore) -> Verdict:
    """Databases, warehouses, streams and file systems; caches and search clusters are asked apart."""
    if not store.primary or store.kind is StoreKind.SEARCH:
        return not_applicable(f"{store.name} is not a primary datastore of this kind")
    if _redundant(store):
        return passed(f"{store.name} stands in several zones", zones=listed(store.zones))
    return failed(f"{store.name} of {service.name} is lost with one zone", zones=listed(store.zones))


@check(
    id="ZN09",
    title="Each cache survives the loss of a zone",
    severity=Severity.MEDIUM,
    lesson="On 22 February 2022 Slack's caches were emptied faster than its databases could fill them again: a lost cache "
    "takes down the database behind it.",
    remediation="`aws elasticache modify-replication-group --multi-az-enabled --automatic-failover-enabled` with a replica "
    "in another zone.",
    docs="https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html",
)
def cache_zones(service: Service, store: Datastore) -> Verdict:
    """Caches only."""
    if store.kind is not StoreKind.CACHE:
        return not_applicable(f"{store.name} is no cache")
    if _redundant(store):
        return passed(f"The cache {store.name} stands in several zones", zones=listed(store.zones))
    return failed(f"The cache {store.name} of {service.name} is lost with one zone", zones=listed(store.zones))


@check(
    id="ZN10",
    title="Each search cluster keeps its quorum without a zone",
    severity=Severity.MEDIUM,
    lesson="Two nodes cannot outvote each other: a search cluster of two stops taking writes when it loses either.",
    remediation="`aws opensearch update-domain-config --cluster-config "
    "InstanceCount=3,ZoneAwarenessEnabled=true,ZoneAwarenessConfig={AvailabilityZoneCount=3}`, with three dedicated "
    "master nodes.",
    docs="https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-multiaz.html",
)
def search_quorum(service: Service, store: Datastore) -> Verdict:
    """Three nodes or more over several zones."""
    if store.kind is not StoreKind.SEARCH:
        return not_applicable(f"{store.name} is no search cluster")
    if not _redundant(store):
        return failed(f"The search cluster {store.name} of {service.name} is lost with one zone", nodes=store.nodes)
    if store.nodes is None:
        return unknown(f"How many nodes {store.name} has is not told")
    if store.nodes >= _QUORUM:
        return passed(f"{store.name} has {store.nodes} nodes over several zones", nodes=store.nodes)
    return failed(f"{store.name} has {store.nodes} nodes and loses its quorum with one of them", nodes=store.nodes)
