"""The outcomes of the checks that judge alerts of monitoring systems, as rows of the observability family's table."""

from datetime import timedelta
from typing import Any

from support.builders.facts import AWAY, HOME, NOW, alarm, attestation, compute, datastore, days_ago, deployment, gap
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, about, case

from checks import Alarm, AlarmState, ComputeGroup, SignalKind, Unread

UNREAD = Unread("access denied to /api/v2/silences")
HERE, THERE = f"aws/{HOME}", f"aws/{AWAY}"
STORE, OTHER = datastore(engine="postgres"), datastore("ledger", engine="postgres")
CACHE_ENGINE: dict[str, Any] = {"engines": ("redis",)}


def alert(name: str = "HighErrorRate", **fields: Any) -> Alarm:
    """An alert of a Prometheus in another region, that works and reaches a person elsewhere."""
    return alarm(
        name,
        **{
            "product": "prometheus",
            "provider": "prometheus",
            "region": "global",
            "account": "",
            "monitor": "prom",
            "monitor_runs_on": (THERE,),
            "state": AlarmState.OK,
            "actions": (),
            "receivers": ("PagerDuty (on-call)",),
            "receivers_run_on": (("gcp",),),
            "fired_at": days_ago(5),
            "watches": ("service=checkout",),
        }
        | fields,
    )


def muted(**fields: Any) -> Alarm:
    return alert(muted=True, **fields)


