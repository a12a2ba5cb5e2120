"""An outage has two halves: fixing it and telling people. The second fails first when the chat platform runs on the failed cloud.

On 20 October 2025 Slack was slow, Signal was down, telephony and sign-in of third parties failed: teams with one
route to people had none.
"""

from datetime import datetime, timedelta

from checks._check import check
from checks._facts import CommunicationRoute
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._words import listed

_TESTED_WITHIN = timedelta(days=30)


def _fallbacks(routes: tuple[CommunicationRoute, ...]) -> list[CommunicationRoute]:
    return sorted((route for route in routes if route.order > 0), key=lambda route: (route.order, route.name))


@check(
    id="CM01",
    title="Audience has a second notification route",
    severity=Severity.HIGH,
    lesson="Slack was down for hours on 22 February 2022, 26 February 2025 and 12 May 2025 without a cloud outage; "
    "bots stayed broken seven hours longer than the app.",
    remediation="Add a second entry under the audience's `routes:` in backstay.yaml: a webhook, e-mail, or the other "
    "chat platform.",
    docs="https://sre.google/sre-book/managing-incidents/",
)
def second_route(service: Service, routes: tuple[CommunicationRoute, ...]) -> Verdict:
    """Count the routes after the primary one."""
    if not service.audience:
        return not_applicable(f"{service.name} has no audience")
    fallbacks = _fallbacks(routes)
    if fallbacks:
        return passed(f"Audience {service.audience} has a fallback route: {listed(route.name for route in fallbacks)}")
    if routes:
        return failed(
            f"Audience {service.audience} has no second notification route, only {routes[0].name}", routes=len(routes)
        )
    return failed(f"Audience {service.audience} of {service.name} has no notification route", routes=0)


@check(
    id="CM02",
    title="A fallback route runs on another cloud than the primary route",
    severity=Severity.HIGH,
    lesson="On 20 October 2025 a company could not update its own status page, because signing in to it needed the "
    "region that had failed.",
    remediation="Slack runs on AWS, Teams on Azure: use the other one as fallback, or a webhook hosted elsewhere, "
    "and declare `runs_on:` in the route.",
    docs="https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/abstract-and-introduction.html",
)
def fallback_elsewhere(service: Service, routes: tuple[CommunicationRoute, ...]) -> Verdict:
    """Compare the clouds that the platforms are documented to run on."""
    primary, fallbacks = [route for route in routes if route.order == 0], _fallbacks(routes)
    if not primary or not fallbacks:
        return not_applicable(f"{service.name} has no primary and fallback route to compare")
    clouds = primary[0].runs_on
    if clouds is None:
        return unknown(f"Cloud that {primary[0].name} runs on is unknown; set runs_on in the route")
    apart = [route for route in fallbacks if route.runs_on is not None and not set(route.runs_on) & set(clouds)]
    if apart:
        return passed(f"{apart[0].name} runs on another cloud than {primary[0].name}")
    if any(route.runs_on is None for route in fallbacks):
        return unknown(
            f"Cloud that {listed(route.name for route in fallbacks)} runs on is unknown; set runs_on in the route"
        )
    return failed(
        f"{primary[0].name} and every fallback route of {service.name} run on {listed(clouds)}; an outage there "
        "blocks all of them",
        cloud=listed(clouds),
    )


@check(
    id="CM03",
    title="A fallback route was tested in the last 30 days",
    severity=Severity.MEDIUM,
    lesson="Webhooks are deleted with the account that created them, tokens expire, channels are archived: a route "
    "that was not used for a month may not work.",
    remediation="Send a test message through each fallback route of the audience once a month; backstay records what "
    "arrived and when.",
    docs="https://sre.google/workbook/incident-response/",
)
def fallback_tested(service: Service, routes: tuple[CommunicationRoute, ...], now: datetime) -> Verdict:
    """Judge the fallback route that was tested last."""
    fallbacks = _fallbacks(routes)
    if not fallbacks:
        return not_applicable(f"{service.name} has no fallback route")
    tested = [(route.tested_at, route.name) for route in fallbacks if route.tested_at is not None]
    if not tested:
        return failed(f"No test of a fallback route of {service.name} on record", routes=len(fallbacks))
    at, name = max(tested)
    if now - at <= _TESTED_WITHIN:
        return passed(f"Fallback route {name} was tested on {at:%Y-%m-%d}", tested_at=at.isoformat())
    return failed(
        f"Fallback route {name} was last tested on {at:%Y-%m-%d}, more than {_TESTED_WITHIN.days} days ago",
        tested_at=at.isoformat(),
    )


@check(
    id="CM04",
    title="Service has an owner and an audience",
    severity=Severity.MEDIUM,
    lesson="Many outages lose their first half hour to the question of who owns the service.",
    remediation="Set `owner:` and `audience:` of the service in backstay.yaml.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_ops_model_def_resource_owners.html",
)
def owner_named(service: Service) -> Verdict:
    """Read owner and audience from the catalogue."""
    missing = [word for word, value in (("owner", service.owner), ("audience", service.audience)) if not value]
    if missing:
        return failed(f"{service.name} has no {' and no '.join(missing)}")
    return passed(f"{service.name} is owned by {service.owner}; its audience is {service.audience}")
