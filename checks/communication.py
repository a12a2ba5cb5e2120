"""An outage has two halves: mending it and telling of it. The second fails first when the chat runs on the cloud that is down.

On 20 October 2025 Slack was slow, Signal was down, telephony and sign-in of third parties failed: whoever had one way
to reach people had none.
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
    title="The audience can be reached by a second route",
    severity=Severity.HIGH,
    lesson="Slack was down for hours on 22 February 2022, 26 February 2025 and 12 May 2025 without any help of a cloud; its "
    "bots stayed broken for seven hours longer than its people.",
    remediation="A second entry under the audience's `routes:` in backstay.yaml: a webhook, e-mail, or the other chat.",
    docs="https://sre.google/sre-book/managing-incidents/",
)
def second_route(service: Service, routes: tuple[CommunicationRoute, ...]) -> Verdict:
    """Routes after the primary one."""
    if not service.audience:
        return not_applicable(f"{service.name} names no audience")
    fallbacks = _fallbacks(routes)
    if fallbacks:
        return passed(f"{service.audience} is reached by {listed(route.name for route in fallbacks)} too")
    if routes:
        return failed(f"{service.audience} is reached by {routes[0].name} alone", routes=len(routes))
    return failed(f"There is no way to reach {service.audience}, the audience of {service.name}", routes=0)


@check(
    id="CM02",
    title="A fallback route stands on another cloud than the primary one",
    severity=Severity.HIGH,
    lesson="A status page was out of reach for its owner on 20 October 2025, because signing in to it needed the region that "
    "it was to tell about.",
    remediation="Slack runs on AWS, Teams on Azure: make the other one the fallback, or a webhook that you host elsewhere, "
    "and say so with `runs_on:` in the route.",
    docs="https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/abstract-and-introduction.html",
)
def fallback_elsewhere(service: Service, routes: tuple[CommunicationRoute, ...]) -> Verdict:
    """Clouds that platforms are documented to run on."""
    primary, fallbacks = [route for route in routes if route.order == 0], _fallbacks(routes)
    if not primary or not fallbacks:
        return not_applicable(f"{service.name} has no primary and fallback route to compare")
    clouds = primary[0].runs_on
    if clouds is None:
        return unknown(f"Which cloud {primary[0].name} runs on is not known")
    apart = [route for route in fallbacks if route.runs_on is not None and not set(route.runs_on) & set(clouds)]
    if apart:
        return passed(f"{apart[0].name} stands elsewhere than {primary[0].name}")
    if any(route.runs_on is None for route in fallbacks):
        return unknown(f"Which cloud {listed(route.name for route in fallbacks)} stands on is not known")
    return failed(
        f"{primary[0].name} and every fallback of {service.name} stand on {listed(clouds)}", cloud=listed(clouds)
    )


@check(
    id="CM03",
    title="A fallback route was tested in the last 30 days",
    severity=Severity.MEDIUM,
    lesson="Hooks are deleted with the one who made them, tokens expire, channels are archived: a route that was not used for "
    "a month is a guess.",
    remediation="Post a test by each fallback route of the audience once a month; what arrived, and when, is remembered.",
    docs="https://sre.google/workbook/incident-response/",
)
def fallback_tested(service: Service, routes: tuple[CommunicationRoute, ...], now: datetime) -> Verdict:
    """The fallback tested last."""
    fallbacks = _fallbacks(routes)
    if not fallbacks:
        return not_applicable(f"{service.name} has no fallback route")
    tested = [(route.tested_at, route.name) for route in fallbacks if route.tested_at is not None]
    if not tested:
        return failed(f"No fallback route of {service.name} was ever tested", routes=len(fallbacks))
    at, name = max(tested)
    if now - at <= _TESTED_WITHIN:
        return passed(f"{name} was tested on {at:%Y-%m-%d}", tested_at=at.isoformat())
    return failed(
        f"{name} was last tested on {at:%Y-%m-%d}, longer ago than {_TESTED_WITHIN.days} days", tested_at=at.isoformat()
    )


@check(
    id="CM04",
    title="The service names an owner and an audience",
    severity=Severity.MEDIUM,
    lesson="The first half hour of many an outage goes by with the question whose it is.",
    remediation="`owner:` and `audience:` of the service in backstay.yaml.",
    docs="https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_ops_model_def_resource_owners.html",
)
def owner_named(service: Service) -> Verdict:
    """From the catalogue."""
    lacking = [word for word, value in (("owner", service.owner), ("audience", service.audience)) if not value]
    if lacking:
        return failed(f"{service.name} names no {' and no '.join(lacking)}")
    return passed(f"{service.name} belongs to {service.owner}; {service.audience} is told")