ALERTS: tuple[Case, ...] = (
    case("OB01", PASS, compute(), alert()),
    case("OB01", PASS, compute(), alert(signal=SignalKind.LATENCY, signals=(SignalKind.LATENCY, SignalKind.ERRORS))),
    case("OB01", PASS, compute(), muted(muted_until=NOW + timedelta(hours=2))),
    case("OB01", FAIL, compute(), alert(state=AlarmState.NO_DATA), says="HighErrorRate has no data"),
    case("OB01", FAIL, compute(), alert(state=AlarmState.ERROR), says="cannot be evaluated"),
    case("OB01", FAIL, compute(), muted(), says="HighErrorRate is muted"),
    case("OB01", UNKNOWN, compute(), alert(muted=UNREAD), says="/api/v2/silences"),
    case("OB01", FAIL, deployment(), alert(signal=SignalKind.LATENCY), says="No alarm on errors"),
    case("OB01", NOT_APPLICABLE, deployment()),
    case("OB04", PASS, STORE, alert(engines=("postgres",)), says="watches"),
    case("OB04", PASS, STORE, OTHER, alert(about=about(STORE), engines=("postgres",))),
    case("OB04", FAIL, STORE, OTHER, alert(engines=("postgres",))),
    case("OB04", FAIL, STORE, alert(**CACHE_ENGINE)),
    case("OB07", PASS, compute(), alert()),
    case("OB07", PASS, compute(), alert(monitor_runs_on=("gcp",))),
    case("OB07", FAIL, compute(), alert(monitor_runs_on=(HERE,))),
    case("OB07", FAIL, compute(), alert(monitor_runs_on=("aws",))),
    case("OB07", UNKNOWN, compute(), alert(monitor_runs_on=()), says="runs_on"),
    case("OB09", NOT_APPLICABLE, alert()),
    case("OB11", PASS, alert(), says="is not muted"),
    case("OB11", PASS, alert(quiet_hours=98.0), says="98 h a week"),
    case("OB11", PASS, muted(muted_since=NOW, muted_until=NOW + timedelta(hours=2))),
    case("OB11", FAIL, muted(), says="without an end"),
    case("OB11", FAIL, muted(muted_until=NOW + timedelta(days=90)), says="notify nobody"),
    case("OB11", FAIL, muted(muted_since=days_ago(30), muted_until=NOW + timedelta(hours=2)), says="since"),
    case("OB11", FAIL, alert(quiet_hours=168.0), says="every hour of the week"),
    case("OB11", NOT_APPLICABLE, alert(enabled=False)),
    case("OB11", NOT_APPLICABLE),
    case("OB11", UNKNOWN, alert(muted=UNREAD)),
    case("OB11", UNKNOWN, gaps=(gap(Alarm),)),
    case("OB12", PASS, alert()),
    case("OB12", PASS, alert(state=AlarmState.FIRING)),
    case("OB12", FAIL, alert(state=AlarmState.ERROR, problem="many-to-many matching"), says="many-to-many"),
    case("OB12", FAIL, alert(state=AlarmState.NO_DATA), says="has no data"),
    case("OB12", NOT_APPLICABLE, alert(enabled=False)),
    case("OB12", NOT_APPLICABLE, alarm(), says="is not read"),
    case("OB12", NOT_APPLICABLE),
    case("OB12", UNKNOWN, alert(state=Unread("timed out"))),
    case("OB12", UNKNOWN, gaps=(gap(Alarm),)),
    case("OB13", PASS, alert(), says="reaches PagerDuty (on-call)"),
    case("OB13", FAIL, alert(reaches_someone=False, receivers=()), says="without an address"),
    case("OB13", FAIL, alert(reaches_someone=False, receivers=("Jira (tickets)",)), says="ends at Jira (tickets)"),
    case("OB13", NOT_APPLICABLE, alarm()),
    case("OB13", NOT_APPLICABLE, alert(enabled=False)),
    case("OB13", NOT_APPLICABLE),
    case("OB13", UNKNOWN, alert(reaches_someone=Unread("it ends at a webhook"))),
    case("OB13", UNKNOWN, gaps=(gap(Alarm),)),
    case("OB14", PASS, compute(), alert()),
    case("OB14", PASS, compute(), alarm(region=AWAY)),
    case("OB14", PASS, compute(), compute(region=AWAY), alarm(), alarm(region=AWAY)),
    case(
        "OB14", PASS, deployment(), alert(receivers=("Slack (a)", "e-mail (b)"), receivers_run_on=(("aws",), ("gcp",)))
    ),
    case("OB14", FAIL, compute(), alarm(), says=HOME),
    case("OB14", FAIL, compute(), alert(monitor_runs_on=(HERE,))),
    case("OB14", FAIL, compute(), alert(receivers_run_on=(("aws",),)), says="silences them"),
    case("OB14", FAIL, compute(), compute(region=AWAY), alert(), says=AWAY),
    case("OB14", NOT_APPLICABLE, datastore(), alert()),
    case("OB14", NOT_APPLICABLE, compute(), alert(reaches_someone=False), says="notifies anyone"),
    case("OB14", UNKNOWN, compute(), alert(monitor_runs_on=()), says="where prom runs is not known"),
    case("OB14", UNKNOWN, compute(), alert(receivers_run_on=((),)), says="PagerDuty (on-call)"),
    case("OB14", UNKNOWN, compute(), alert(route_runs_on=Unread("where am runs is not known")), says="where am runs"),
    case("OB14", FAIL, compute(), alert(route_runs_on=(HERE,))),
    case("OB14", PASS, compute(), alert(route_runs_on=("gcp/europe-west3",))),
    case("OB14", UNKNOWN, compute(), gaps=(gap(Alarm),)),
    case("OB14", UNKNOWN, alert(), gaps=(gap(ComputeGroup),)),
    case("OB15", PASS, alert(), says="fired on"),
    case("OB15", PASS, alert(fired_at=None), attestation("alert_test")),
    case("OB15", PASS, alert(fired_at=days_ago(200)), alert("Other", fired_at=days_ago(3))),
    case("OB15", FAIL, alert(fired_at=None, fired_since=days_ago(90))),
    case("OB15", FAIL, alert(fired_at=None)),
    case("OB15", FAIL, alert(fired_at=days_ago(200)), says="more than 90 days ago"),
    case("OB15", NOT_APPLICABLE, alarm(), says="tells when it fired"),
    case("OB15", NOT_APPLICABLE),
    case("OB15", UNKNOWN, alert(fired_at=None, fired_since=days_ago(15)), says="no further back"),
    case("OB15", UNKNOWN, alert(fired_at=UNREAD)),
    case("OB15", UNKNOWN, gaps=(gap(Alarm),)),
)
