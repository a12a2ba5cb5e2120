"""A zone outage is the most common large failure: a power feed, a cooling plant, a switch. Losing one zone must not take a service down.

Availability Zones (AZs) protect from a fault in one building, not from a fault in what the buildings share; the
region family covers that.
"""

from checks._check import check
from checks._facts import (
    ComputeGroup,
    ComputeKind,
    Datastore,
    Gateway,
    LoadBalancer,
    Network,
    ObjectStore,
    StoreKind,
    Volume,
    known,
)
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._nouns import named, not_primary, subject, zone_name, zones_named
from checks._places import as_far_as_read, over_zones
from checks._words import counted, listed
from checks._zones import quorum_of, redundant, single_zone, spread_of_targets, unit_of


@check(
    id="ZN01",
    title="Compute group can run in at least two AZs",
    severity=Severity.HIGH,
    lesson="On 22 December 2021 a data centre of use1-az4 lost power. Slack, among others, was degraded for five "
    "hours, and whatever was bound to that AZ could not start elsewhere.",
    remediation="Auto Scaling: `aws autoscaling update-auto-scaling-group --vpc-zone-identifier` with subnets in "
    "three AZs; ECS and Lambda: subnets in three AZs in the network configuration; EKS: a node group in each AZ.",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html",
)
def compute_may_use_zones(_: Service, group: ComputeGroup) -> Verdict:
    """Judge what the configuration allows; where copies run now is ZN03, standalone machines are ZN02."""
    if group.kind is ComputeKind.MACHINE:
        return not_applicable(f"{subject(group)} is a standalone machine")
    if len(group.zones) >= 2 or known(group.zone_redundant):
        return passed(f"{subject(group)} can run in several AZs", zones=zones_named(group, group.zones))
    if not group.zones and group.one_zone:
        return failed(f"{subject(group)} is not zone-redundant: it stays in one AZ, which its provider chooses")
    if not group.zones:
        return unknown(f"AZs of {named(group)} are unknown")
    return failed(
        f"{subject(group)} can run only in {zones_named(group, group.zones)}; it cannot restart elsewhere when that AZ fails",
        zone=zones_named(group, group.zones),
    )


@check(
    id="ZN02",
    title="Standalone machines run in at least two AZs",
    severity=Severity.HIGH,
    lesson="A standalone machine is not replaced and stays down as long as its AZ does: ten hours on 22 December 2021.",
    remediation="Put stateless machines into an Auto Scaling group over three AZs (`aws autoscaling "
    "create-auto-scaling-group --instance-id ...`); give a stateful machine a standby in another AZ.",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/create-asg-from-instance.html",
)
def machines_in_two_zones(service: Service, compute: tuple[ComputeGroup, ...]) -> Verdict:
    """Judge all standalone machines of the service together."""
    read, doubt = as_far_as_read(compute)
    machines = [group for group in read if group.kind is ComputeKind.MACHINE and group.running != 0]
    zones = {zone_name(machine, zone) for machine in machines for zone in machine.zones_in_use or machine.zones}
    count, verb = counted(len(machines), "standalone machine"), "runs" if len(machines) == 1 else "run"
    if len(zones) >= 2:
        return passed(f"{count} of {service.name} {verb} in {listed(zones)}", machines=len(machines))
    if doubt is not None:
        raise doubt
    if not machines:
        return not_applicable(f"{service.name} has no standalone machine that runs")
    if not zones:
        return unknown(f"AZs of the standalone machines of {service.name} are unknown")
    return failed(
        f"{count} of {service.name} {verb} only in {listed(zones)} with nothing to take over when that AZ fails",
        machines=len(machines),
    )


