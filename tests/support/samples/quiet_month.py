"""Months in which nothing is wrong but chance, and what pages publish on any day."""

import random
from datetime import UTC, datetime, timedelta

from support.harness.replay_cases import HOUR, MINUTE, settings
from support.harness.replay_goals import alerts
from support.harness.replay_run import Scene, page_hosts, usual_answers, watch
from support.outage_world.happenings import ResolverEffect
from support.outage_world.outside import Outside
from support.outage_world.pages import Item, Post, StatusPage

from bot.detection.probes.scheduler import FAST_INTERVAL, INTERVAL
from bot.incidents.engine.error_rate import ErrorRate

NEEDS = ("stripe", "datadog", "openai")
DAYS = timedelta(days=2)


def quiet_days(seed: int, noise: float = 0.01, lasts: timedelta = DAYS) -> list[str]:
    """The titles of false alerts of two days with a whole installation, from its first start on.

    Attempts fail with `noise`, and what is tried again at once fails again. Once a day a public resolver is broken for an hour.
    Pages publish maintenance of single data centres, minor incidents, and bigger ones of parts that nobody needs.
    """
    chance = random.Random(f"{seed} quiet")  # noqa: S311 - a simulation
    began = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=seed % 28)
    text = settings(parts="stripe: [API], datadog: [API], openai: [APIs]")
    pages = tuple(_page(name, began, lasts, chance) for name in NEEDS)
    broken = began + timedelta(hours=chance.uniform(2, 20))
    resolvers = (ResolverEffect(chance.choice(("1.1.1.1", "8.8.8.8", "9.9.9.9")), broken, broken + HOUR),)
    outside = Outside(
        chance, usual=usual_answers(text), served=page_hosts(text, pages), noise=noise, resolvers=resolvers
    )
    watched = watch(Scene(outside, text, began, lasts, pages, warm=timedelta(0)), seed)
    return [f"seed {seed}: {told.at:%d %H:%M} {told.title}" for told in (*alerts(watched), *alerts(watched, ours=True))]


def _page(provider: str, began: datetime, lasts: timedelta, chance: random.Random) -> StatusPage:
    items = [_item(f"{provider}{number}", began + chance.random() * lasts, chance) for number in range(4)]
    old = began - timedelta(hours=chance.uniform(1, 60))
    items.append(
        Item(
            f"{provider}old",
            "Some users see delays",
            "minor",
            (Post(old), Post(began + 20 * HOUR, "resolved")),
            began=old,
        )
    )
    return StatusPage(provider, f"https://{provider}.example.com", items=tuple(items))


def _item(name: str, at: datetime, chance: random.Random) -> Item:
    over = at + timedelta(minutes=chance.uniform(10, 300))
    kind = chance.choice(("maintenance", "minor", "minor", "unneeded"))
    if kind == "maintenance":
        place = chance.choice(("Paris, France - (CDG)", "Ashburn, VA, United States - (IAD)", "Tokyo, Japan - (NRT)"))
        posts = (Post(at - 3 * HOUR, "scheduled"), Post(at, "in_progress"), Post(over, "completed"))
        return Item(name, f"{place} maintenance", "maintenance", posts, (place,), began=at, until=over + 30 * MINUTE)
    posts = (Post(at), Post(at + (over - at) / 2, "monitoring"), Post(over, "resolved"))
    if kind == "minor":
        return Item(name, "Elevated latency for some users", "minor", posts)
    return Item(name, "Reports are delayed", "major", posts, ("Reporting dashboards",))


def noisy_month(asked: tuple[int, int, int]) -> tuple[int, int]:
    """False alarms and rounds of so many targets over days, through the engine's sequential test alone.

    The full path is too slow for 86 million rounds. Between two failures a target whose scores are at zero stays as it is but for
    what is usual for it, which is followed round by round only while something is in doubt. Arguments: seed, days, targets.
    """
    seed, days, targets = asked
    chance = random.Random(f"{seed} noise")  # noqa: S311 - a simulation
    false = rounds = 0
    for _ in range(targets):
        left, record, fast = days * 86_400.0, ErrorRate(), 0
        while left > 0:
            failed = chance.random() < 0.01
            record = record.after(failed=failed)
            rounds += 1
            if record.raised:
                false, record = false + 1, ErrorRate()
            fast = 5 if failed else max(fast - 1, 0)
            left -= FAST_INTERVAL if fast else INTERVAL
    return false, rounds
