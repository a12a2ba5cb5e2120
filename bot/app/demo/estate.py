"""The example estate: what Acme Stores runs on AWS, well built in places and badly in others."""

from datetime import datetime

from bot.app.demo import practice
from bot.app.demo import runners as run
from bot.app.demo import stores as store
from bot.app.demo.region import ACCOUNT, Region
from bot.app.demo.server import Denied, Reply

EAST = "us-east-1"
WEST = "us-west-2"
EUROPE = "eu-west-1"


def estate(now: datetime) -> dict[tuple[str, str, str], Reply]:
    """What the example account answers to every question, by (region, service, operation)."""
    east = Region(EAST, ("use1-az4", "use1-az6", "use1-az1"), now)
    west = Region(WEST, ("usw2-az1", "usw2-az2", "usw2-az3"), now)
    europe = Region(EUROPE, ("euw1-az1", "euw1-az2", "euw1-az3"), now)
    east.network(3, gateways=1)
    west.network(3, gateways=3)
    europe.network(3, gateways=3)
    heard = practice.topic(east, "on-call", heard=True)
    unheard = practice.topic(east, "ops-archive", heard=False)
    away = practice.topic(west, "on-call", heard=True)
    _storefront(east, west, heard, away)
    _checkout(east, heard)
    _payments(east, west, heard)
    _login(east, west, heard)
    _catalogue(east, unheard)
    _notifications(east)
    _recommendations(europe)
    _reporting(east)
    return _account() | east.script() | west.script() | europe.script() | _refused()


def _account() -> dict[tuple[str, str, str], Reply]:
    regions = [{"RegionName": name, "OptInStatus": "opt-in-not-required"} for name in (EAST, WEST, EUROPE)]
    arn = f"arn:aws:iam::{ACCOUNT}:role/backstay"
    return {
        ("", "sts", "GetCallerIdentity"): {"Account": ACCOUNT, "Arn": arn, "UserId": "AIDAEXAMPLE"},
        ("", "ec2", "DescribeRegions"): {"Regions": regions},
    }


def _refused() -> dict[tuple[str, str, str], Reply]:
    """One permission is missing, as it so often is: what stands behind it is unknown, and the audit says so."""

    def refuse(_: object) -> Reply:
        raise Denied("User is not authorized to perform: secretsmanager:ListSecrets")

    return {(EUROPE, "secretsmanager", "ListSecrets"): refuse}  # type: ignore[dict-item]  # it never answers


def _storefront(east: Region, west: Region, heard: str, away: str) -> None:
    """Runs in two regions, and the switch was rehearsed last month."""
    for at, told in ((east, heard), (west, away)):
        arn = run.containers(at, "storefront", "storefront", zones=3, tasks=6)
        run.balancer(at, "storefront", "storefront", zones=3, targets=6)
        practice.alarm(at, "AWS/ECS/CPUUtilization", to=told, ClusterName="acme", ServiceName="storefront")
        balancer = "app/storefront/50dc6c495c0c9188"
        practice.alarm(at, "AWS/ApplicationELB/HTTPCode_Target_5XX_Count", to=told, LoadBalancer=balancer)
        practice.alarm(at, "AWS/ApplicationELB/TargetResponseTime", to=told, LoadBalancer=balancer)
        practice.stack(at, "storefront", "storefront", guarded=True)
    store.table(east, "storefront", "sessions", copies=[WEST])
    store.table(west, "storefront", "sessions", copies=[EAST])
    store.bucket(
        east, east, "storefront", "acme-storefront-assets", versioned=True, copy_in="acme-storefront-assets-west"
    )
    store.bucket(
        east, west, "storefront", "acme-storefront-assets-west", versioned=True, copy_in="acme-storefront-assets"
    )
    origins = [f"storefront.{at.name}.elb.amazonaws.com" for at in (east, west)]
    run.distribution(east, "storefront", "E2STOREFRONT", origins=origins)
    practice.names(
        east,
        "shop.example",
        [
            practice.points_to("www.shop.example", origins[0], fails_over="PRIMARY", check="hc-east"),
            practice.points_to("www.shop.example", origins[1], fails_over="SECONDARY", check="hc-west"),
        ],
        checks={"hc-east": origins[0], "hc-west": origins[1]},
    )
    practice.pipeline(east, "storefront", "storefront", staging=True, approval=True)
    practice.experiment(east, "storefront", "lose-a-zone", hits=arn.replace(WEST, EAST), days_ago=20, worked=True)
    practice.switched(east, west, "storefront", "storefront-switch", days_ago=33, minutes=11)
    practice.secret(east, "storefront", "storefront/session-key", copies=(WEST,))


