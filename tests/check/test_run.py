"""Running checks: what they are handed, and what becomes of facts that are stale, unread or hidden."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.builders.facts import NOW, datastore, gap, rehearsal, seen, service

from checks import (
    Check,
    Datastore,
    Finding,
    Need,
    Outcome,
    Rehearsal,
    Seen,
    Service,
    Severity,
    Unread,
    Verdict,
    Waiver,
    evaluate,
    failed,
    known,
    passed,
    waive,
)

OLD = NOW - timedelta(days=3)


def rule(run: object, *needs: Need, wants_now: bool = False, id: str = "ZZ01") -> Check:
    return Check(id, "zone", "It is so", Severity.HIGH, "a lesson", "do it", "https://x", run, needs, wants_now)  # type: ignore[arg-type]


def outcomes(findings: Iterator[Finding]) -> list[Outcome]:
    return [finding.outcome for finding in findings]


def judge(check: Check, *all_seen: Seen) -> list[Finding]:
    return list(evaluate(all_seen, now=NOW, rules=[check]))


def protected(service: Service, store: Datastore) -> Verdict:
    return passed("protected") if known(store.deletion_protection) else failed(f"{store.name} is not protected")


EACH = rule(protected, Need("store", Datastore, each=True))


def rehearsed(service: Service, rehearsals: tuple[Rehearsal, ...], now: datetime) -> Verdict:
    return (
        passed("rehearsed")
        if any(each_rehearsal.at and each_rehearsal.at <= now for each_rehearsal in rehearsals)
        else failed("never rehearsed")
    )


ONCE = rule(rehearsed, Need("rehearsals", Rehearsal, each=False), wants_now=True)


def test_runs_once_for_each_fact_in_their_order() -> None:
    findings = judge(
        EACH, seen(datastore(name="a", deletion_protection=True), datastore(name="b", deletion_protection=False))
    )
    assert [(f.fact.name, f.outcome) for f in findings if f.fact] == [("a", Outcome.PASS), ("b", Outcome.FAIL)]


def test_no_such_fact_is_not_applicable() -> None:
    (finding,) = judge(EACH, seen())
    assert (finding.outcome, finding.summary) == (Outcome.NOT_APPLICABLE, "checkout has no datastore")


def test_a_gap_is_unknown_beside_what_was_seen() -> None:
    hole = gap(Datastore, reason="AccessDenied", action="rds:DescribeDBInstances")
    findings = judge(EACH, seen(datastore(deletion_protection=True), gaps=(hole, replace(hole, region="eu-west-1"))))
    assert [f.outcome for f in findings] == [Outcome.PASS, Outcome.UNKNOWN, Outcome.UNKNOWN]
    assert [f.gap is not None for f in findings] == [False, True, True]
    assert "AccessDenied" in findings[1].summary
    assert findings[1].evidence["action"] == "rds:DescribeDBInstances"


def test_unread_field_is_unknown_with_its_reason() -> None:
    (finding,) = judge(EACH, seen(datastore(name="orders", deletion_protection=Unread("throttled"))))
    assert (finding.outcome, finding.summary) == (
        Outcome.UNKNOWN,
        "Could not read all settings of RDS instance orders: throttled",
    )


def test_stale_fact_is_unknown_with_its_date() -> None:
    (finding,) = judge(EACH, seen(datastore(deletion_protection=True, observed_at=OLD)))
    assert finding.outcome is Outcome.UNKNOWN
    assert "2026-11-20 12:00 UTC" in finding.summary


def test_a_search_passes_on_what_was_seen_and_proves_nothing_by_finding_nothing() -> None:
    hole = gap(Rehearsal, reason="timed out")
    (found,) = judge(ONCE, seen(rehearsal(at=NOW), gaps=(hole,)))
    (missed,) = judge(ONCE, seen(gaps=(hole,)))
    (absent,) = judge(ONCE, seen())
    assert [found.outcome, missed.outcome, absent.outcome] == [Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL]
    assert missed.gap is hole
    assert "timed out" in missed.summary


def test_a_stale_fact_in_a_tuple_hides_what_it_says() -> None:
    (finding,) = judge(ONCE, seen(rehearsal(at=NOW, observed_at=OLD)))
    assert finding.outcome is Outcome.UNKNOWN
    assert "is too old: last read at 2026-11-20 12:00 UTC" in finding.summary


@pytest.mark.parametrize(
    "ask",
    [
        lambda facts: len(facts) == 0,
        lambda facts: not facts,
        lambda facts: bool([fact for fact in facts if fact]),
        lambda facts: facts == (),
        lambda facts: "x" in facts,
        lambda facts: bool(facts[:1]),
        lambda facts: bool(facts[0]),
        lambda facts: bool(sorted(facts)),
        lambda facts: bool((*facts,)),
        lambda facts: bool(() + facts),  # noqa: RUF005 - concatenation is what is asked
        lambda facts: bool(facts + facts),
        lambda facts: bool(list(reversed(facts))),
        lambda facts: facts.count(None) == 0,
    ],
)
def test_no_sequence_operation_treats_hidden_facts_as_absent(ask: object) -> None:
    def empty(service: Service, rehearsals: tuple[Rehearsal, ...]) -> Verdict:
        return passed("none") if ask(rehearsals) else failed("some")  # type: ignore[operator]

    (finding,) = judge(rule(empty, Need("rehearsals", Rehearsal, each=False)), seen(gaps=(gap(Rehearsal),)))
    assert finding.outcome is Outcome.UNKNOWN


def test_hidden_context_costs_only_the_verdicts_that_need_it() -> None:
    def run(service: Service, store: Datastore, rehearsals: tuple[Rehearsal, ...]) -> Verdict:
        if store.name == "sure":
            return passed("sure")
        return (
            passed("found")
            if any(store.name in each_rehearsal.about for each_rehearsal in rehearsals)
            else failed("not found")
        )

    check = rule(run, Need("store", Datastore, each=True), Need("rehearsals", Rehearsal, each=False))
    found = rehearsal(about=("found",))
    facts = [datastore(name=name) for name in ("sure", "found", "missing")]
    findings = judge(check, seen(*facts, found, gaps=(gap(Rehearsal),)))
    assert [f.outcome for f in findings] == [Outcome.PASS, Outcome.PASS, Outcome.UNKNOWN]
    assert all(f.gap is None for f in findings)


def test_a_check_that_breaks_costs_its_own_finding_only() -> None:
    def run(service: Service, store: Datastore) -> Verdict:
        if store.name == "odd":
            raise ZeroDivisionError("by zero")
        return passed("fine")

    findings = judge(
        rule(run, Need("store", Datastore, each=True)), seen(datastore(name="odd"), datastore(name="even"))
    )
    assert [f.outcome for f in findings] == [Outcome.ERROR, Outcome.PASS]
    assert "ZeroDivisionError" in str(findings[0].evidence)


def test_a_check_of_the_whole_service_that_breaks_is_an_error() -> None:
    def run(service: Service) -> Verdict:
        raise KeyError("x")

    assert [f.outcome for f in judge(rule(run), seen(), seen(of=service("other")))] == [Outcome.ERROR, Outcome.ERROR]


def waiver(**fields: object) -> Waiver:
    sound = {"service": "checkout", "check": "ZZ01", "reason": "moving", "by": "ana", "until": NOW + timedelta(days=1)}
    return Waiver(**sound | fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (waiver(), Outcome.WAIVED),
        (waiver(until=NOW), Outcome.FAIL),
        (waiver(service="other"), Outcome.FAIL),
        (waiver(check="ZZ02"), Outcome.FAIL),
        (waiver(resource="db-1"), Outcome.WAIVED),
        (waiver(resource="db-2"), Outcome.FAIL),
    ],
)
def test_a_waiver_holds_for_what_it_names_until_it_expires(given: Waiver, expected: Outcome) -> None:
    findings = judge(EACH, seen(datastore(resource="db-1", deletion_protection=False)))
    (finding,) = waive(findings, [given], now=NOW)
    assert finding.outcome is expected
    if expected is Outcome.WAIVED:
        assert "2026-11-24 by ana: moving" in finding.summary


def test_a_waiver_never_turns_what_could_not_be_read() -> None:
    findings = judge(EACH, seen(datastore(deletion_protection=Unread("denied"))))
    assert outcomes(waive(findings, [waiver()], now=NOW)) == [Outcome.UNKNOWN]