@check(
    id="ZN03",
    title="At least two tasks or instances run now, in different AZs",
    severity=Severity.MEDIUM,
    lesson="Permission to run in three AZs does not help a single task in one of them: on 20 October 2025 new "
    "instances could hardly be launched for eleven hours, and only what was already running served requests.",
    remediation="Raise the minimum: `aws autoscaling update-auto-scaling-group --min-size 3`, `aws ecs "
    "update-service --desired-count 3` with the spread placement strategy over attribute:ecs.availability-zone.",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-availability-zone-balanced.html",
)
def copies_in_two_zones(_: Service, group: ComputeGroup) -> Verdict:
    """Apply to groups that can use several AZs and are not scaled to zero."""
    if group.kind in (ComputeKind.MACHINE, ComputeKind.FUNCTION) or not over_zones(group):
        return not_applicable(f"{subject(group)} is not spread over AZs")
    copies = group.running if group.running is not None else group.desired
    unit = unit_of(group)
    if group.desired == 0 or (group.desired is None and copies == 0):
        return not_applicable(f"{subject(group)} is scaled to zero")
    if copies in (0, 1):
        none = f"runs none of {counted(group.desired or 0, unit)}"
        few = f"runs a single {unit}; losing its AZ takes it down" if copies else none
        return failed(f"{subject(group)} {few}", copies=copies)
    if not group.zones_in_use:
        return unknown(f"AZs of the running {unit}s of {named(group)} are unknown")
    if len(set(group.zones_in_use)) >= 2:
        return passed(f"{subject(group)} runs in {zones_named(group, group.zones_in_use)}", copies=copies)
    many = f"All {copies} {unit}s" if copies is not None else f"All {unit}s"
    return failed(f"{many} of {named(group)} run in {zones_named(group, group.zones_in_use)}", copies=copies)


@check(
    id="ZN04",
    title="Load balancer spans at least two AZs",
    severity=Severity.HIGH,
    lesson="A load balancer in one AZ takes everything behind it down with that AZ, however well the targets are "
    "spread.",
    remediation="Add subnets: `aws elbv2 set-subnets --load-balancer-arn ARN --subnets` with a subnet in each of "
    "three AZs.",
    docs="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-subnets.html",
)
def balancer_zones(service: Service, balancer: LoadBalancer) -> Verdict:
    """Judge the AZs that the load balancer is enabled in."""
    if len(set(balancer.zones)) >= 2:
        return passed(f"{subject(balancer)} spans {zones_named(balancer, balancer.zones)}")
    if not balancer.zones:
        return unknown(f"AZs of {named(balancer)} are unknown")
    return failed(
        f"{subject(balancer)} spans one AZ: {zones_named(balancer, balancer.zones)}; losing that AZ takes {service.name} down",
        zone=zones_named(balancer, balancer.zones),
    )


@check(
    id="ZN05",
    title="Healthy targets are spread over the load balancer's AZs",
    severity=Severity.MEDIUM,
    lesson="When most targets run in one AZ, losing that AZ overloads the rest instead of costing a share of capacity.",
    remediation="Rebalance the group behind it: `aws autoscaling resume-processes --scaling-processes AZRebalance`, "
    "and set a minimum that is a multiple of the number of AZs.",
    docs="https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html",
)
def healthy_spread(_: Service, balancer: LoadBalancer) -> Verdict:
    """Fail where one AZ has more than two thirds of the healthy targets."""
    if len(set(balancer.zones)) < 2 or not known(balancer.targets):
        return not_applicable(f"{subject(balancer)} has no targets to spread over AZs")
    return spread_of_targets(balancer)


@check(
    id="ZN06",
    title="Load balancer has cross-zone load balancing enabled",
    severity=Severity.LOW,
    lesson="Without cross-zone load balancing each AZ's address serves only its own targets: half of the clients may "
    "reach an AZ with one overloaded target while the other AZs are idle.",
    remediation="Run `aws elbv2 modify-load-balancer-attributes --attributes "
    "Key=load_balancing.cross_zone.enabled,Value=true`, unless AZs are isolated on purpose; then waive this check.",
    docs="https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html",
)
def cross_zone(_: Service, balancer: LoadBalancer) -> Verdict:
    """Apply to load balancers with this setting; other kinds always balance across AZs."""
    setting = known(balancer.cross_zone)
    if setting is None or len(set(balancer.zones)) < 2:
        return not_applicable(f"{subject(balancer)} has no cross-zone setting")
    if setting:
        return passed(f"{subject(balancer)} has cross-zone load balancing enabled")
    return failed(f"{subject(balancer)} has cross-zone load balancing off; each AZ serves only its own targets")


