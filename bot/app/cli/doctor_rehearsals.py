"""What `backstay doctor` says about products of rehearsals, hooks of CI and domains: what answers, and what has to be granted."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.app.cli.doctor_line import Line

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.audit.collectors.rehearsals.collector import Reading
    from bot.model import Collected

_SHORTEST = 16


async def rehearsal_lines(settings: "Settings", until: float) -> list[Line]:
    """Read each product as an audit does, side by side, until `until` on the monotonic clock."""
    from bot.app.cli.doctor_calls import in_time
    from bot.app.wiring.rehearsals import rehearsal_readings
    from bot.catalogue import ConfigError

    try:
        readings = tuple(rehearsal_readings(settings))
    except ConfigError as error:
        return [Line("problem", "rehearsals", str(error))]
    work = [in_time(reading.source.title, _read(settings, reading), until, "problem") for reading in readings]
    if settings.domains.look_up:
        work.append(in_time("domains", _domains(settings), until))
    found = await asyncio.gather(*work)
    return [*(line for lines in found for line in lines), *_hooks(settings)]


async def _read(settings: "Settings", reading: "Reading") -> list[Line]:
    from bot.audit.collectors.rehearsals.collector import RehearsalRecords
    from bot.audit.collectors.rehearsals.run import ReadingContext
    from bot.model import utc_now

    records = RehearsalRecords([reading], settings.rehearsals.services, ReadingContext(utc_now, settings.outgoing))
    found = await records.collect(settings.catalogue.services, lambda _: None)
    return list(lines_about(reading, found))


def lines_about(reading: "Reading", found: "Collected") -> Iterator[Line]:
    """One line for what was read of a product, and one for each read that failed, with what has to be granted."""
    from checks import Rehearsal

    title = reading.source.title
    failed = [gap for gap in found.gaps if gap.kinds]
    runs = [fact for fact in found.facts if isinstance(fact, Rehearsal)]
    newest = max((fact.at for fact in runs if fact.at), default=None)
    if not failed or runs:
        last = f", the newest on {newest:%Y-%m-%d}" if newest else ""
        yield Line("ok", title, f"{len(runs)} {'run' if len(runs) == 1 else 'runs'} of services of the catalogue{last}")
    for gap in found.gaps:
        yield Line("problem" if gap.kinds else "warning", title, gap.reason.removeprefix(f"{title}: "))
    if any("denied" in gap.reason or "credentials" in gap.reason for gap in failed):
        yield Line("problem", title, f"needs {reading.source.access}")


async def _domains(settings: "Settings") -> list[Line]:
    from bot.app.wiring.domains import domain_collector, sites
    from bot.model import utc_now

    collector = domain_collector(settings, utc_now)
    if collector is None:
        return []
    found, number = await collector.collect((), lambda _: None), len(tuple(sites(settings)))
    if not number:
        fix = "no endpoint names a service, and domains.hosts lists none. Add hosts: to domains:"
        return [Line("warning", "domains", fix)]
    lines = [Line("ok", "domains", f"{number} hosts show {len(found.facts)} hosts of others")]
    return lines + [Line("warning", "domains", gap.reason) for gap in found.gaps]


def _hooks(settings: "Settings") -> Iterator[Line]:
    from bot.catalogue import ConfigError

    for hook in settings.rehearsals.hooks:
        about = f"rehearsal hook {hook.name}"
        for name, reference in (("secret", hook.secret), ("token", hook.token)):
            if not reference:
                continue
            try:
                short = len(settings.secret(reference)) < _SHORTEST
            except ConfigError as error:
                yield Line("problem", about, f"{name}: {error}")
                continue
            weak = f"{name} is shorter than {_SHORTEST} characters and can be guessed"
            yield Line("problem", about, weak) if short else Line("ok", about, f"{name} is set")
    if settings.rehearsals.hooks and not settings.web.public_url:
        yield Line("warning", "rehearsal hooks", "web.public_url is not set; check that CI can reach this server")
