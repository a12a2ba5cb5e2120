"""What `backstay doctor` says about service level objectives: which can be read, and whom their early warnings reach."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bot.app.cli.doctor_line import Line

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.model.slos import SloReading


async def slo_lines(settings: "Settings", until: float) -> list[Line]:
    """Read every objective once, until `until` on the monotonic clock; no lines where no service lists any."""
    from bot.app.cli.doctor_calls import in_time
    from bot.app.wiring.slos import slo_reader
    from bot.model import utc_now

    reader = slo_reader(settings, utc_now)
    if reader is None:
        return []

    async def read() -> list[Line]:
        return list(lines_about(await reader.read()))

    return [*await in_time("objectives", read(), until, "problem"), *_unheard(settings)]


def lines_about(readings: Sequence["SloReading"]) -> Iterator[Line]:
    """One line for each objective."""
    for reading in readings:
        about = f"objective {reading.slo} of {reading.service}"
        if reading.problem:
            yield Line("problem", about, reading.problem)
        else:
            days = reading.period.total_seconds() / 86_400
            yield Line("ok", about, f"is read: {reading.target:.3%} over {days:g} days")


def _unheard(settings: "Settings") -> Iterator[Line]:
    """The services that have no audience for early warnings."""
    if settings.watch.slos != "warn" or settings.admin_audience:
        return
    for entry in settings.catalogue.entries:
        if entry.declared.slos and entry.service.audience not in settings.catalogue.audiences:
            fix = "its early warnings notify no one: set audience: of the service, or admin_audience"
            yield Line("warning", f"objectives of {entry.service.name}", fix)