@check(
    id="ZN07",
    title="Private subnets use a NAT gateway in their own AZ",
    severity=Severity.MEDIUM,
    lesson="During AZ outages many teams found that the private subnets of all three AZs used the one NAT gateway in "
    "the failed AZ.",
    remediation="Create a NAT gateway in each AZ (`aws ec2 create-nat-gateway`) and point each private subnet's "
    "default route to the one in its AZ (`aws ec2 replace-route`); or use a regional NAT gateway.",
    docs="https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
)
def own_egress(_: Service, network: Network) -> Verdict:
    """Count the subnets whose default route goes through another AZ."""
    borrowed = known(network.borrowed_egress) if (nat_zones := known(network.nat_zones)) else ()
    if not nat_zones or not network.private_subnet_zones:
        return not_applicable(f"{subject(network)} has no private subnet behind a NAT gateway")
    if not borrowed:
        return passed(f"Private subnets of {named(network)} use a NAT gateway in their own AZ")
    subnet, zone, other = borrowed[0]
    verb = "uses" if len(borrowed) == 1 else "use"
    return failed(
        f"{counted(len(borrowed), 'private subnet')} of {named(network)} {verb} a NAT gateway in another AZ, "
        f"such as {subnet} ({zone_name(network, zone)}) through {zone_name(network, other)}",
        subnets=len(borrowed),
    )


@check(
    id="ZN08",
    title="Primary datastore is multi-AZ",
    severity=Severity.HIGH,
    lesson="On 22 December 2021 single-AZ databases in use1-az4 were among the last to recover, some with damaged "
    "volumes.",
    remediation="RDS: `aws rds modify-db-instance --multi-az`; Aurora: add a reader in another AZ (`aws rds "
    "create-db-instance --availability-zone`); EFS: use a Regional file system instead of One Zone; DocumentDB and Neptune: "
    "add an instance in another AZ; Redshift: `aws redshift modify-cluster --multi-az`; MemoryDB: a replica in each shard.",
    docs="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.html",
)
def store_zones(service: Service, store: Datastore) -> Verdict:
    """Apply to databases, warehouses, streams and file systems; caches are ZN09, search clusters ZN10."""
    if not store.primary:
        return not_applicable(not_primary(store))
    if store.kind is StoreKind.SEARCH:
        return not_applicable(f"{subject(store)} is a search cluster, see ZN10")
    if redundant(store):
        return passed(f"{subject(store)} is multi-AZ", zones=zones_named(store, store.zones))
    return failed(
        f"{subject(store)} {single_zone(store)} takes {service.name} down", zones=zones_named(store, store.zones)
    )


@check(
    id="ZN09",
    title="Cache is multi-AZ",
    severity=Severity.MEDIUM,
    lesson="On 22 February 2022 Slack's caches were emptied faster than its databases could refill them: losing a "
    "cache can take down the database behind it.",
    remediation="ElastiCache: add a replica in another AZ and run `aws elasticache modify-replication-group "
    "--multi-az-enabled --automatic-failover-enabled`; DAX: `aws dax increase-replication-factor`.",
    docs="https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html",
)
def cache_zones(service: Service, store: Datastore) -> Verdict:
    """Apply to caches only."""
    if store.kind is not StoreKind.CACHE:
        return not_applicable(f"{subject(store)} is not a cache")
    if redundant(store):
        return passed(f"{subject(store)} is multi-AZ", zones=zones_named(store, store.zones))
    return failed(
        f"{subject(store)} {single_zone(store)} sends the load of {service.name} to its database",
        zones=zones_named(store, store.zones),
    )


