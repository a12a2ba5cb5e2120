from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from support.builders.moment import service
from support.builders.signals import controls, minutes, page, probe
from support.fakes.misbehaving import status
from support.harness.office import HOOK, SLACK
from support.harness.watching import Watching, broken, estate, watch_on, watching, well

from bot.model import FeedReading, IncidentSeverity, IncidentState, ProviderIncident
from bot.model.incidents import Phase, UnknownIncidentError
from bot.model.signals import Signal
from checks import Fate, Severity


async def test_one_message_for_an_incident_kept_up_to_date_and_one_when_it_is_over(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(20), broken)
        (alert,) = here.texts()
        assert "DynamoDB is failing" in alert
        one = await here.only()
        assert one.severity is Severity.CRITICAL
        assert [(hit.service, hit.fate) for hit in one.affected] == [("checkout", Fate.DOWN)]
        await here.pass_by(minutes(30), well)
        first, last = here.office.slack.top("payments")
        assert first["edited"]
        assert "Resolved: " in str(first["text"])
        assert "Resolved: " in str(last["text"])
        assert not here.office.slack.violations


async def test_the_alert_is_there_within_90_seconds(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        onset = here.now
        await here.pass_by(timedelta(seconds=60), broken)
        assert len(here.texts()) == 1
        assert here.now - onset <= timedelta(seconds=90)


async def test_what_hits_nobody_of_us_is_no_alert(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(10), lambda at: [page("twilio", at=at)])
        assert here.texts() == []
        one = await here.only()
        assert not one.touches_us


async def test_a_second_wave_is_told_anew_in_the_same_incident(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(5), broken)
        await here.pass_by(minutes(40), well)
        assert len(here.texts()) == 2
        await here.pass_by(minutes(2), broken)
        assert len(here.texts()) == 3
        assert (await here.only()).wave == 2


async def test_a_wave_is_told_even_where_the_page_says_all_along_that_it_goes_on(tmp_path: Path) -> None:
    def said(at: datetime) -> Signal:
        return page("aws", "us-east-1", "dynamodb", at=at)

    async with watching(tmp_path) as here:
        await here.pass_by(minutes(5), lambda at: [said(at), probe(at=at)])
        await here.pass_by(minutes(40), lambda at: [said(at), probe(at=at, bad=False)])
        assert len(here.texts()) == 1
        began = here.now
        await here.pass_by(minutes(2), lambda at: [said(at), probe(at=at, bad=False), probe(service="sqs", at=at)])
        assert len(here.texts()) == 2
        assert (await here.only()).wave == 2
        assert here.now - began <= minutes(5)


async def test_worse_is_told_anew(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(5), lambda at: [page("aws", "us-east-1", "sqs", at=at)])
        assert here.texts() == []
        await here.pass_by(minutes(3), lambda at: [probe(at=at), page("aws", "us-east-1", "sqs", at=at)])
        assert len(here.texts()) == 1
        assert len((await here.only()).scopes) == 2


async def test_a_storm_is_one_message(tmp_path: Path) -> None:
    names = [f"saas{number:02}" for number in range(40)]
    on = dict.fromkeys(names[:10], ("aws",))
    async with watching(tmp_path, estate(runs_on={**on})) as here:
        await here.pass_by(minutes(6), lambda at: [probe(at=at), *(page(name, at=at) for name in names)])
        assert len(here.texts()) == 1
        one = await here.only()
        assert str(one.cause) == "aws/us-east-1"
        assert len(one.scopes) == 41


async def test_it_goes_out_by_the_fallback_when_slack_is_down(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        here.office.slack.always("*", status(503))
        await here.pass_by(minutes(5), broken)
        assert here.texts() == []
        (received,) = here.office.hook.received
        assert received.json


async def test_a_restart_in_the_middle_tells_nothing_twice(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(5), broken)
        again = Watching(here.office, watch_on(here.office, here.known), here.known)
        await again.pass_by(minutes(10), broken)
        assert len(again.texts()) == 1
        await again.pass_by(minutes(30), well)
        assert (await again.only()).phase is Phase.RESOLVED
        assert len(again.texts()) == 2


async def test_our_own_network_is_told_to_everybody(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(3), lambda at: [probe(at=at), *controls(at, bad=True)])
        assert len(here.texts()) == 2
        assert all("Our own network" in text for text in here.texts())


async def test_muted_it_is_silent_but_for_its_end(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(5), broken)
        one = await here.only()
        await here.watch.mute(one.id, timedelta(hours=4), "ann")
        await here.pass_by(minutes(40), well)
        assert len(here.texts()) == 2
        await here.pass_by(minutes(3), broken)
        assert len(here.texts()) == 2


async def test_what_nobody_acknowledges_goes_to_the_next_audience(tmp_path: Path) -> None:
    async with watching(tmp_path, escalate_to=("platform",)) as here:
        await here.pass_by(minutes(14), broken)
        assert len(here.texts()) == 1
        await here.pass_by(minutes(4), broken)
        assert len(here.texts()) == 2
        assert (await here.only()).handling.escalated_to == ("platform",)


async def test_what_is_acknowledged_does_not(tmp_path: Path) -> None:
    async with watching(tmp_path, escalate_to=("platform",)) as here:
        await here.pass_by(minutes(5), broken)
        one = await here.watch.acknowledge((await here.only()).id, "ann")
        assert one.handling.acknowledged_by == "ann"
        await here.pass_by(minutes(30), broken)
        assert len(here.texts()) == 1
        kept = await here.office.ledger.incidents_since(here.now)
        assert kept[0].handling.acknowledged_by == "ann"


async def test_somebody_tells_another_audience(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(5), broken)
        one = await here.only()
        await here.watch.assign(one.id, "bob", "ann")
        moved = await here.watch.escalate(one.id, "platform", "ann")
        assert (moved.handling.assigned_to, moved.handling.escalated_to) == ("bob", ("platform",))
        await here.pass_by(minutes(1), broken)
        assert len(here.texts()) == 2
        with pytest.raises(ValueError, match="nobody"):
            await here.watch.escalate(one.id, "nobody", "ann")
        with pytest.raises(UnknownIncidentError):
            await here.watch.acknowledge("unheard-of", "ann")


async def test_an_endpoint_of_a_service_takes_its_dependants_along(tmp_path: Path) -> None:
    shop = service("shop", audience="platform")
    async with watching(tmp_path, estate(shop)) as here:
        await here.pass_by(minutes(2), lambda at: [probe("shop", "", "", at=at)])
        one = await here.only()
        assert [(hit.service, hit.fate, hit.audience) for hit in one.affected] == [("shop", Fate.DOWN, "platform")]


def reading(at: datetime, *incidents: ProviderIncident, severity: IncidentSeverity) -> FeedReading:
    return FeedReading("aws", "aws_currentevents", incidents, (), severity, at)


async def test_a_page_opens_an_incident_and_what_it_drops_is_over_by_its_word(tmp_path: Path) -> None:
    def told(state: IncidentState) -> ProviderIncident:
        return ProviderIncident(
            "aws",
            "1",
            "Increased error rates",
            state,
            IncidentSeverity.MAJOR,
            ("Amazon DynamoDB",),
            ("N. Virginia (us-east-1)",),
            updated_at=here.now,
        )

    async with watching(tmp_path) as here:
        for _ in range(6):
            here.watch.observe_feed(
                reading(here.now, told(IncidentState.INVESTIGATING), severity=IncidentSeverity.MAJOR)
            )
            await here.pass_by(timedelta(seconds=30), lambda _: [])
        one = await here.only()
        assert [str(scope) for scope in one.scopes] == ["aws/us-east-1/dynamodb"]
        assert [(word.open, word.title) for word in one.words] == [(True, "Increased error rates")]
        assert len(here.texts()) == 1
        for _ in range(10):
            here.watch.observe_feed(reading(here.now, severity=IncidentSeverity.NONE))
            await here.pass_by(timedelta(seconds=30), lambda _: [])
        assert (await here.only()).phase is Phase.MONITORING
        for _ in range(130):
            here.watch.observe_feed(reading(here.now, severity=IncidentSeverity.NONE))
            await here.pass_by(timedelta(seconds=30), lambda _: [])
        assert (await here.only()).phase is Phase.RESOLVED


async def test_routes_are_those_of_the_audience(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        await here.pass_by(minutes(5), broken)
        receipts = await here.office.ledger.receipts(audience="payments")
        assert {receipt.route for receipt in receipts if receipt.outcome == "sent"} == {SLACK}
        assert HOOK not in {receipt.route for receipt in receipts}


async def test_who_is_not_known_to_need_what_broke_is_in_doubt_in_a_cloud_alone(tmp_path: Path) -> None:
    blog = service("blog", tier=4)
    for number, (scope, hit) in enumerate(
        ((("aws", "us-east-1", "dynamodb"), {"checkout", "blog"}), (("checkout", "", ""), {"checkout"}))
    ):
        (tmp_path / str(number)).mkdir()
        async with watching(tmp_path / str(number), estate(blog)) as here:
            await here.pass_by(minutes(2), lambda at, scope=scope: [probe(*scope, at=at)])  # type: ignore[misc]
            assert {affected.service for affected in (await here.only()).affected} == hit


async def test_of_more_than_can_be_kept_the_newest_stay(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        old = probe("gcp", "europe-west1", "storage", at=here.now)
        for _ in range(200_000):  # an hour and more without a ledger
            here.watch.observe(old)
        with capture_logs() as logs:
            await here.pass_by(minutes(2), broken)
        assert [line["signals"] for line in logs if line["event"] == "incident_signals_dropped"] == [100_000]
        assert str((await here.watch.incidents())[0].scopes[0]) == "aws/us-east-1/dynamodb"
