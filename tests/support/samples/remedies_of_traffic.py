"""Remedies of names, traffic, networks and clusters."""

from datetime import timedelta
from typing import Any

from support.builders.facts import (
    AWAY,
    NOW,
    ZONES,
    certificate,
    compute,
    datastore,
    days_ago,
    deployment,
    distribution,
    dns_record,
    dns_zone,
    endpoint_use,
    gateway,
    health_check,
    load_balancer,
    network,
    pipeline,
    service,
    traffic_shift,
    volume,
)
from support.builders.networks import accelerator, firewall, line, private_endpoint, transit_attachment, vpn
from support.builders.workloads import NODES, add_on, autoscaler, budget, control_plane, workload
from support.samples.remedy import Remedy, remedy

from checks import Dependency, DnsRecord, Fact, Service

TWICE: tuple[Fact, ...] = (compute("a"), compute("b", region=AWAY))
PIN = "aws/us-east-1/dynamodb"


def pinned(**fields: Any) -> Service:
    return service(depends_on=(Dependency(PIN, "scope", **fields),))


def weighted(**fields: Any) -> DnsRecord:
    sound: dict[str, Any] = {"policy": "weighted", "health_check": "", "siblings": 2}
    return dns_record(**sound | fields)


def single(**fields: Any) -> DnsRecord:
    sound: dict[str, Any] = {"policy": "simple", "siblings": 1, "health_check": ""}
    return dns_record(**sound | fields)