@check(
    id="ZN10",
    title="Search cluster keeps its quorum without one AZ",
    severity=Severity.MEDIUM,
    lesson="Two nodes cannot form a majority after a failure: a two-node search cluster stops accepting writes when "
    "it loses either node, and four nodes over two AZs when they lose either AZ.",
    remediation="Run `aws opensearch update-domain-config --cluster-config "
    "InstanceCount=3,ZoneAwarenessEnabled=true,ZoneAwarenessConfig={AvailabilityZoneCount=3}`, with three dedicated "
    "master nodes.",
    docs="https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-multiaz.html",
)
def search_quorum(_: Service, store: Datastore) -> Verdict:
    """Judge the votes: those of dedicated masters where there are any, else of the data nodes."""
    if store.kind is not StoreKind.SEARCH:
        return not_applicable(f"{subject(store)} is not a search cluster")
    if not redundant(store):
        return failed(f"{subject(store)} {single_zone(store)} takes the search cluster down", nodes=store.nodes)
    return quorum_of(store)


@check(
    id="ZN11",
    title="Object store is zone-redundant",
    severity=Severity.MEDIUM,
    lesson="On 4 September 2018 lightning stopped the cooling of one Azure data centre in South Central US. Storage hardware "
    "was damaged, and data with all its copies in that data centre was unavailable until it was repaired.",
    remediation="Azure: `az storage account migration start --sku Standard_ZRS` (or Standard_GZRS); Google Cloud: a "
    "standard class instead of a zonal bucket.",
    docs="https://learn.microsoft.com/azure/storage/common/storage-redundancy",
)
def object_zones(service: Service, bucket: ObjectStore) -> Verdict:
    """Judge the redundancy of the bucket or account; a class that single objects have is not visible."""
    if bucket.replica_of:
        return not_applicable(f"{subject(bucket)} is a copy; the bucket that is replicated to it is judged")
    if known(bucket.zone_redundant):
        return passed(f"{subject(bucket)} is zone-redundant")
    return failed(f"{subject(bucket)} keeps all copies in one AZ; losing that AZ degrades {service.name}")


@check(
    id="ZN12",
    title="API gateway is zone-redundant",
    severity=Severity.HIGH,
    lesson="On 30 August 2023 a power sag stopped the cooling of one data centre of Azure's Australia East. What ran in that AZ "
    "alone was down, and all calls of an API pass its gateway.",
    remediation="Use a tier that spans AZs and name several: `zones` of the gateway in your template.",
    docs="https://learn.microsoft.com/azure/reliability/reliability-api-management",
)
def gateway_zones(service: Service, gateway: Gateway) -> Verdict:
    """Judge where the gateway itself runs; what it sends requests to is judged for itself."""
    if len(set(gateway.zones)) >= 2 or known(gateway.zone_redundant):
        return passed(f"{subject(gateway)} is zone-redundant", zones=zones_named(gateway, gateway.zones))
    return failed(f"{subject(gateway)} runs in one AZ; losing that AZ takes the API of {service.name} down")


@check(
    id="ZN13",
    title="Attached volume is zone-redundant",
    severity=Severity.LOW,
    lesson="A machine can be started in another AZ within minutes; its disk cannot follow, and restoring a snapshot of some "
    "terabytes takes hours.",
    remediation="Replace it by a zone-redundant volume (`ZRS`, or a regional disk), or replicate its data to another AZ.",
    docs="https://learn.microsoft.com/azure/virtual-machines/disks-redundancy",
)
def volume_zones(_: Service, volume: Volume) -> Verdict:
    """Apply to products that offer zone-redundant volumes, and to volumes that are not replaced with their machine."""
    if not volume.attached_to:
        return not_applicable(f"{subject(volume)} is not attached")
    several = known(volume.zone_redundant)
    if several is None:
        return not_applicable(f"{subject(volume)} is of a product that has no zone-redundant volumes")
    if several:
        return passed(f"{subject(volume)} is zone-redundant")
    if known(volume.disposable):
        return not_applicable(f"{subject(volume)} is replaced together with its machine")
    return failed(f"{subject(volume)} exists in one AZ only, and its machine cannot start elsewhere with it")
