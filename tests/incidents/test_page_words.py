"""What a status page says is worth what it says: severity, parts, regions, maintenance, old incidents, tests of the page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from support.builders.moment import NOW, service
from support.builders.signals import Days, controls, minutes, probe

from bot.cards.card import Span
from bot.cards.messages.sightings import seen
from bot.detection.feeds.tracker import FeedTracker
from bot.incidents.engine import places, with_affected_services
from bot.model.estate import Estate
from bot.model.feeds import FeedReading, IncidentSeverity, IncidentState, ProviderIncident
from bot.model.incidents import Incident, OutageState, Phase
from bot.model.signals import Signal
from checks import Dependency, Fate, Seen, Severity

MINOR, MAJOR, CRITICAL = IncidentSeverity.MINOR, IncidentSeverity.MAJOR, IncidentSeverity.CRITICAL


def item(
    provider: str,
    title: str = "Elevated errors",
    severity: IncidentSeverity | None = MAJOR,
    began: datetime = NOW,
    **more: object,
) -> ProviderIncident:
    made = ProviderIncident(provider, title, title, IncidentState.INVESTIGATING, severity, started_at=began)
    return replace(made, **more)  # type: ignore[arg-type]  # the fields of the class, by name


def maintenance(provider: str, title: str, *parts: str, regions: tuple[str, ...] = ()) -> ProviderIncident:
    begins, ends = NOW - timedelta(hours=1), NOW + timedelta(hours=6)
    found = item(provider, title, IncidentSeverity.MAINTENANCE, begins, state=IncidentState.IN_PROGRESS, ends_at=ends)
    return replace(found, services=parts, regions=regions)


@dataclass
class Pages:
    """Status pages that are read every half minute, and the services that depend on their providers."""

    needs: tuple[Dependency, ...]
    days: Days = field(default_factory=Days)
    tracker: FeedTracker = field(default_factory=FeedTracker)

    def __post_init__(self) -> None:
        self.estate = Estate((Seen(service("shop", depends_on=self.needs)),))
        self.places = places(self.estate.seen)
        self.days.runs_on = {}

    def read(
        self,
        lasts: timedelta,
        *listed: ProviderIncident,
        providers: Iterable[str] = (),
        seen: Callable[[datetime], Iterable[Signal]] = lambda _: (),
        silent: bool = False,
    ) -> None:
        names = sorted({*(incident.provider for incident in listed), *providers})

        def signals(at: datetime) -> list[Signal]:
            found = [*seen(at)]
            for name in names:
                mine = tuple(incident for incident in listed if incident.provider == name)
                error = "cannot be reached" if silent else ""
                found += self.tracker.read(
                    FeedReading(name, "statuspage", mine, severity=_worst(mine), read_at=at, error=error),
                    self.places,
                    at,
                )
            self.days.windows = tuple(self.tracker.windows(self.places))
            return found

        self.days.pass_by(lasts, signals, timedelta(seconds=30))

    def told(self) -> list[Incident]:
        """The incidents that people are interrupted by."""
        graded = [
            with_affected_services(incident, self.estate, self.days.now)
            for incident in self.days.state.incidents.values()
            if incident.phase is not Phase.SUSPECTED
        ]
        return [incident for incident in graded if incident.worth_alert and incident.affected]


def _worst(listed: Iterable[ProviderIncident]) -> IncidentSeverity:
    order = list(IncidentSeverity)
    return max((incident.severity or MINOR for incident in listed), key=order.index, default=IncidentSeverity.NONE)


def saas(*parts: str, name: str = "acme") -> Dependency:
    return Dependency(name, "saas", parts=parts)


def opened(
    pages: Pages, *listed: ProviderIncident, seen: Callable[[datetime], Iterable[Signal]] = lambda _: ()
) -> None:
    """The page is read while all is well, then lists these."""
    pages.read(minutes(5), providers=[incident.provider for incident in listed], seen=seen)
    pages.read(minutes(8), *listed, seen=seen)


@pytest.mark.parametrize(("severity", "state"), [(MINOR, IncidentState.INVESTIGATING), (None, None)])
def test_what_the_page_calls_minor_interrupts_nobody(
    severity: IncidentSeverity | None, state: IncidentState | None
) -> None:
    pages = Pages((saas(),))
    opened(pages, item("acme", "Docs site slow", severity, NOW + minutes(5), state=state))
    assert pages.told() == []


@pytest.mark.parametrize("severity", [MAJOR, CRITICAL])
def test_what_it_calls_major_or_worse_is_told_as_possible(severity: IncidentSeverity) -> None:
    pages = Pages((saas(),))
    opened(pages, item("acme", severity=severity, began=NOW + minutes(4)))
    (alert,) = pages.told()
    assert (alert.outage, alert.title) == (OutageState.REPORTED, "acme reports an incident")
    assert [hit.fate for hit in alert.affected] == [Fate.UNKNOWN]
    assert alert.started_at == NOW + minutes(4)
    assert alert.down_for(pages.days.now) == timedelta(0)
    assert alert.severity in ((Severity.HIGH,) if severity is CRITICAL else (Severity.MEDIUM,))


@pytest.mark.parametrize(
    ("needed", "named", "told"),
    [
        (("API",), ("Docs site",), False),
        (("API",), ("Payments API",), True),
        (("API",), ("Rapid uploads",), False),
        (("API",), (), True),
        ((), ("Docs site",), True),
    ],
)
def test_only_the_parts_that_we_need_matter(needed: tuple[str, ...], named: tuple[str, ...], told: bool) -> None:
    pages = Pages((saas(*needed),))
    opened(pages, item("acme", severity=CRITICAL, began=NOW + minutes(5), services=named))
    assert bool(pages.told()) is told


@pytest.mark.parametrize(
    ("target", "told"), [("digitalocean/nyc1", True), ("digitalocean/ams3", False), ("digitalocean", True)]
)
def test_only_the_regions_that_we_need_matter(target: str, told: bool) -> None:
    pages = Pages((Dependency(target, "scope" if "/" in target else "saas"),))
    opened(
        pages,
        item("digitalocean", "NYC1 network", CRITICAL, NOW + minutes(5), services=("NYC1",), regions=("nyc1",)),
    )
    assert bool(pages.told()) is told


@pytest.mark.parametrize("title", ["[TEST] please ignore", "Test incident, please ignore", "This is a test"])
def test_a_test_of_the_page_is_nothing(title: str) -> None:
    pages = Pages((saas(),))
    opened(pages, item("acme", title, CRITICAL, NOW + minutes(5)))
    assert pages.days.state.incidents == {}


def well(at: datetime) -> list[Signal]:
    return [*controls(at), probe("acme", "", "", bad=False, at=at, source="http:api.acme.com:443/")]


def dead(at: datetime) -> list[Signal]:
    return [
        *controls(at),
        probe("acme", "", "", at=at, source="http:api.acme.com:443/", detail="api.acme.com: HTTP 503"),
    ]


def test_our_own_good_probes_make_it_milder_and_are_told() -> None:
    pages = Pages((saas(),))
    opened(pages, item("acme", severity=MAJOR, began=NOW + minutes(5)), seen=well)
    (alert,) = pages.told()
    assert (alert.said, alert.symptoms) == (MINOR, ("our probes of api.acme.com succeed",))
    assert (alert.outage, alert.severity) == (OutageState.REPORTED, Severity.LOW)


def test_a_critical_item_on_another_part_does_not_raise_a_minor_one_on_ours() -> None:
    pages = Pages((saas("API"),))
    mine = item("acme", "API slow", MINOR, NOW + minutes(5), services=("API",))
    other = item("acme", "Dashboard down", CRITICAL, NOW + minutes(5), services=("Dashboard",))
    opened(pages, mine, other)
    assert pages.told() == []


def test_what_we_see_down_is_down_whatever_the_page_says() -> None:
    pages = Pages((saas(),))
    opened(pages, item("acme", severity=MINOR, began=NOW + minutes(5)), seen=dead)
    (alert,) = pages.told()
    assert (alert.outage, [hit.fate for hit in alert.affected]) == (OutageState.DOWN, [Fate.DOWN])
    assert alert.severity is Severity.CRITICAL


def test_money_counts_from_what_we_see_down_and_not_from_the_page() -> None:
    pages = Pages((saas(),))
    critical = item("acme", severity=CRITICAL, began=NOW + minutes(5))
    opened(pages, critical, seen=well)
    pages.read(minutes(40), critical, seen=well)
    pages.read(minutes(10), critical, seen=dead)
    (alert,) = pages.told()
    assert alert.outage is OutageState.DOWN
    assert minutes(8) < alert.down_for(pages.days.now) <= minutes(10)


@pytest.mark.parametrize("parts", [("SJC (San Jose)",), ()])
def test_maintenance_elsewhere_hides_no_outage_that_we_see(parts: tuple[str, ...]) -> None:
    pages = Pages((saas("API"),))
    announced = maintenance("acme", "Scheduled maintenance in San Jose", *parts)
    pages.read(minutes(5), announced, seen=well)
    pages.read(minutes(5), announced, seen=dead)
    (alert,) = pages.told()
    assert alert.outage is OutageState.DOWN
    assert alert.announced == ("Scheduled maintenance in San Jose",)


def test_maintenance_hides_no_critical_incident() -> None:
    pages = Pages((saas(),))
    announced = maintenance("acme", "Database maintenance, the API will be unavailable")
    pages.read(minutes(5), announced)
    pages.read(minutes(8), announced, item("acme", "All requests fail", CRITICAL, NOW + minutes(5)))
    assert [alert.outage for alert in pages.told()] == [OutageState.REPORTED]


def test_maintenance_explains_what_it_names_and_predicts() -> None:
    pages = Pages((saas(),))
    announced = maintenance("acme", "Database maintenance, the API will be unavailable")
    pages.read(minutes(5), announced, seen=well)
    pages.read(minutes(8), announced, item("acme", "Errors", MAJOR, NOW + minutes(5)), seen=dead)
    assert pages.told() == []


def test_old_incidents_at_the_first_reading_have_no_common_cause_and_are_told_as_old_once() -> None:
    names = ("aws", "asana", "figma", "datadog", "notion", "linear", "miro", "stripe")
    pages = Pages(tuple(saas(name=name) for name in names[1:]))
    pages.days.runs_on = dict.fromkeys(names[1:], ("aws",))
    old = [item(name, f"{name} is slow", MINOR, NOW - timedelta(days=30 + n)) for n, name in enumerate(names)]
    listed = [*old[:-1], replace(old[-1], severity=CRITICAL)]
    # A page that nobody has updated for a day says nothing of now: these were.
    updated = [replace(incident, updated_at=NOW) for incident in listed]
    pages.read(minutes(30), *updated)
    assert all(incident.cause is None for incident in pages.days.state.incidents.values())
    (alert,) = pages.told()
    assert (alert.old, [str(scope) for scope in alert.scopes]) == (True, ["stripe"])
    assert alert.started_at == listed[-1].started_at


def test_what_began_just_before_the_first_reading_is_not_old() -> None:
    pages = Pages((saas(),))
    pages.read(minutes(8), item("acme", severity=CRITICAL, began=NOW - minutes(20)))
    (alert,) = pages.told()
    assert not alert.old


def test_a_reopened_item_that_keeps_its_end_is_open_again() -> None:
    pages = Pages((saas(),))
    reopened = item("acme", severity=CRITICAL, began=NOW + minutes(5), resolved_at=NOW + minutes(6))
    opened(pages, reopened)
    assert len(pages.told()) == 1


def test_a_page_that_dies_with_its_name_is_evidence() -> None:
    """zoom.us, 16 April 2025: the registry held the domain, and with it went the status page."""
    pages = Pages((saas(),))
    pages.read(minutes(5), providers=["acme"], seen=well)
    pages.read(minutes(1), providers=["acme"], seen=dead, silent=True)
    (alert,) = pages.told()
    assert alert.outage is OutageState.DOWN
    assert "its status page does not answer either" in alert.symptoms


def test_a_page_that_dies_alone_is_nothing() -> None:
    pages = Pages((saas(),))
    pages.read(minutes(5), providers=["acme"], seen=well)
    pages.read(minutes(30), providers=["acme"], seen=well, silent=True)
    assert pages.days.state.incidents == {}


def test_a_page_that_answers_again_is_no_evidence_later() -> None:
    pages = Pages((saas(),))
    pages.read(minutes(5), providers=["acme"], seen=well)
    pages.read(minutes(2), providers=["acme"], seen=well, silent=True)
    pages.read(minutes(2), providers=["acme"], seen=well)
    pages.read(minutes(3), providers=["acme"], seen=dead)
    (alert,) = pages.told()
    assert not any("status page" in text for text in alert.symptoms)


def test_an_alert_keeps_the_link_of_the_monitoring_that_sent_it() -> None:
    days = Days()
    link = "https://grafana.acme.example/alerting/1"
    days.pass_by(
        minutes(3), lambda at: [probe(at=at, kind="hook", source="hook:prod", url=link, detail="prod: HighErrorRate")]
    )
    incident = days.only()
    assert (incident.links, incident.symptoms) == ((link,), ("prod: HighErrorRate",))
    ((_, said),) = seen(incident)
    assert [span.link for span in said if isinstance(span, Span) and span.link] == [link]
