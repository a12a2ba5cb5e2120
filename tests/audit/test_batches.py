"""Many accounts in this process: a few at a time, each accounted for."""

from collections.abc import Callable, Sequence

import pytest
from support.builders.facts import datastore

from bot.audit.collectors.aws.batches import AT_ONCE, accounts_to_read, read_in_batches
from bot.model import Collected, Progress, UnusableError
from checks import Datastore, Fact, Gap

ACCOUNTS = tuple(f"{number:012}" for number in range(20))
LISTED = Collected((), (), accounts=ACCOUNTS, calls=3)


class Reading:
    """Reads what it is asked for, but for accounts that end the process."""

    def __init__(self, *deadly: str) -> None:
        self.deadly, self.batches = deadly, list[tuple[str, ...]]()

    async def __call__(self, accounts: Sequence[str], progress: Callable[[Progress], None]) -> Collected:
        self.batches.append(tuple(accounts))
        progress(Progress(1, 2, "queues in us-east-1"))
        if set(self.deadly) & set(accounts):
            raise UnusableError("the process that reads AWS died (signal 9)")
        progress(Progress(2, 2, "tables in us-east-1"))
        facts = [datastore("ours", account=account) for account in accounts] + [datastore("theirs")]
        places = tuple(("aws_tables", account, "us-east-1") for account in accounts)
        return Collected(facts, (), read=places, accounts=tuple(accounts), calls=10)


def ours(facts: Sequence[Fact], _: Sequence[Gap]) -> Sequence[Fact]:
    return [fact for fact in facts if fact.name == "ours"]


async def test_a_few_at_a_time_and_only_what_matters_is_carried_along() -> None:
    reading, heard = Reading(), list[Progress]()
    run = await read_in_batches(ACCOUNTS, reading, LISTED, heard.append, fact_filter=ours)
    assert [len(batch) for batch in reading.batches] == [AT_ONCE, AT_ONCE, 20 - 2 * AT_ONCE]
    assert [fact.account for fact in run.facts] == list(ACCOUNTS) == list(run.accounts)
    assert (run.calls, len(run.read), run.gaps) == (3 + 3 * 10, 20, [])
    assert [step.done for step in heard] == sorted(step.done for step in heard)
    assert (heard[-1].done, heard[-1].total) == (20, 20)
    assert "accounts 17 to 20" in heard[-1].doing


async def test_accounts_whose_process_died_are_named_and_the_others_read() -> None:
    run = await read_in_batches(ACCOUNTS, Reading(ACCOUNTS[9]), LISTED, lambda _: None, fact_filter=ours)
    lost = ACCOUNTS[AT_ONCE : 2 * AT_ONCE]
    assert {gap.account for gap in run.gaps} == set(lost)
    assert all("signal 9" in gap.reason and Datastore in gap.kinds for gap in run.gaps)
    assert set(run.accounts) == set(ACCOUNTS) - set(lost)


async def test_where_nothing_can_be_read_it_says_why() -> None:
    with pytest.raises(UnusableError, match="signal 9"):
        await read_in_batches(ACCOUNTS, Reading(*ACCOUNTS), LISTED, lambda _: None, fact_filter=ours)


def test_only_accounts_in_which_something_is_wanted_are_read() -> None:
    places = frozenset({("aws_tables", ACCOUNTS[3], "us-east-1"), ("declared", "", "")})
    assert accounts_to_read(ACCOUNTS, places) == (ACCOUNTS[3],)
    assert accounts_to_read(ACCOUNTS, None) == ACCOUNTS
