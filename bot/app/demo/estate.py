"""The example estate: what Acme Stores runs on AWS, partly resilient and partly not."""

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
    """The responses of the example account, by (region, service, operation). `now` is the time they refer to."""
    east = Region(EAST, ("use1-az4", "use1-az6", "use1-az1"), now)
    west = Region(WEST, ("usw2-az1", "usw2-az2", "usw2-az3"), now)
    europe = Region(EUROPE, ("euw1-az1", "euw1-az2", "euw1-az3"), now)
    east.network(3, gateways=1)
    west.network(3, gateways=3)
    europe.network(3, gateways=3)
    on_call = practice.topic(east, "on-call", subscribed=True)
    unsubscribed = practice.topic(east, "ops-archive", subscribed=False)
    away = practice.topic(west, "on-call", subscribed=True)
    _storefront(east, west, on_call, away)
    _checkout(east, on_call)
    _payments(east, west, on_call)
    _login(east, west, on_call)
    _catalogue(east, unsubscribed)
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
    """A missing permission, so that the demo shows an incomplete resource list."""

    def refuse(_: object) -> Reply:
        raise Denied("User is not authorized to perform: secretsmanager:ListSecrets")

    return {(EUROPE, "secretsmanager", "ListSecrets"): refuse}  # type: ignore[dict-item]  # it always raises


def _storefront(east: Region, west: Region, on_call: str, away: str) -> None:
    """Runs in two regions, with a failover test last month."""
    for at, topic in ((east, on_call), (west, away)):
        arn = run.ecs_service(at, "storefront", "storefront", zones=3, tasks=6)
        run.load_balancer(at, "storefront", "storefront", zones=3, targets=6)
        practice.alarm(at, "AWS/ECS/CPUUtilization", to=topic, ClusterName="acme", ServiceName="storefront")
        balancer = "app/storefront/50dc6c495c0c9188"
        practice.alarm(at, "AWS/ApplicationELB/HTTPCode_Target_5XX_Count", to=topic, LoadBalancer=balancer)
        practice.alarm(at, "AWS/ApplicationELB/TargetResponseTime", to=topic, LoadBalancer=balancer)
        practice.stack(at, "storefront", "storefront", protected=True)
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
    practice.hosted_zone(
        east,
        "shop.example",
        [
            practice.alias_record("www.shop.example", origins[0], fails_over="PRIMARY", check="hc-east"),
            practice.alias_record("www.shop.example", origins[1], fails_over="SECONDARY", check="hc-west"),
        ],
        checks={"hc-east": origins[0], "hc-west": origins[1]},
    )
    practice.pipeline(east, "storefront", "storefront", staging=True, approval=True)
    practice.experiment(east, "storefront", "lose-a-zone", target=arn.replace(WEST, EAST), days_ago=20, completed=True)
    practice.region_switch(east, west, "storefront", "storefront-switch", days_ago=33, minutes=11)
    practice.secret(east, "storefront", "storefront/session-key", copies=(WEST,))


def _checkout(east: Region, on_call: str) -> None:
    """Earns the most and runs in a single region: its three zones share that region's fate."""
    run.ecs_service(east, "checkout", "checkout", zones=3, tasks=9)
    run.load_balancer(east, "checkout", "checkout", zones=3, targets=9)
    orders = store.aurora(east, "checkout", "orders", zones=3)
    store.recovery_point(east, orders, days_ago=0.4)
    store.restore_test(east, orders, days_ago=41, validated=True)
    store.queue(east, "checkout", "orders-placed", dead_letters=True)
    balancer = "app/checkout/50dc6c495c0c9188"
    practice.alarm(east, "AWS/ApplicationELB/HTTPCode_Target_5XX_Count", to=on_call, LoadBalancer=balancer)
    practice.alarm(east, "AWS/RDS/CPUUtilization", to=on_call, DBClusterIdentifier="orders")
    practice.stack(east, "checkout", "checkout", protected=False)
    practice.pipeline(east, "checkout", "checkout", staging=True, approval=False)
    practice.secret(east, "checkout", "checkout/database")


def _payments(east: Region, west: Region, on_call: str) -> None:
    """Built to fail over, but its failover was never tested."""
    for at in (east, west):
        failed = store.queue(at, "payments", "charges", dead_letters=True)
        run.function(at, "payments", "charge", failed_to=failed)
        run.function(at, "payments", "refund", failed_to=failed)
    store.table(east, "payments", "charges", copies=[WEST])
    store.table(west, "payments", "charges", copies=[EAST])
    practice.alarm(east, "AWS/Lambda/Errors", to=on_call, FunctionName="charge")
    practice.alarm(east, "AWS/Lambda/Throttles", to=on_call, FunctionName="charge")
    practice.stack(east, "payments", "payments", protected=True)


def _login(east: Region, west: Region, on_call: str) -> None:
    """Runs in two regions, but its table `users` has no replica."""
    for at in (east, west):
        run.ecs_service(at, "login", "login", zones=2, tasks=4, circuit_breaker=False)
        run.load_balancer(at, "login", "login", zones=2, targets=4)
    store.table(east, "login", "users", protected=False)
    practice.alarm(east, "AWS/DynamoDB/SystemErrors", to=on_call, TableName="users")


def _catalogue(east: Region, unsubscribed: str) -> None:
    """Runs in one zone; its alarms notify a topic without subscribers."""
    run.scaling_group(east, "catalogue", "catalogue", zones=1, count=3)
    run.load_balancer(east, "catalogue", "catalogue", zones=2, targets=3, protected=False)
    store.search(east, "catalogue", "products", nodes=1, aware=False)
    store.bucket(east, east, "catalogue", "acme-product-images", versioned=False)
    practice.alarm(east, "AWS/AutoScaling/GroupInServiceInstances", to=unsubscribed, AutoScalingGroupName="catalogue")


def _notifications(east: Region) -> None:
    """A queue and a function without dead-letter queues."""
    store.queue(east, "notifications", "outgoing-mail", dead_letters=False)
    run.function(east, "notifications", "send-mail")
    store.table(east, "notifications", "preferences", point_in_time=False, protected=False)


def _recommendations(europe: Region) -> None:
    """Runs in eu-west-1 only, so that an outage of us-east-1 does not affect it."""
    run.function(europe, "recommendations", "recommend", zones=2)
    store.table(europe, "recommendations", "suggestions")


def _reporting(east: Region) -> None:
    """One machine and one database without backups."""
    run.instance(east, "reporting", "reporting-1")
    store.database(east, "reporting", "warehouse", standby=False, backup_days=0)
