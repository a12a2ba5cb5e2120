from datetime import timedelta
from pathlib import Path

from support.builders.signals import minutes, page, probe
from support.fakes.misbehaving import status
from support.harness.office import HOOK, SLACK
from support.harness.watching import Watching, broken, watching, well

from bot.cards.messages.incident_resolved import closed_card
from bot.model.incidents import Phase


async def over(here: Watching) -> None:
    await here.pass_by(minutes(25), well)
    assert (await here.only()).phase is Phase.RESOLVED


async def test_the_end_is_one_message_with_the_figures_and_the_report_under_it(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        onset = here.now + timedelta(seconds=10)
        await here.pass_by(
            minutes(10),
            lambda at: [probe(at=at), *([page("aws", "us-east-1", "dynamodb", at=at)] * (at > onset + minutes(3)))],
        )
        one = await here.only()
        await here.watch.acknowledge(one.id, "Ada")
        await here.pass_by(
            minutes(25), lambda at: [probe(bad=False, at=at), page("aws", "us-east-1", "dynamodb", bad=False, at=at)]
        )
        alert, end = here.office.slack.top("payments")
        assert end["text"] == (
            "Resolved: DynamoDB was failing in us-east-1: Lasted 10 min. Affected: checkout. Revenue at risk: about 7,000 EUR."
        )
        figures = " ".join(part["text"] for block in end["blocks"] for part in block.get("fields", ()))
        assert "reported 3 min after our alert" in figures
        assert "acknowledged by Ada" in figures
        assert f"payments by {SLACK}" in figures
        (report,) = here.office.slack.under("payments", end["ts"])
        assert "Ada acknowledged the incident" in str(report["blocks"])
        assert "no answer" in str(report["blocks"])
        assert alert["text"].startswith("Resolved: ")
        assert here.office.slack.violations == []


async def test_a_service_counts_as_hit_from_when_it_joined_until_it_was_well(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        began = here.now
        await here.pass_by(minutes(5), broken)
        await over(here)
        one = await here.only()
        assert one.ended_at == began + minutes(5) + timedelta(seconds=10)  # not when that was sure, a quarter later
        assert [hit.since for hit in one.affected] == [one.onset_at]
        assert one.lasted(here.now) == minutes(5)


async def test_who_was_told_is_what_the_receipts_say(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        here.office.slack.always("*", status(503))
        await here.pass_by(minutes(5), broken)
        here.office.slack.always("*")
        await over(here)
        one = await here.only()
        opened, resolved = await here.watch.notification_receipts(one.id)
        assert (opened.audience, opened.why, opened.route) == ("payments", "opened", HOOK)
        assert (resolved.why, resolved.route) == ("resolved", SLACK)
        card = closed_card(one, (opened, resolved), now=here.now, currency="EUR")
        assert card.data is not None
        assert [told["route"] for told in card.data["told"]] == [HOOK, SLACK]


async def test_what_never_arrived_says_why(tmp_path: Path) -> None:
    async with watching(tmp_path) as here:
        here.office.slack.always("*", status(503))
        here.office.hook.always("*", status(503))
        await here.pass_by(minutes(3), broken)
        await over(here)
        opened, resolved = await here.watch.notification_receipts((await here.only()).id)
        assert (opened.at, opened.problem) == (None, "superseded before it was sent")
        assert resolved.problem == "still pending"
