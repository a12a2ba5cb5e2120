"""What targets used to answer is known after a restart too, also after one in the middle of an outage."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.harness.ledgers import ledger_at
from support.harness.probed_site import JSON, Site, page, site

from bot.detection.probes.record import TargetRecords
from bot.detection.probes.record_keeper import RecordKeeper
from bot.model.signals import Health, Trouble
from bot.model.target_records import KeptRecord
from bot.storage.ledger import Ledger


class Written:
    """Counts what is written."""

    def __init__(self) -> None:
        self.counts: list[int] = []

    async def save_target_records(self, records: Sequence[KeptRecord], at: datetime) -> None:
        self.counts.append(len(records))

    async def target_records(self, *about: str) -> tuple[KeptRecord, ...]:
        return ()


async def learn(here: Site, ledger: Ledger) -> None:
    records = TargetRecords()
    here.start(records)
    await here.known()
    await RecordKeeper(ledger, records, here.clock).save()


async def restart(here: Site, ledger: Ledger) -> None:
    records = TargetRecords()
    await RecordKeeper(ledger, records, here.clock).load()
    here.start(records)


@pytest.mark.parametrize(
    ("before", "after", "trouble"),
    [
        ((401,), (404,), Trouble.STATUS),
        ((200, '{"a": 1}', JSON), page("Welcome"), Trouble.BODY),
        ((200, '{"a": 1}', JSON), (200, '{"error": "no such thing"}', JSON), Trouble.BODY),
    ],
)
async def test_a_restart_in_an_outage_does_not_take_it_for_usual(
    tmp_path: Path, before: tuple[int, str, str], after: tuple[int, str, str], trouble: Trouble
) -> None:
    async with site() as here, ledger_at(tmp_path) as ledger:
        here.becomes(*before)
        await learn(here, ledger)
        here.becomes(*after)
        await restart(here, ledger)
        assert (await here.look()).trouble is trouble


async def test_an_endpoint_of_providers_yaml_that_answered_before_a_restart_may_fail_after_it(tmp_path: Path) -> None:
    async with site() as here, ledger_at(tmp_path) as ledger:
        here.probe = replace(here.probe, origin="providers.yaml")
        await learn(here, ledger)
        here.becomes(503)
        here.start(TargetRecords())
        assert (await here.look()).state is Health.UNKNOWN, "it never answered as expected"
        await restart(here, ledger)
        assert (await here.look()).state is Health.BAD


async def test_only_what_changed_is_written_until_a_day_has_passed() -> None:
    written = Written()
    async with site() as here:
        records = TargetRecords()
        here.start(records)
        keeper = RecordKeeper(written, records, here.clock)
        for after in (timedelta(0), timedelta(minutes=5), timedelta(days=1)):
            await here.clock.sleep(after.total_seconds())
            await here.known()
            await keeper.save()
    assert written.counts == [2, 2], "the target and its host, at first and after a day"


async def test_a_record_that_cannot_be_read_is_learned_again(tmp_path: Path) -> None:
    async with site() as here, ledger_at(tmp_path) as ledger:
        odd = [
            KeptRecord("answers", here.probe.source, "", {"answers": "many"}),
            KeptRecord("networks", "localhost", "", {}),
        ]
        await ledger.save_target_records(odd, here.clock())
        await restart(here, ledger)
        assert (await here.look()).state is Health.GOOD
