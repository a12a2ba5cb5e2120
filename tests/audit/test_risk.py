"""The page for executives, and what a year of outages is expected to cost: ranges by recorded outages, never invented."""

import runpy
from pathlib import Path

import pytest
from support.builders.facts import AWAY, NOW, compute, datastore, service
from support.builders.findings import rule

from bot.audit.risk import risk_of
from bot.cards.messages.executive_page import executive_page, loss_range
from bot.cards.render import html as to_html
from bot.cards.render import markdown as to_markdown
from bot.catalogue import Catalogue
from bot.catalogue.outage_history import check_costs, outage_history, roles
from bot.catalogue.providers import known_providers
from checks import (
    CheckCost,
    Dependency,
    Effort,
    Finding,
    LossOf,
    OutageHistory,
    OutageRecord,
    Scorecard,
    Seen,
    Severity,
    YearlyHours,
    concentration,
    discover,
    failed,
    passed,
    score,
    unknown,
    yearly_hours,
    yearly_losses,
)

REPORTS = Path(__file__).parent / "reports"
ROOT = Path(__file__).parents[2]
HISTORY = OutageHistory(
    {
        "twilio": OutageRecord("twilio", ("twilio",), 2.0, (4, 8.0), (20, 50.0)),
        "sinch": OutageRecord("sinch", ("sinch",), 2.0, (0, 0.0), (2, 3.0)),
    },
    {"twilio": "comms", "sinch": "comms", "vonage": "comms", "aws": "cloud"},
)


def estate() -> list[Seen]:
    """Two services in one region, one of which needs Stripe; one of which nothing is declared."""
    stripe, login = Dependency("stripe", "saas"), Dependency("login", "service")
    checkout = service("checkout", depends_on=(stripe, login), users=400, revenue_per_hour=1000.0)
    bare = service("mail", tier=3, users=None, revenue_per_hour=None)
    return [
        Seen(checkout, (compute("till"), datastore("orders"))),
        Seen(service("login", users=50, revenue_per_hour=None), (compute("sso"),)),
        Seen(bare, (compute("relay", region=AWAY),)),
    ]


def judged() -> tuple[Scorecard, list[Seen]]:
    """Judged by hand, so that new checks change nothing."""
    seen = estate()
    checkout, login, mail = (known.service for known in seen)
    made = [
        Finding(rule("RG02", Severity.CRITICAL, "region"), checkout, None, failed("orders has no replica")),
        Finding(rule("PR01", Severity.HIGH, "provider"), checkout, None, failed("no fallback for stripe")),
        Finding(rule("ZN08", Severity.HIGH, "zone"), checkout, None, failed("orders is single-AZ")),
        Finding(rule("RG01", Severity.HIGH, "region"), login, None, failed("login runs in one region")),
        Finding(rule("BK01", Severity.CRITICAL, "backup"), mail, None, unknown("access denied")),
        Finding(rule("BK01", Severity.CRITICAL, "backup"), checkout, None, passed("14 days are kept")),
    ]
    card = score(made, services=[known.service for known in seen], now=NOW)
    return card, seen


def page() -> str:
    catalogue = Catalogue(organisation="Acme <b>", currency="EUR", runs_on={"stripe": ("aws",)})
    risk = risk_of(*judged(), catalogue, now=NOW, chain_head="3:" + "a" * 64)
    return to_markdown.render(executive_page(risk, organisation=catalogue.organisation, currency=catalogue.currency))


def test_the_page_reads_as_it_was_approved(update_golden: bool) -> None:
    golden, made = REPORTS / "executive_page.md", page()
    if update_golden:
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8")
    assert page() == made


def test_the_page_fits_one_sheet_and_loads_nothing() -> None:
    risk = risk_of(*judged(), Catalogue(), now=NOW)
    drawn = to_html.render(executive_page(risk, organisation="Acme", currency="EUR"), style=to_html.ONE_SHEET)
    assert "size: A4" in drawn
    assert "<script" not in drawn
    assert "src=" not in drawn


def test_without_revenue_and_users_nothing_is_made_up() -> None:
    seen = [Seen(service("shop", revenue_per_hour=None, users=None), (compute(),))]
    card = score([], services=[seen[0].service], now=NOW)
    made = executive_page(risk_of(card, seen, Catalogue(), now=NOW), organisation="", currency="EUR")
    drawn = to_markdown.render(made)
    assert "1 of 1 service is expected down." in drawn
    assert drawn.count("not declared") == 2 * 2, "revenue and users, of the provider and of its region"
    assert "EUR per hour" not in drawn


