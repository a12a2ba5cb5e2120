"""Sample what-ifs for cards."""

from collections.abc import Callable
from datetime import timedelta

from support.builders.moment import days_ago
from support.builders.practices import route
from support.builders.scorecards import sample_service

from checks import Fate, Impact, RouteFate, Scope, ServiceImpact

LASTS = timedelta(hours=15)


def sample_impact(
    number: int = 9, named: Callable[[int], str] = "service-{:03}".format, *, known: bool = True
) -> Impact:
    """So many services, every fate in turn: down, fails over (proved and never), degraded, unknown, unaffected."""
    services = tuple(_struck(at, named(at)) for at in range(number))
    struck = [service for service in services if service.down_for == LASTS]
    return Impact(
        scope=Scope.parse("aws/us-east-1"),
        lasts=LASTS,
        services=services,
        routes=(
            RouteFate(route("slack #payments"), shares_fate=True),
            RouteFate(route("webhook pager", kind="webhook", order=1, runs_on=None), shares_fate=None),
            RouteFate(route("teams_workflow", kind="teams_workflow", order=2, runs_on=("azure",)), shares_fate=False),
        ),
        cost=sum(service.cost or 0 for service in services),
        cost_per_hour=sum(item.cost or 0 for item in struck) / 15,
        users=sum(item.service.users or 0 for item in struck),
        facts_from=days_ago(0.5),
        known_scope=known,
    )


def _struck(at: int, name: str) -> ServiceImpact:
    service = sample_service(name, 1 + at % 3)
    path = (f"{name} depends on login", "login depends on aws/us-east-1/dynamodb", "aws/us-east-1/dynamodb is lost")
    match at % 6:
        case 0 | 1:
            return ServiceImpact(service, Fate.DOWN, path, down_for=LASTS, cost=630_000.0 if at % 6 else None)
        case 2:
            return ServiceImpact(
                service,
                Fate.FAILS_OVER,
                (f"{name} has a replica in us-west-2",),
                rto=timedelta(minutes=12),
                proved_at=days_ago(40),
                down_for=timedelta(minutes=12),
                cost=8_400.0,
            )
        case 3:
            return ServiceImpact(
                service,
                Fate.FAILS_OVER,
                (f"{name} has a replica in us-west-2", "its failover was never tested"),
                down_for=LASTS,
                cost=630_000.0,
            )
        case 4:
            return ServiceImpact(service, Fate.UNKNOWN, (f"{name}: AccessDenied for rds:DescribeDBInstances",))
        case _:
            return ServiceImpact(service, Fate.UNAFFECTED, ())
