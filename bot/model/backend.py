"""Everything that commands, scheduled posts and the operator API may query or change."""

from dataclasses import dataclass

from bot.model.callers import AuditQueries
from bot.model.guesses import GuessQueries
from bot.model.incidents import IncidentQueries
from bot.model.providers import ProviderStatus
from bot.model.records import Records
from bot.model.slos import SloQueries


@dataclass(frozen=True, slots=True)
class Backend:
    """The queries of one installation, built whole by the wiring.

    `incidents` is None where no feed, probe, canary or webhook is set up: "no incidents" would be a false all-clear.
    `providers` is None where no status page is polled, `slos` where no service lists objectives.
    """

    audits: AuditQueries
    incidents: IncidentQueries | None
    providers: ProviderStatus | None
    records: Records
    slos: SloQueries | None = None
    guesses: GuessQueries | None = None