SLOW = certificate(expires_at=days_ago(-10))
BORROWED = (("s", ZONES[1], ZONES[0]),)
ONE_DEVICE = (line("a", device="d", location="l"), line("b", device="d", location="l"))
TRAFFIC: tuple[Remedy, ...] = (
    remedy("CN01", "--add-subnet-ids", private_endpoint(zones=ZONES[:1]), private_endpoint()),
    remedy("CN02", "associate-subnets", firewall(zones=ZONES[:1]), firewall()),
    remedy(
        "CN03",
        "aws ec2 replace-route",
        network(inspection_zones=ZONES[:1], borrowed_inspection=BORROWED),
        network(inspection_zones=ZONES, borrowed_inspection=()),
    ),
    remedy("CN04", "--add-subnet-ids", transit_attachment(zones=ZONES[:1]), transit_attachment()),
    remedy(
        "CN05", "get-vpn-connection-device-sample-configuration | describe-vpn-connections", vpn(tunnels_up=1), vpn()
    ),
    remedy("CN06", "create-customer-gateway | create-vpn-connection", vpn(), (vpn(), vpn("second", gateway="vgw-1"))),
    remedy("CN07", "aws directconnect create-connection", line(), (line(), line("dx-2"))),
    remedy("CN07", "aws ec2 create-vpn-connection", line(), (line(), vpn())),
    remedy("CN08", "describe-locations | create-connection --location", line(), (line(), line("dx-2"))),
    remedy("CN09", "--minimum-links 1", line(links=2, minimum_links=2), line(links=2, minimum_links=1)),
    remedy(
        "CN10",
        "create-endpoint-group | --traffic-dial-percentage",
        accelerator(regions=("us-east-1",)),
        accelerator(),
    ),
    remedy("CN11", "--delete-protection", firewall(deletion_protection=False), firewall()),
    *(
        remedy("CP01", words, endpoint_use(endpoint="sts.amazonaws.com"), endpoint_use())
        for words in (
            "AWS_STS_REGIONAL_ENDPOINTS=regional",
            "sts_regional_endpoints = regional",
            "an SDK from July 2025",
        )
    ),
    remedy("CP02", "HealthCheckId | change-resource-record-sets", weighted(), weighted(health_check="hc-1")),
    remedy("CP02", "EvaluateTargetHealth: true", weighted(), weighted(evaluates_target_health=True)),
    remedy("CP03", "depends_on: [{on: ", TWICE, TWICE, of=pinned(), then=pinned(fallback="aws/us-west-2/dynamodb")),
    remedy("CP03", "soft: true", TWICE, TWICE, of=pinned(), then=pinned(hard=False)),
    remedy(
        "CP04",
        "create-load-balancer",
        (*TWICE, load_balancer()),
        (*TWICE, load_balancer(), load_balancer("b", region=AWAY)),
    ),
    remedy("CP04", "create-rest-api", (*TWICE, gateway()), (*TWICE, gateway(), gateway("b", region=AWAY))),
    remedy("CP05", "create-pipeline --region", (*TWICE, pipeline()), (*TWICE, pipeline(), pipeline("b", region=AWAY))),
    remedy("CP05", "outside both regions", (*TWICE, pipeline()), (*TWICE, pipeline("b", region="eu-west-1"))),
    remedy("DN01", "TTL: 60 | change-resource-record-sets", dns_record(ttl=300), dns_record(ttl=60)),
    remedy("DN01", "alias records", dns_record(ttl=300), dns_record(ttl=None), gone=True),
    remedy(
        "DN02",
        "create-health-check | HealthCheckId | change-resource-record-sets",
        dns_record(health_check_exists=False),
        dns_record(),
    ),
    remedy(
        "DN03", "update-domain-nameservers | get-hosted-zone", dns_zone(delegated_to=("ns-9.example.org",)), dns_zone()
    ),
    remedy("DN04", "enable-domain-auto-renew", dns_zone(auto_renew=False), dns_zone()),
    remedy("DN04", "renew-domain", dns_zone(expires_at=days_ago(-3)), dns_zone()),
    remedy("DN05", "enable-domain-transfer-lock", dns_zone(registrar_lock=False), dns_zone()),
    remedy(
        "DN06",
        "AliasTarget | change-resource-record-sets",
        single(),
        single(targets=("front.elb.amazonaws.com",)),
        gone=True,
    ),
    remedy("DN06", "several multivalue records", single(), dns_record(policy="multivalue", siblings=2)),
    remedy(
        "DN07", "--validation-method DNS", certificate(expires_at=days_ago(-10), renews_itself=False), certificate()
    ),
    remedy("DN07", "describe-certificate", SLOW, certificate(expires_at=NOW + timedelta(days=395))),
    remedy(
        "DN07",
        "import-certificate",
        certificate(expires_at=days_ago(1), renews_itself=False),
        certificate(renews_itself=False),
    ),
    remedy("FO01", "--automatic-failover-enabled", datastore(automatic_failover=False), datastore()),
    remedy("FO01", "--multi-az", datastore(automatic_failover=False), datastore()),
    remedy("FO01", "an odd number of voting members", datastore(automatic_failover=False), datastore(nodes=3)),
    remedy(
        "FO02",
        "change-resource-record-sets | Failover: PRIMARY | Failover: SECONDARY",
        dns_record(siblings=1),
        (dns_record(), dns_record(role="secondary")),
    ),
    remedy("FO02", "HealthCheckId", dns_record(health_check=""), dns_record()),
    remedy(
        "FO02",
        "EvaluateTargetHealth: true",
        dns_record(health_check=""),
        dns_record(health_check="", evaluates_target_health=True),
    ),
    remedy(
        "FO03",
        "--failure-threshold 3",
        health_check(detects_in=timedelta(minutes=5)),
        health_check(detects_in=timedelta(seconds=90)),
    ),
    remedy(
        "FO03",
        "RequestInterval=10",
        health_check(detects_in=timedelta(minutes=5)),
        health_check(detects_in=timedelta(seconds=30)),
    ),
    remedy("FO04", "--no-disabled", health_check(disabled=True), health_check()),
    remedy(
        "FO05",
        "health-checked failover",
        TWICE,
        (*TWICE, dns_record(), dns_record(role="secondary", target_regions=(AWAY,))),
    ),
    remedy("FO05", "latency records", TWICE, (*TWICE, weighted(policy="latency", health_check="h", target_regions=()))),
    remedy("FO05", "routing controls", TWICE, (*TWICE, traffic_shift(kind="routing_control"))),
    remedy("FO05", "arc-region-switch create-plan", TWICE, (*TWICE, traffic_shift(kind="region_switch"))),
    remedy("FO05", "Global Accelerator", TWICE, (*TWICE, accelerator())),
    remedy(
        "FO06",
        "create-practice-run-configuration | --zonal-autoshift-status ENABLED",
        load_balancer(),
        (load_balancer(), traffic_shift(kind="zonal", automatic=True, protects=(load_balancer().resource,))),
    ),
    remedy("FO07", "--min-size", (compute(), compute("b", region=AWAY, running=0)), TWICE),
    remedy("FO07", "--desired-count", (compute(), compute("b", region=AWAY, running=0)), TWICE),
    remedy("FO08", "update-distribution | OriginGroups", distribution(origin_failover=False), distribution()),
    remedy("FO09", "--health-check-type ELB", compute(health_check="EC2"), compute()),
    remedy("FO09", "--health-check=", compute(health_check="machine state"), compute(health_check="autohealing")),
    remedy(
        "FO09", "--enable-automatic-repairs", compute(health_check="machine state"), compute(health_check="repairs")
    ),
    remedy("FO10", "resume-processes", compute(suspended=("Launch",)), compute()),
    remedy(
        "CL01",
        "minAvailable | maxUnavailable: 1",
        budget(min_available="3"),
        budget(min_available="", max_unavailable="1"),
    ),
    remedy("CL01", "at least two replicas", budget(min_available="1", pods=1), budget(min_available="1", pods=2)),
    remedy("CL02", "minReplicas: 2 | kubectl patch hpa NAME", autoscaler(minimum=1), autoscaler(minimum=2)),
    remedy("CL03", "scaleTargetRef | kubectl get hpa", autoscaler(target_exists=False), autoscaler()),
    remedy("CL03", "maxReplicas | minReplicas", autoscaler(maximum=3), autoscaler()),
    remedy("CL04", "scale deployment coredns", add_on(replicas=1), add_on()),
    remedy("CL05", "kubeadm join --control-plane", control_plane(nodes=1, votes=(1,)), control_plane()),
    remedy(
        "CL05",
        "a managed control plane",
        control_plane(nodes=1, votes=(1,)),
        control_plane(nodes=None, votes=()),
        gone=True,
    ),
    remedy("CL06", "Name a version", workload(images=("docker.io/web:latest",)), workload()),
    remedy(
        "CL06",
        "image: registry",
        workload(images=("docker.io/web:latest",)),
        workload(images=("docker.io/web@sha256:0",)),
    ),
    *(
        remedy("CL07", words, workload(images=("docker.io/library/nginx:1.27",)), workload())
        for words in ("create-pull-through-cache-rule", "an Artifact Registry remote repository", "Harbor as a proxy")
    ),
    remedy("WL01", "replicas: 3 | kubectl scale deployment", workload(replicas=1, running=1), workload()),
    remedy(
        "WL02",
        "topologySpreadConstraints | kubernetes.io/hostname | maxSkew: 1",
        workload(spread_over=()),
        workload(spread_over=("node",)),
    ),
    remedy("WL02", "podAntiAffinity", workload(nodes_in_use=NODES[:1] * 3), workload()),
    remedy(
        "WL03",
        "topologySpreadConstraints | topology.kubernetes.io/zone | maxSkew: 1",
        workload(spread_over=("node",)),
        workload(),
    ),
    remedy("WL04", "maxUnavailable: 1 | kubectl create poddisruptionbudget", workload(budgets=()), workload()),
    remedy("WL05", "readinessProbe", workload(readiness_probe=False), workload()),
    remedy("WL06", "livenessProbe | readinessProbe", workload(same_probes=("web",)), workload()),
    remedy(
        "WL07",
        "resources.requests | cpu | memory | kubectl set resources",
        workload(without_requests=("web",)),
        workload(),
    ),
    remedy("WL08", "strategy: {type: RollingUpdate", workload(update="Recreate", stops_all=True), workload()),
    remedy("WL09", "kubectl create priorityclass | priorityClassName", workload(priority=""), workload()),
    remedy(
        "WL10",
        "volumeBindingMode: WaitForFirstConsumer",
        workload(bound_volumes=3, volume_zones=("a",)),
        workload(bound_volumes=3, volume_zones=("a", "b", "c")),
    ),
    remedy("WL10", "storage that is replicated", workload(bound_volumes=1, volume_zones=("a",)), workload(), gone=True),
    remedy("PR02", "deployments:", deployment(), (deployment(), deployment("b", provider="gcp"))),
    remedy("ZN12", "zones", gateway(zone_redundant=False), gateway(zones=ZONES)),
    *(
        remedy("ZN13", words, volume(zone_redundant=False), volume(zone_redundant=True))
        for words in ("ZRS", "gcloud compute disks create NAME --source-snapshot", "az disk create --name NAME")
    ),
)