def test_hours_are_a_range_by_severity() -> None:
    hours = yearly_hours("twilio", HISTORY)
    assert isinstance(hours, YearlyHours)
    assert 0 < hours.low < 8.0 / 2 < 50.0 / 2 < hours.high, "fewer than the critical hours, more than all of them"
    assert hours.basis == "20 major or critical outages of twilio"


def test_too_few_outages_fall_back_to_the_class_and_say_so() -> None:
    hours = yearly_hours("sinch", HISTORY)
    assert isinstance(hours, YearlyHours)
    assert hours.basis == (
        "2 recorded outages of sinch, so the class comms counts: 22 outages of 2 providers: sinch, twilio"
    )
    assert (
        yearly_hours("aws", HISTORY) == "too few to say: no recorded outages of aws, and too few of its class (cloud)"
    )
    assert yearly_hours("stripe", HISTORY) == "too few to say: no recorded outages of stripe"


def losses(target: str, loss: LossOf, revenue: float | None = 100.0) -> tuple[float | None, float | None, str]:
    needs = Dependency(target, "saas")
    seen = [Seen(service("shop", depends_on=(needs,), revenue_per_hour=revenue), (compute(),))]
    check = rule("PR01", Severity.HIGH, "provider")
    finding = Finding(check, seen[0].service, None, failed("no fallback"))
    found = concentration(seen, roles({}), now=NOW)
    [answer] = yearly_losses([finding], lambda _: CheckCost(Effort.WEEKS, loss), HISTORY, found, [seen[0].service])
    return answer.low, answer.high, answer.basis


def test_money_is_revenue_times_hours_and_nothing_that_is_not_declared() -> None:
    hours = yearly_hours("twilio", HISTORY)
    assert isinstance(hours, YearlyHours)
    assert losses("twilio", LossOf.SAAS) == (100 * hours.low, 100 * hours.high, hours.basis)
    assert losses("twilio", LossOf.SAAS, None) == (None, None, "no revenue is declared")
    assert losses("stripe", LossOf.SAAS) == (None, None, "too few to say: no recorded outages of stripe")
    assert losses("twilio", LossOf.ZONE) == (None, None, "no history of single zones is recorded")


def test_every_check_has_an_effort_and_a_loss() -> None:
    costs, ids, kinds = check_costs(), {check.id for check in discover()}, {check.family for check in discover()}
    assert all(costs.of(check) for check in discover())
    assert set(costs.own) <= ids
    assert set(costs.families) >= kinds


def test_the_recorded_outages_are_of_known_providers() -> None:
    history, said, known = outage_history(), roles({}), set(known_providers())
    assert set(history.records) <= known
    assert set(history.classes) <= known
    assert set(said.saas) <= known
    assert set(said.registries.values()) <= known
    assert all(record.critical[0] <= record.major[0] and record.years > 1 for record in history.records.values())
    assert "89ff55f" in history.source


def test_amounts_are_rounded_to_two_figures() -> None:
    [priced] = [loss for loss in risk_of(*judged(), Catalogue(), now=NOW).losses if loss.check_id == "RG02"]
    assert loss_range(priced, "EUR") == "0 to 25,000 EUR"


INCIDENTS = """\
started_at\tprovider\tcategory\tseverity\tminutes\tstatus\ttitle
2023-08-02T00:00:00+00:00\ttwilio\tcomms\tmajor\t60\tresolved\tA
2023-08-02T00:30:00+00:00\ttwilio\tcomms\tcritical\t60\tresolved\tOverlaps
2023-09-02T00:00:00+00:00\ttwilio\tcomms\tmajor\t100000\tresolved\tLeft open
2023-09-09T00:00:00+00:00\ttwilio\tcomms\tmajor\t\tunknown\tNo end
2023-09-10T00:00:00+00:00\ttwilio\tcomms\tminor\t60\tresolved\tMinor
"""


def test_the_script_counts_overlaps_once_and_caps_what_was_left_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "incidents-2023.tsv").write_text(INCIDENTS)
    (tmp_path / "SOURCES.tsv").write_text("file\trepository\tcommit\tpath\tnote\nx\to/r\tabc\tp\tn\n")
    runpy.run_path(str(ROOT / ".ci" / "outage_history.py"))["main"](tmp_path)
    assert capsys.readouterr().out.splitlines()[-1] == "twilio\tcomms\t2023-08-01\t2024-01-01\t1\t1.00\t2\t25.50"
