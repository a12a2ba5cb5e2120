"""Cases of flapping, waves and recovery."""

import random
from datetime import timedelta

from support.harness.replay_cases import HOUR, MINUTE, ONSET, STRIPE, Case, scene
from support.harness.replay_goals import all_of, at_most, ends, not_over_before, over_by, within
from support.harness.replay_run import Scene, Watched
from support.outage_world.happenings import Effect
from support.outage_world.pages import Item, Post, StatusPage

_HOST = "api.stripe.com"


def _flapping() -> Case:
    def made(chance: random.Random) -> Scene:
        effects, at = [], ONSET
        while at < ONSET + 3 * HOUR:
            down, up = (timedelta(minutes=chance.uniform(2, 5)) for _ in range(2))
            effects.append(Effect(_HOST, at, at + down, "answer"))
            at += down + up
        return scene(chance, effects=tuple(effects), lasts=6 * HOUR)

    wanted = all_of(within(10 * MINUTE), at_most(3, HOUR), at_most(8), ends(1), _one_incident)
    return Case("up and down every 2 to 5 min for 3 h", "4", made, wanted)


def _every_twenty_minutes() -> Case:
    def made(chance: random.Random) -> Scene:
        effects = tuple(
            Effect(
                _HOST,
                begins := ONSET + 20 * MINUTE * number,
                begins + timedelta(minutes=chance.uniform(2.5, 4)),
                "answer",
            )
            for number in range(36)
        )
        return scene(chance, effects=effects, lasts=13 * HOUR, warm=10 * MINUTE)

    return Case(
        "down for 3 min every 20 min for 12 h", "4", made, all_of(within(10 * MINUTE), at_most(3, HOUR), at_most(8))
    )


def _again(after: timedelta, incidents: int) -> Case:
    again = ONSET + 10 * MINUTE + after
    effects = (Effect(_HOST, ONSET, ONSET + 10 * MINUTE, "answer"), Effect(_HOST, again, again + 10 * MINUTE, "answer"))

    def wanted(watched: Watched) -> list[str]:
        known = [incident for incident in watched.incidents if not incident.part_of]
        wrong = [f"{len(known)} incidents"] if len(known) != incidents else []
        told = [message.at for message in watched.told if message.at >= again and message.why != "resolved"]
        return wrong + ([] if told and told[0] - again <= 5 * MINUTE else ["the second failure was not told in 5 min"])

    name = f"a second failure {after.total_seconds() / 3600:g} h after the first"
    return Case(
        name, "4", lambda chance: scene(chance, effects=effects, lasts=after + HOUR), all_of(wanted, at_most(4))
    )


def _monitoring() -> Case:
    """All is well after 40 min, and the page says `monitoring` for 20 h more."""
    outage = Effect(_HOST, ONSET, ONSET + 40 * MINUTE, "answer")
    posts = (
        Post(ONSET + 10 * MINUTE),
        Post(ONSET + 45 * MINUTE, "monitoring", "A fix is in place, we are watching."),
        Post(ONSET + 20 * HOUR, "resolved"),
    )
    page = StatusPage(
        "stripe", "https://www.stripestatus.com", items=(Item("inc1", "API errors", "major", posts, ("API",)),)
    )
    wanted = all_of(
        within(2 * MINUTE), not_over_before(ONSET + 54 * MINUTE), over_by(ONSET + 6 * HOUR), at_most(2), ends(1)
    )
    return Case(
        "well again while the page says monitoring", "9",
        lambda chance: scene(chance, effects=(outage,), pages=(page,), lasts=7 * HOUR), wanted,
    )  # fmt: skip


def _reopened(*, keeps: bool) -> Case:
    """The page resolves after 20 min and reopens the same item 15 min later; nothing of ours sees either."""
    again = ONSET + 35 * MINUTE
    posts = (
        Post(ONSET),
        Post(ONSET + 20 * MINUTE, "resolved", "Resolved."),
        Post(again, "investigating", "We are seeing it again."),
        Post(ONSET + 8 * HOUR, "resolved"),
    )
    item = Item("inc1", "Payouts are delayed", "critical", posts, keeps_end=keeps)
    page = StatusPage("stripe", "https://www.stripestatus.com", items=(item,))

    def open_again(watched: Watched) -> list[str]:
        return (
            []
            if any(incident.resolved_at is None for incident in watched.incidents)
            else ["the reopened item is not open"]
        )

    name = "a page reopens an item" + (" that keeps its resolved_at" if keeps else "")
    return Case(
        name, "9", lambda chance: scene(chance, STRIPE, pages=(page,), lasts=2 * HOUR),
        all_of(within(6 * MINUTE), open_again, at_most(3)),
    )  # fmt: skip


def _one_incident(watched: Watched) -> list[str]:
    known = [incident for incident in watched.incidents if not incident.part_of]
    return [f"{len(known)} incidents"] if len(known) > 1 else []


WAVES = (
    _flapping(),
    _every_twenty_minutes(),
    _again(timedelta(minutes=45), 1),
    _again(3 * HOUR, 2),
    _monitoring(),
    _reopened(keeps=False),
    _reopened(keeps=True),
)
