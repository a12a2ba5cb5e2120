"""Cases of partial failures: a share of requests, latency, and answers that are wrong in spite of their status."""

from datetime import timedelta
from typing import Any

from support.harness.replay_cases import (
    HOUR,
    MINUTE,
    ONSET,
    SECOND,
    STRIPE,
    Case,
    scene,
    settings,
    some_time_after,
)
from support.harness.replay_goals import Goal, all_of, at_most, never, quiet, some_incident, within
from support.outage_world.happenings import Answer, Damage, Effect, ResolverEffect

from bot.model.incidents import OutageState

_HOST = "api.stripe.com"
_DOWN, _DEGRADED = OutageState.DOWN, OutageState.DEGRADED
_SHOP = "shop.example.com"
_OWN = settings(needs=(), endpoints=((f"https://{_SHOP}/health", "checkout"),)).replace("    depends_on: []\n", "")


def _share(share: float, limit: timedelta, damage: Damage = "answer") -> Case:
    effect = Effect(_HOST, ONSET, ONSET + HOUR, damage, share)
    return Case(
        f"{share:.0%} of requests fail ({damage})".replace("(answer)", "(HTTP 503)"),
        "1",
        lambda chance: scene(chance, effects=(effect,), lasts=limit + MINUTE, enough=some_time_after(5 * MINUTE)),
        all_of(within(limit, *((_DOWN,) if share == 1.0 else (_DOWN, _DEGRADED))), at_most(2)),
    )


def _told(name: str, wanted: Goal, text: str = STRIPE, *, lasts: timedelta = 20 * MINUTE, **effect: Any) -> Case:
    made = Effect(effect.pop("hosts", _HOST), ONSET, ONSET + HOUR, **effect)
    return Case(
        name,
        "1",
        lambda chance: scene(chance, text, effects=(made,), lasts=lasts, enough=some_time_after(5 * MINUTE)),
        wanted,
    )


_SLOW = all_of(within(10 * MINUTE, _DEGRADED), never(_DOWN), at_most(2))
_QUICK = all_of(within(5 * MINUTE, _DOWN, _DEGRADED), at_most(2))


def _expiring() -> Case:
    ends = ONSET + timedelta(days=2)
    wanted = all_of(
        never(_DOWN),
        some_incident(
            lambda incident: "certificate" in " ".join((*incident.symptoms, *incident.evidence)).lower(),
            "certificate not named",
        ),
    )
    return Case(
        "a certificate ends in two days",
        "1",
        lambda chance: scene(chance, certificates={_HOST: ends}, lasts=90 * MINUTE, enough=some_time_after(MINUTE)),
        wanted,
    )


def _resolver_alone() -> Case:
    effect = ResolverEffect("9.9.9.9", ONSET, ONSET + HOUR)
    return Case(
        "one public resolver fails alone",
        "1",
        lambda chance: scene(chance, resolvers=(effect,), lasts=30 * MINUTE),
        quiet,
    )


PARTIAL = (
    _share(1.0, 90 * SECOND),
    _share(1.0, 90 * SECOND, "silent"),
    _share(0.7, 5 * MINUTE),
    _share(0.5, 5 * MINUTE),
    _share(0.5, 5 * MINUTE, "silent"),
    _share(0.43, 15 * MINUTE),
    _share(0.3, 15 * MINUTE),
    _share(0.17, 45 * MINUTE),
    _share(0.15, 45 * MINUTE),
    _told("latency 60 ms -> 1 s", _SLOW, damage="slow", seconds=1.0),
    _told("latency 60 ms -> 2.8 s", all_of(within(10 * MINUTE), at_most(2)), damage="slow", seconds=2.8),
    _told("TLS takes 1.5 s", _SLOW, damage="slow tls", seconds=1.5),
    _told(
        "HTTP 429 to all", _QUICK, damage="answer", answer=Answer(429, b'{"error":"rate limited"}', "application/json")
    ),
    _told("HTTP 404 to all", _QUICK, damage="answer", answer=Answer(404, b"Not Found", "text/plain")),
    _told(
        "HTTP 200 with an error body",
        _QUICK,
        _OWN,
        hosts=_SHOP,
        damage="answer",
        answer=Answer(
            200, b'{"status":"error","error":{"code":500,"message":"internal server error"}}', "application/json"
        ),
    ),
    _told(
        "redirect to a parked page",
        _QUICK,
        damage="answer",
        answer=Answer(302, b"", "text/html", "https://www.hugedomains.com/domain_profile.cfm?d=stripe"),
    ),
    _told("DNS answers 0.0.0.0", _QUICK, damage="dns address", addresses=("0.0.0.0", "::")),  # noqa: S104
    _told("DNS leads to another network", _QUICK, damage="dns address", addresses=("185.53.177.31", "2a03:2880::35")),
    _told("DNS: NOERROR without an address", _QUICK, damage="dns empty"),
    _told("DNS: NXDOMAIN", _QUICK, damage="dns nxdomain"),
    _told(
        "the provider's IPv6 alone is dead",
        all_of(within(15 * MINUTE, _DEGRADED), never(_DOWN), at_most(2)),
        damage="silent",
        family="ipv6",
    ),
    _expiring(),
    _resolver_alone(),
)
