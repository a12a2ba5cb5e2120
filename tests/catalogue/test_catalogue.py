"""backstay.yaml that loads: short and long forms, names resolved, defaults filled in."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from support.samples.catalogues import FULL, SMALLEST

from bot.app.settings import load
from bot.catalogue import Catalogue, CatalogueFile, cycles, duration, read
from checks import Dependency, RehearsalKind, RehearsalResult, Scope, Service, Tier, Waiver


@pytest.fixture(name="full")
def _full(tmp_path: Path) -> Catalogue:
    (tmp_path / "backstay.yaml").write_text(FULL)
    return load(tmp_path / "backstay.yaml", {}).catalogue


def test_the_smallest_useful_file_loads() -> None:
    made = read(SMALLEST)
    billing, login = made.services
    assert (made.organisation, made.currency, made.warnings) == ("Acme", "USD", ())
    assert (billing.name, billing.tier.number, billing.users, billing.revenue_per_hour) == (
        "billing",
        1,
        120_000,
        42_000,
    )
    assert billing.depends_on == (
        Dependency("login", "service"),
        Dependency("stripe", "saas"),
        Dependency("aws/us-east-1/dynamodb", "scope"),
    )
    assert made.entries[0].selector.tags == {"service": ("billing",)}
    assert login.rto_target == timedelta(hours=1)


def test_nothing_at_all_is_an_empty_catalogue() -> None:
    for text in ("", "# only a comment\n", "services:\n", "---\n"):
        assert read(text).entries == ()


def test_a_services_every_key(full: Catalogue) -> None:
    checkout = full.entries[0].service
    assert checkout == Service(
        name="checkout",
        tier=Tier(1, 10, timedelta(minutes=30), timedelta(minutes=5)),
        owner="payments",
        audience="payments",
        users=450_000,
        revenue_per_hour=80_000.5,
        revenue_as_of=date(2026, 10, 1),
        rto=timedelta(minutes=15),
        rpo=timedelta(minutes=1),
        depends_on=(
            Dependency("login", "service"),
            Dependency("Mailroom", "saas", hard=False, fallback="the other mailer"),
            Dependency("aws/us-east-1/use1-az4", "scope"),
            Dependency("cloudflare", "scope"),
        ),
        description="The till",
        labels={"area": "shop"},
    )
    assert full.services[1].tier == Tier(5, 0.5)
    selector = full.entries[0].selector
    assert selector.tags == {"service": ("checkout",), "env": ("prod", "live")}
    assert (selector.stacks, selector.arns) == (("checkout-*",), ("arn:aws:sqs:*:*:checkout-*",))
    assert (selector.accounts, selector.regions) == (("012345678901",), ("us-east-1", "eu-central-1"))


def test_what_is_declared_of_a_service(full: Catalogue, tmp_path: Path) -> None:
    said = full.entries[0].declared
    assert [(deployment.where, deployment.role, deployment.zones) for deployment in said.deployments] == [
        (Scope("aws", "us-east-1"), "active", ()),
        (Scope("gcp", "europe-west1"), "standby", ("europe-west1-b",)),
    ]
    assert said.runbook is not None
    assert (said.runbook.path, said.runbook.reviewed) == (tmp_path / "runbooks/checkout.md", date(2026, 9, 30))
    (drill,) = said.drills
    assert (drill.kind, drill.result) == (RehearsalKind.FAILOVER, RehearsalResult.SUCCEEDED)
    assert (drill.scope, drill.rto, drill.attested_by) == ("aws/us-east-1", timedelta(minutes=22), "Kim")
    assert said.attestations[0].expires == date(2027, 8, 1)
    login = full.entries[1].declared.runbook
    assert login is not None
    assert (login.url, login.path) == ("https://acme.atlassian.net/wiki/login", None)


def test_a_waiver_holds_through_its_last_day(full: Catalogue) -> None:
    until = datetime(2027, 4, 1, tzinfo=UTC)
    assert full.waivers_on_record == (Waiver("checkout", "RG01", "moving in spring", "Lee", until),)


def test_routes_keep_their_order_and_get_their_own_names(full: Catalogue, tmp_path: Path) -> None:
    payments = full.audiences["payments"]
    assert [route.name for route in payments.routes] == [
        "slack:#payments",
        "webhook:hook_url",
        "teams_workflow:teams_url",
    ]
    assert payments.routes[0].options == {"channel": "#payments"}
    assert payments.routes[1].options == {
        "url": "env:HOOK_URL",
        "secret": "env:HOOK_SECRET",
        "template": str(tmp_path / "shapes/pager.json"),
    }
    assert full.audiences["platform"].routes[0].name == "the platform channel"
    assert full.route_runs_on == {
        "slack:#payments": ("aws",),
        "webhook:hook_url": ("gcp",),
        "teams_workflow:teams_url": ("azure",),
        "the platform channel": ("aws",),
        "webhook:127.0.0.1": None,
    }


def test_references_to_files_start_beside_the_file(tmp_path: Path) -> None:
    made = read("audiences: {a: [{webhook: {url: file:u, headers: {X-Key: file:k, X-Team: pay}}}]}\n", beside=tmp_path)
    assert made.routes[0].options == {
        "url": f"file:{tmp_path}/u",
        "headers": {"X-Key": f"file:{tmp_path}/k", "X-Team": "pay"},
    }


def test_two_routes_never_share_a_name_and_one_route_is_one() -> None:
    made = read(
        "audiences:\n"
        "  a: [{webhook: {url: 'https://x.example/1'}}, {slack: '#all'}]\n"
        "  b: [{webhook: {url: 'https://x.example/2'}}, {slack: '#all'}]\n"
    )
    assert [route.name for route in made.routes] == ["webhook:x.example", "slack:#all", "webhook:x.example-2"]


def test_schedules_come_from_both_places_and_default_to_monday(full: Catalogue) -> None:
    first, second = full.audiences["payments"].schedules
    assert (first.cron, first.timezone, first.grace) == ("0 8 * * MON-FRI", "Europe/London", timedelta(hours=1.5))
    assert (second.cron, second.timezone, second.grace) == ("30 17 * * FRI", "America/New_York", timedelta(hours=3))
    (monday,) = full.audiences["platform"].schedules
    assert (monday.cron, monday.timezone, monday.post) == ("0 9 * * MON", "Europe/Berlin", "scorecard")
    assert [schedule.cron for schedule in full.audiences["quiet"].schedules] == ["0 7 1 * *"]
    assert len({schedule.id for schedule in full.schedules}) == len(full.schedules) == 4


def test_a_schedules_id_stays_while_its_words_do() -> None:
    once, again = (read(f"{more}audiences: {{a: [{{slack: '#a'}}]}}\n") for more in ("", "organisation: Acme\n"))
    assert [schedule.id for schedule in once.schedules] == [schedule.id for schedule in again.schedules]


def test_who_reports_where() -> None:
    made = read(
        "audiences: {a: [{slack: '#a'}], b: [{slack: '#b'}]}\n"
        "services: [{name: x, owner: b}, {name: y, owner: b, audience: a}, {name: z, owner: c}]\n"
    )
    assert [service.audience for service in made.services] == ["b", "a", ""]
    assert "z has no audience; nobody receives its reports" in "\n".join(map(str, made.warnings))
    alone = read("audiences: {a: [{slack: '#a'}]}\nservices: [{name: x}]\n")
    assert alone.services[0].audience == "a"


def test_accounts_and_saas(full: Catalogue) -> None:
    first, second = full.accounts
    assert (first.id, first.role, first.external_id, first.regions) == (
        "012345678901",
        "backstay-read",
        "env:EXTERNAL_ID",
        ("eu-central-1",),
    )
    assert second.id == "111122223333"
    assert full.runs_on["Mailroom"] == ("aws/eu-central-1",)
    assert full.runs_on["slack"] == ("aws",)
    assert "stripe" not in full.runs_on


def test_words_that_yaml_takes_for_something_else_stay_words() -> None:
    made = read(
        "services:\n"
        "  - name: on\n"
        "    resources: {tags: {on: yes, version: 1.10, zip: 007}, accounts: [012345678901]}\n"
        "    depends_on: [{on: no, soft: yes}]\n"
        "  - name: no\n"
    )
    entry = made.entries[0]
    assert entry.selector.tags == {"on": ("yes",), "version": ("1.10",), "zip": ("007",)}
    assert entry.selector.accounts == ("012345678901",)
    assert entry.service.depends_on == (Dependency("no", "service", hard=False),)


def test_anchors_and_merges_are_understood() -> None:
    made = read(
        "services:\n"
        "  - &first {name: a, tier: 1, owner: x, resources: &r {tags: {service: a}}}\n"
        "  - {<<: *first, name: b, resources: *r}\n"
    )
    assert [(service.name, service.tier.number, service.owner) for service in made.services] == [
        ("a", 1, "x"),
        ("b", 1, "x"),
    ]


def test_a_circle_of_dependencies_is_allowed_and_told() -> None:
    made = read(
        "services:\n"
        "  - {name: a, depends_on: [b], resources: {stacks: a}}\n"
        "  - {name: b, depends_on: [c], resources: {stacks: b}}\n"
        "  - {name: c, depends_on: [a, c], resources: {stacks: c}}\n",
        "b.yaml",
    )
    (told,) = made.warnings
    assert (told.line, told.where) == (2, "services[0].depends_on")
    assert "a needs b needs c needs a" in told.text


def test_a_chain_and_a_circle_of_5000_services() -> None:
    tier = Tier(1, 8)
    chain = [Service(str(n), tier, depends_on=(Dependency(str(n + 1), "service"),)) for n in range(5000)]
    assert cycles([*chain, Service("5000", tier)]) == []
    (loop,) = cycles([*chain, Service("5000", tier, depends_on=(Dependency("0", "service"),))])
    assert len(loop) == 5001


def test_a_service_without_resources_is_told() -> None:
    (told,) = read("services: [{name: a}]\n").warnings
    assert "a has neither resources nor deployments" in told.text


def test_a_region_newer_than_this_release_is_only_a_warning() -> None:
    made = read("services: [{name: a, resources: {stacks: a}, depends_on: [aws/ap-southeast-9]}]\n")
    assert "ap-southeast-9 is not an AWS region that this release knows" in made.warnings[0].text


def test_an_owner_that_looks_like_an_audience_is_told() -> None:
    made = read(
        "audiences: {payments: [{slack: '#p'}], search: [{slack: '#s'}]}\n"
        "services: [{name: a, owner: paymets, audience: search, resources: {stacks: a}}]\n"
    )
    assert "did you mean 'payments'?" in made.warnings[0].text


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("15m", timedelta(minutes=15)),
        ("4h", timedelta(hours=4)),
        ("1h30m", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("1w 2d", timedelta(days=9)),
        ("90S", timedelta(seconds=90)),
    ],
)
def test_a_duration(text: str, meant: timedelta) -> None:
    assert duration(text) == meant


@pytest.mark.parametrize("text", ["", "h", "15", "m15", "1m1h", "-1h", "1.5h", "9" * 40 + "d"])
def test_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|too long"):
        duration(text)


def test_the_default_of_every_key_is_one_that_may_be_written() -> None:
    assert CatalogueFile.model_validate({}).grace == timedelta(hours=6)
