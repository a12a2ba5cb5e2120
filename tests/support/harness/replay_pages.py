"""Cases of what pages say: how bad it is for us, maintenance beside an outage, old incidents on a first start, storms."""

import random
from collections.abc import Sequence
from datetime import timedelta

from support.harness.replay_cases import HOUR, MINUTE, ONSET, Case, scene, settings, some_time_after
from support.harness.replay_goals import Goal, all_of, at_most, never, quiet, some_incident, within
from support.harness.replay_run import Scene, Watched
from support.outage_world.happenings import Effect
from support.outage_world.pages import Format, Item, Post, StatusPage

from bot.model.incidents import OutageState

_PARTS = ("API", "Dashboard", "Checkout", "Documentation", "Payouts")
_NEEDS_API = settings(parts="stripe: [API]")
_CLOUDFLARE = settings(needs=("cloudflare",), endpoints=(("https://api.cloudflare.com/client/v4/", "cloudflare"),))
_EIGHT = ("stripe", "github", "datadog", "openai", "twilio", "sendgrid", "pagerduty", "cloudflare")
_REPORTED, _DOWN = OutageState.REPORTED, OutageState.DOWN


def _page(*items: Item) -> StatusPage:
    return StatusPage("stripe", "https://www.stripestatus.com", items=items, parts=_PARTS)


def _item(title: str, impact: str, *parts: str, name: str = "inc1", at: timedelta = timedelta(0)) -> Item:
    posts = (Post(ONSET + at, text="We are looking into it."), Post(ONSET + at + 2 * HOUR, "resolved"))
    return Item(name, title, impact, posts, parts)  # type: ignore[arg-type] # one of the impacts


def _says(name: str, item: Item, wanted: Goal, text: str = _NEEDS_API) -> Case:
    return Case(
        name,
        "5",
        lambda chance: scene(chance, text, pages=(_page(item),), lasts=40 * MINUTE, enough=some_time_after(8 * MINUTE)),
        wanted,
    )


def _with_region(title: str) -> StatusPage:
    return StatusPage(
        "cloudflare", "https://www.cloudflarestatus.com", items=(_item(title, "minor", "Mumbai, India - (BOM)"),)
    )


def _maintenance(*, parts: tuple[str, ...], text: str = "Traffic might be re-routed from this location.") -> Item:
    return Item(
        "m1", f"{parts[0] if parts else 'All'} scheduled maintenance", "maintenance",
        (Post(ONSET - 24 * HOUR, "scheduled", text), Post(ONSET - 30 * MINUTE, "in_progress", text)),
        parts, began=ONSET - 30 * MINUTE, until=ONSET + 4 * HOUR,
    )  # fmt: skip


_CDG = _maintenance(parts=("Paris, France - (CDG)",))


def _cloudflare(*items: Item) -> StatusPage:
    return StatusPage("cloudflare", "https://www.cloudflarestatus.com", items=items)


def _beside_maintenance() -> tuple[Case, ...]:
    dead = Effect("api.cloudflare.com", ONSET, ONSET + HOUR, "answer")
    critical = _item("Network performance issues", "critical")
    stripe = _maintenance(parts=("API",), text="The API will be unavailable during this maintenance.")
    return (
        Case(
            "maintenance in one data centre beside a dead API", "6",
            lambda chance: scene(chance, _CLOUDFLARE, effects=(dead,), pages=(_cloudflare(_CDG),), lasts=15 * MINUTE,
                                 enough=some_time_after(5 * MINUTE)),
            all_of(within(90 * timedelta(seconds=1), _DOWN), at_most(2)),
        ),
        Case(
            "maintenance in one data centre beside a critical incident", "6",
            lambda chance: scene(chance, _CLOUDFLARE, pages=(_cloudflare(_CDG, critical),), lasts=15 * MINUTE,
                                 enough=some_time_after(5 * MINUTE)),
            all_of(within(6 * MINUTE), at_most(2)),
        ),
        Case(
            "maintenance in one data centre and nothing else", "6",
            lambda chance: scene(chance, _CLOUDFLARE, pages=(_cloudflare(_CDG),), lasts=30 * MINUTE), quiet,
        ),
        Case(
            "a maintenance that announces the API's downtime", "6",
            lambda chance: scene(chance, _NEEDS_API, effects=(Effect("api.stripe.com", ONSET, ONSET + HOUR, "answer"),),
                                 pages=(_page(stripe),), lasts=30 * MINUTE),
            quiet,
        ),
    )  # fmt: skip


