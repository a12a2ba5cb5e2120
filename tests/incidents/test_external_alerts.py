"""What our own monitoring tells once, among what is seen again and again: how sure, how long, and with what it belongs."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.builders.moment import NOW, service
from support.builders.posts import START
from support.builders.signals import Days, minutes, page, probe
from support.harness.ledgers import ledger_at
from support.harness.watching import Watching, estate, watch_on, watching

from bot.incidents.engine import dependencies_of
from bot.incidents.external_alerts import ExternalAlertInbox
from bot.model import IncidentSeverity
from bot.model.external_alerts import AT_MOST, SourceAlerts, fold_alerts
from bot.model.incidents import Phase
from bot.model.signals import Health, Signal
from bot.model.thresholds import Thresholds
from checks import Dependency, Fate, Scope, Seen

DYNAMO = Scope("aws", "us-east-1", "dynamodb")
HOOK = "prod-alerts"


def hook(provider: str = "aws", region: str = "us-east-1", part: str = "dynamodb", **fields: Any) -> Signal:
    """What a hook says of a place: an alert fires."""
    sound: dict[str, Any] = {"kind": "hook", "source": f"hook:{HOOK}", "detail": f"{HOOK}: HighErrorRate"}
    return probe(provider, region, part, **sound | fields)


def once(*signals: Signal) -> Any:
    """Said with the first round, and never again."""
    left = list(signals)

    def seen(at: datetime) -> Iterable[Signal]:
        said = [_at(entry, at) for entry in left]
        left.clear()
        return said

    return seen


def _at(signal: Signal, at: datetime) -> Signal:
    fields = {name: getattr(signal, name) for name in signal.__slots__}
    return Signal(**fields | {"at": at})


@pytest.mark.parametrize(
    ("severity", "after"),
    [
        (IncidentSeverity.CRITICAL, minutes(1)),
        (IncidentSeverity.MAJOR, minutes(1)),
        (IncidentSeverity.MINOR, minutes(5)),
    ],
)
def test_an_alert_that_stands_is_sure_without_being_said_again(severity: IncidentSeverity, after: timedelta) -> None:
    days = Days()
    days.pass_by(minutes(10), once(hook(severity=severity)))
    assert days.only().phase is Phase.CONFIRMED
    assert days.only().detected_after == after


def test_an_alert_that_is_over_within_a_minute_is_told_to_nobody() -> None:
    days = Days()
    for _ in range(20):
        days.pass_by(timedelta(seconds=40), once(hook()))
        days.pass_by(minutes(3), once(hook(bad=False)))
    assert set(days.phases) == {Phase.SUSPECTED}
    assert not days.state.incidents


def test_it_stands_for_hours_until_it_is_resolved() -> None:
    days = Days()
    days.pass_by(timedelta(hours=9), once(hook()), minutes(1))
    assert days.only().phase is Phase.CONFIRMED
    days.pass_by(minutes(4), once(hook(bad=False)))
    assert days.only().phase is Phase.MONITORING
    days.pass_by(minutes(14), once())
    assert days.only().phase is Phase.RESOLVED
    assert days.only().timeline[-1].text == "resolved: our observations have been good for long enough"


def test_what_nobody_repeats_for_a_day_runs_out_and_says_so() -> None:
    days = Days()
    days.pass_by(timedelta(hours=23, minutes=50), once(hook()), minutes(1))
    assert days.only().phase is Phase.CONFIRMED
    days.pass_by(timedelta(hours=2), once(), minutes(1))
    assert days.only().phase is Phase.RESOLVED
    assert days.only().timeline[-1].text == "resolved: no further failure reported"


def test_what_is_repeated_every_four_hours_stands_for_days() -> None:
    days = Days()
    for _ in range(12):
        days.pass_by(timedelta(hours=4), once(hook()), minutes(5))
    assert days.only().phase is Phase.CONFIRMED
    assert days.only().wave == 1


def test_it_is_not_over_while_the_alert_fires_however_well_the_probes_see_it() -> None:
    days = Days()
    days.pass_by(minutes(2), once(hook()))
    days.pass_by(timedelta(hours=3), lambda at: [probe(bad=False, at=at)], timedelta(seconds=30))
    assert days.only().phase is Phase.CONFIRMED
    days.pass_by(minutes(20), lambda at: [probe(bad=False, at=at), hook(bad=False, at=at)])
    assert days.only().phase is Phase.RESOLVED


def test_resolved_alerts_of_yesterday_do_not_hurry_todays_page() -> None:
    days = Days()
    days.pass_by(minutes(2), once(hook()))
    days.pass_by(minutes(20), once(hook(bad=False)))
    days.pass_by(timedelta(hours=13), once(), minutes(5))
    days.pass_by(minutes(10), lambda at: [page("aws", "us-east-1", "dynamodb", at=at)])
    days.pass_by(minutes(40), lambda at: [page("aws", "us-east-1", "dynamodb", bad=False, at=at)])
    assert [incident.phase for incident in days.state.incidents.values()] == [Phase.MONITORING]


def test_an_alert_and_one_bad_look_at_the_same_place_are_sure_at_once() -> None:
    days = Days()
    days.pass_by(timedelta(seconds=10), lambda at: [hook(at=at), probe(at=at)])
    assert days.only().phase is Phase.CONFIRMED
    assert days.only().evidence == ("no answer", f"{HOOK}: HighErrorRate")


def test_an_alert_of_one_that_flaps_is_damped() -> None:
    days = Days()
    for _ in range(5):
        days.pass_by(minutes(3), once(hook()))
        days.pass_by(minutes(6), once(hook(bad=False)))
    assert days.only().flapping
    days.pass_by(minutes(60), once())
    assert days.only().phase is Phase.MONITORING


@pytest.mark.parametrize("first", ["probe", "page", "hook"])
def test_alerts_probes_and_pages_of_one_place_are_one_incident(first: str) -> None:
    said: dict[str, Callable[[datetime], list[Signal]]] = {
        "hook": lambda at: [hook(part="lambda", at=at)],
        "probe": lambda at: [probe(at=at)],
        "page": lambda at: [page("aws", "us-east-1", "sqs", at=at)],
    }
    days = Days()
    days.pass_by(minutes(3), said[first])
    name = days.only().id
    days.pass_by(minutes(3), lambda at: [seen_service for seen in said.values() for seen_service in seen(at)])
    assert days.only().id == name
    assert {scope.part for scope in days.only().scopes} == {"dynamodb", "sqs", "lambda"}


@pytest.mark.parametrize("service_first", [True, False])
async def test_an_alert_of_a_service_joins_the_incident_of_what_it_stands_on(
    tmp_path: Path, *, service_first: bool
) -> None:
    def of_service(at: datetime) -> list[Signal]:
        return [hook("checkout", "", "", at=at, detail="prod-alerts: checkout fails")]

    def of_cloud(at: datetime) -> list[Signal]:
        return [probe(at=at)]

    first, then = (of_service, of_cloud) if service_first else (of_cloud, of_service)
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(3), first)
        before = await here.only()
        await here.pass_by(minutes(3), lambda at: [*first(at), *then(at)])
        (one,) = [incident for incident in await here.watch.incidents() if incident.open]
        assert one.id == before.id
        assert [str(scope) for scope in one.scopes] == ["checkout", "aws/us-east-1/dynamodb"]
        assert [(hit.service, hit.fate) for hit in one.affected] == [("checkout", Fate.DOWN)]
        assert here.texts() == ["Critical: DynamoDB is failing in us-east-1: checkout expected down."]


@pytest.mark.parametrize("alert_first", [True, False])
async def test_an_alert_and_a_providers_page_are_told_as_one(tmp_path: Path, *, alert_first: bool) -> None:
    def of_hook(at: datetime) -> list[Signal]:
        return [hook(at=at)]

    def of_page(at: datetime) -> list[Signal]:
        return [page("aws", "us-east-1", "dynamodb", at=at)]

    first, then = (of_hook, of_page) if alert_first else (of_page, of_hook)
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(3), first)
        before = await here.only()
        await here.pass_by(minutes(3), lambda at: [*first(at), *then(at)])
        one = await here.only()
        assert one.id == before.id
        assert [str(scope) for scope in one.scopes] == ["aws/us-east-1/dynamodb"]
        assert one.words[0].title == "Elevated errors"
        assert f"{HOOK}: HighErrorRate" in one.evidence
        # What was only reported and is seen down now is worth a second message, and nothing else is.
        alerts = [post["text"] for post in here.office.slack.channel("payments") if "thread_ts" not in post]
        assert ["Outdated" in text for text in alerts] == ([False] if alert_first else [True, False])
        assert "DynamoDB is failing in us-east-1" in alerts[-1]


async def test_what_stands_elsewhere_stays_an_incident_of_its_own(tmp_path: Path) -> None:
    shop = service("shop", depends_on=(Dependency("gcp/europe-west1", "scope"),))
    async with watching(tmp_path, estate(shop)) as here:
        await here.pass_by(minutes(3), lambda at: [probe(at=at), hook("shop", "", "", at=at)])
        assert len(await here.watch.incidents()) == 2


def test_services_stand_where_those_stand_that_they_need() -> None:
    login = service("Login", depends_on=(Dependency("aws/us-east-1/cognito", "scope"),))
    web = service("Web", depends_on=(Dependency("Login", "service"), Dependency("stripe", "saas", hard=False)))
    assert dependencies_of([Seen(login), Seen(web)]) == {
        "login": ("aws/us-east-1/cognito",),
        "web": ("aws/us-east-1/cognito",),
    }


async def test_what_could_not_be_placed_is_told_to_everybody(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(3), once(hook(f"alerts of {HOOK}", "", "")))
        assert len(here.texts()) == 2, "both audiences have this channel"
        assert all("Alerts from prod-alerts are firing, location unknown" in text for text in here.texts())


def alert(number: int, *, firing: bool = True, at: datetime = NOW, **fields: Any) -> Signal:
    state = Health.BAD if firing else Health.GOOD
    return hook(source=f"hook:{HOOK}/{number}", state=state, at=at, detail=f"alert {number}", **fields)


def test_a_place_is_bad_while_any_of_its_alerts_fires() -> None:
    one = fold_alerts(SourceAlerts(HOOK, DYNAMO, NOW), [alert(1), alert(2, severity=IncidentSeverity.CRITICAL)], NOW)
    assert (one.signal.state, one.signal.severity) == (Health.BAD, IncidentSeverity.CRITICAL)
    one = fold_alerts(one, [alert(2, firing=False, at=NOW + minutes(1))], NOW + minutes(1))
    assert (one.signal.state, one.signal.severity) == (Health.BAD, IncidentSeverity.MAJOR)
    one = fold_alerts(one, [alert(1, firing=False, at=NOW + minutes(2))], NOW + minutes(2))
    assert one.signal.state is Health.GOOD
    late = fold_alerts(one, [alert(1, at=NOW)], NOW + minutes(3))
    assert late.signal == one.signal, "what arrives late does not bring it back"


def test_the_same_alerts_again_change_nothing_but_their_moment() -> None:
    one = fold_alerts(SourceAlerts(HOOK, DYNAMO, NOW), [alert(1)], NOW)
    assert fold_alerts(one, [alert(1)], NOW) == one
    again = fold_alerts(one, [alert(1, at=NOW + minutes(9))], NOW + minutes(9))
    assert (again.at, list(again.firing)) == (NOW + minutes(9), list(one.firing))


def test_alerts_that_nobody_repeats_run_out_one_by_one() -> None:
    later = NOW + Thresholds().hook_lasts + minutes(1)
    one = fold_alerts(SourceAlerts(HOOK, DYNAMO, NOW), [alert(1), alert(2)], NOW)
    one = fold_alerts(one, [alert(2, at=later)], later)
    assert list(one.firing) == [f"hook:{HOOK}/2"]


def test_a_storm_stays_bounded_and_is_counted() -> None:
    one = fold_alerts(SourceAlerts(HOOK, DYNAMO, NOW), [alert(number) for number in range(10_000)], NOW)
    assert len(one.firing) == AT_MOST
    assert one.signal.detail.endswith("and 9,997 more")
    one = fold_alerts(
        one, [alert(number, firing=False, at=NOW + minutes(1)) for number in range(10_000)], NOW + minutes(1)
    )
    assert (one.signal.state, len(one.ended)) == (Health.GOOD, AT_MOST)


async def test_after_a_restart_what_hooks_said_still_stands(tmp_path: Path) -> None:
    async with ledger_at(tmp_path) as ledger:
        told: list[Signal] = []
        first = ExternalAlertInbox(ledger, told.append, clock=lambda: START)
        await first.accept(HOOK, [alert(1, at=START)])
        later = START + timedelta(hours=3)
        after: list[Signal] = []
        await ExternalAlertInbox(ledger, after.append, clock=lambda: later).poll()
        assert after == told
        gone: list[Signal] = []
        await ExternalAlertInbox(ledger, gone.append, clock=lambda: START + timedelta(hours=25)).poll()
        assert gone == []


async def test_a_replica_that_begins_to_judge_takes_up_what_others_were_told(tmp_path: Path) -> None:
    async with ledger_at(tmp_path) as ledger:
        judging, told, other = [False], list[Signal](), list[Signal]()
        here = ExternalAlertInbox(ledger, told.append, clock=lambda: START, is_leader=lambda: judging[0])
        await ExternalAlertInbox(ledger, other.append, clock=lambda: START).accept(
            HOOK, [alert(1, at=START - minutes(30))]
        )
        await here.accept(HOOK, [alert(2, at=START)])
        await here.poll()
        assert told == []
        judging[0] = True
        await here.poll()
        assert [state.state for state in told] == [Health.BAD]
        assert "alert 1; alert 2" in told[0].detail


async def test_a_restart_in_the_middle_of_an_alert_ends_nothing(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        listening = ExternalAlertInbox(here.office.ledger, here.watch.observe, clock=here.office.clock)
        await listening.accept(HOOK, [alert(1, at=here.now)])
        await here.pass_by(minutes(3), once())
        assert (await here.only()).phase is Phase.CONFIRMED
        again = Watching(here.office, watch_on(here.office, here.known), here.known)
        await ExternalAlertInbox(here.office.ledger, again.watch.observe, clock=here.office.clock).poll()
        await again.pass_by(timedelta(hours=3), once(), minutes(1))
        assert (await again.only()).phase is Phase.CONFIRMED