def _checkout(east: Region, heard: str) -> None:
    """Earns the most and stands in one region: three zones are three fire extinguishers in one room."""
    run.containers(east, "checkout", "checkout", zones=3, tasks=9)
    run.balancer(east, "checkout", "checkout", zones=3, targets=9)
    orders = store.aurora(east, "checkout", "orders", zones=3)
    store.saved(east, orders, days_ago=0.4)
    store.restored(east, orders, days_ago=41, validated=True)
    store.queue(east, "checkout", "orders-placed", dead_letters=True)
    balancer = "app/checkout/50dc6c495c0c9188"
    practice.alarm(east, "AWS/ApplicationELB/HTTPCode_Target_5XX_Count", to=heard, LoadBalancer=balancer)
    practice.alarm(east, "AWS/RDS/CPUUtilization", to=heard, DBClusterIdentifier="orders")
    practice.stack(east, "checkout", "checkout", guarded=False)
    practice.pipeline(east, "checkout", "checkout", staging=True, approval=False)
    practice.secret(east, "checkout", "checkout/database")


def _payments(east: Region, west: Region, heard: str) -> None:
    """Built to fail over, but nobody has ever seen it do so."""
    for at in (east, west):
        failed = store.queue(at, "payments", "charges", dead_letters=True)
        run.function(at, "payments", "charge", failed_to=failed)
        run.function(at, "payments", "refund", failed_to=failed)
    store.table(east, "payments", "charges", copies=[WEST])
    store.table(west, "payments", "charges", copies=[EAST])
    practice.alarm(east, "AWS/Lambda/Errors", to=heard, FunctionName="charge")
    practice.alarm(east, "AWS/Lambda/Throttles", to=heard, FunctionName="charge")
    practice.stack(east, "payments", "payments", guarded=True)


def _login(east: Region, west: Region, heard: str) -> None:
    """Runs in two regions, but its users live in one: a table without a copy."""
    for at in (east, west):
        run.containers(at, "login", "login", zones=2, tasks=4, safe=False)
        run.balancer(at, "login", "login", zones=2, targets=4)
    store.table(east, "login", "users", protected=False)
    practice.alarm(east, "AWS/DynamoDB/SystemErrors", to=heard, TableName="users")


def _catalogue(east: Region, unheard: str) -> None:
    """Search in one zone, watched by alarms that nobody hears."""
    run.machines(east, "catalogue", "catalogue", zones=1, count=3)
    run.balancer(east, "catalogue", "catalogue", zones=2, targets=3, protected=False)
    store.search(east, "catalogue", "products", nodes=1, aware=False)
    store.bucket(east, east, "catalogue", "acme-product-images", versioned=False)
    practice.alarm(east, "AWS/AutoScaling/GroupInServiceInstances", to=unheard, AutoScalingGroupName="catalogue")


def _notifications(east: Region) -> None:
    """Small and simple; what fails is lost."""
    store.queue(east, "notifications", "outgoing-mail", dead_letters=False)
    run.function(east, "notifications", "send-mail")
    store.table(east, "notifications", "preferences", back_in_time=False, protected=False)


def _recommendations(europe: Region) -> None:
    """Stands in Europe, so a bad day in Virginia is a good day here."""
    run.function(europe, "recommendations", "recommend", zones=2)
    store.table(europe, "recommendations", "suggestions")


def _reporting(east: Region) -> None:
    """One machine and one database that nobody saves."""
    run.machine(east, "reporting", "reporting-1")
    store.database(east, "reporting", "warehouse", standby=False, backup_days=0)