def _first_start() -> Case:
    """Eight providers, each with an incident that has been open for hours or days, when backstay starts for the first time."""

    def made(chance: random.Random) -> Scene:
        pages = []
        for number, provider in enumerate(_EIGHT):
            began = ONSET - timedelta(hours=3 + 9 * number + chance.uniform(0, 2))
            posts = (
                Post(began),
                Post(ONSET - timedelta(minutes=chance.uniform(20, 150)), "identified", "Still at it."),
            )
            impact = ("minor", "major", "critical")[number % 3]
            items = (Item(f"old{number}", "Elevated error rates", impact, posts, began=began),)  # type: ignore[arg-type]
            pages.append(StatusPage(provider, f"https://{provider}.example.com", _format(provider), items))
        return scene(chance, settings(needs=_EIGHT), pages=pages, warm=timedelta(0), lasts=40 * MINUTE)

    joined = some_incident(lambda incident: len({scope.provider for scope in incident.scopes}) > 1, "x")
    return Case(
        "first start with eight old open incidents", "7", made,
        all_of(lambda watched: ["joined to a storm"] if not joined(watched) else [], never(_DOWN), _each_once),
    )  # fmt: skip


def _each_once(watched: Watched) -> list[str]:
    told = watched.told
    names = [message.incident.scopes[0].provider for message in told if message.incident.scopes]
    often = sorted({name for name in names if names.count(name) > 1})
    return [f"told more than once: {', '.join(often)}"] if often else []


def _format(_: str) -> Format:
    return "statuspage"


def _storm() -> Case:
    """A region fails, and what runs on it within three minutes."""
    needs = ("aws/us-east-1/dynamodb", "slack", "twilio", "datadog", "docker-hub", "openai")
    hosts = (
        "dynamodb.us-east-1.amazonaws.com",
        "slack.com",
        "api.twilio.com",
        "api.datadoghq.com",
        "*.docker.io",
        "api.openai.com",
    )

    def made(chance: random.Random) -> Scene:
        late = [0.0, *(chance.uniform(0, 180) for _ in hosts[1:])]
        effects = tuple(
            Effect(host, ONSET + timedelta(seconds=after), ONSET + HOUR, "answer")
            for host, after in zip(hosts, late, strict=True)
        )
        return scene(chance, settings(needs=needs), effects=effects, pages=(), lasts=20 * MINUTE)

    return Case("a region fails and five providers on it", "7", made, all_of(within(2 * MINUTE), at_most(3)))


def _one_suspicion_in_an_outage() -> Case:
    """One provider is down; four others each lose a probe or two by chance, twice: none of them joins.

    The two times lie apart: 40 s without an answer are an outage.
    """
    others = ("github", "datadog", "openai", "twilio")
    hosts: Sequence[str] = ("api.github.com", "api.datadoghq.com", "api.openai.com", "api.twilio.com")

    def made(chance: random.Random) -> Scene:
        blips = tuple(
            Effect(
                host,
                begins := ONSET + timedelta(seconds=chance.uniform(earliest, earliest + 240)),
                begins + timedelta(seconds=20),
                "answer",
            )
            for host in hosts
            for earliest in (0, 360)
        )
        outage = Effect("api.stripe.com", ONSET, ONSET + HOUR, "answer")
        return scene(chance, settings(needs=("stripe", *others)), effects=(outage, *blips), pages=(), lasts=20 * MINUTE)

    def alone(watched: Watched) -> list[str]:
        named = {scope.provider for message in watched.told for scope in message.incident.scopes} - {"stripe"}
        return [f"joined: {', '.join(sorted(named))}"] if named else []

    return Case("an outage while others lose single probes", "7", made, all_of(within(2 * MINUTE), alone, at_most(2)))


PAGES = (
    _says("minor incident of the documentation", _item("Docs search is slow", "minor", "Documentation"), quiet),
    _says("a degraded part that we do not need", _item("Dashboard charts delayed", "major", "Dashboard"), quiet),
    _says("[TEST] please ignore", _item("[TEST] please ignore", "critical"), quiet),
    _says("minor on a part that we need", _item("Elevated API latency", "minor", "API"), all_of(never(_DOWN), at_most(1))),
    _says(
        "major on a part that we need and that nothing probes",
        _item("Payouts are delayed", "major", "Payouts"),
        all_of(within(6 * MINUTE, _REPORTED), at_most(1)),
        settings(parts="stripe: [Payouts]"),
    ),
    _says(
        "major on a part that we need and whose probes succeed", _item("API errors", "major", "API"), all_of(never(_DOWN), at_most(1))
    ),
    _says("critical, no parts named", _item("Stripe is unavailable", "critical"), all_of(within(6 * MINUTE, _REPORTED), at_most(1))),
    _says(
        "major without parts, needed as a whole, probes succeed",
        _item("Elevated errors", "major"),
        all_of(never(_DOWN), at_most(1)),
        settings(),
    ),
    Case(
        "network of Mumbai, minor", "5",
        lambda chance: scene(chance, _CLOUDFLARE, pages=(_with_region("Network issues in Mumbai"),), lasts=30 * MINUTE), quiet,
    ),
    *_beside_maintenance(),
    _first_start(),
    _storm(),
    _one_suspicion_in_an_outage(),
)  # fmt: skip
