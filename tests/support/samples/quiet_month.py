"""A month in which nothing is wrong but chance."""

import random
from datetime import UTC, datetime, timedelta

from support.builders.signals import RESOLVERS, controls, probe

from bot.detection.probes.scheduler import FAST_INTERVAL, FAST_ROUNDS, INTERVAL
from bot.incidents.engine import EngineState, step
from bot.model.incidents import Phase
from bot.model.signals import Signal


def quiet_month(days: int, things: int, *, seed: int, rate: float = 0.01) -> tuple[int, int]:
    """False alerts and rounds over days in which nothing is wrong but chance.

    Every round of every probe fails with `rate`, whatever was looked at again within it; and each day one resolver is broken
    for an hour. Rounds follow a bad one after the hurried pause.
    """
    chance = random.Random(seed)  # noqa: S311 - a simulation
    board, now, told, rounds = EngineState(), datetime(2026, 11, 1, tzinfo=UTC), 0, 0
    keys = [(f"svc{number}", via) for number in range(things) for via in (*RESOLVERS, "")]
    end = now + timedelta(days=days)
    hurried: dict[tuple[str, str], int] = {}
    extra: list[tuple[str, str]] = []
    while now < end:
        looks, pause = (extra, FAST_INTERVAL) if extra else (keys, INTERVAL)
        broken = RESOLVERS[now.day % 3] if now.hour == 3 else "none"
        signals: list[Signal] = [] if extra else controls(now)
        extra = []
        for key in looks:
            name, via = key
            bad = via == broken or chance.random() < rate
            hurried[key] = hurried.get(key, 0) + 1 if bad else 0
            if bad and hurried[key] <= FAST_ROUNDS and via != broken:
                extra.append(key)
            kind = "dns" if via else "https"
            signals.append(probe("aws", "us-east-1", name, bad=bad, at=now, via=via, source=f"{kind}:{name}"))
        before = {incident.id for incident in board.incidents.values() if incident.phase is Phase.CONFIRMED}
        board = step(board, signals, now)
        told += len(
            {incident.id for incident in board.incidents.values() if incident.phase is Phase.CONFIRMED} - before
        )
        rounds += len(looks)
        now += timedelta(seconds=FAST_INTERVAL if extra else pause)
    return told, rounds
