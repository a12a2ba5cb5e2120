"""Executions of Steadybit's experiments.

Shapes: Steadybit's own clients, steadybit/mcp@26e2368 (`POST /experiments/executions` with `page` and `size`, at most 100; the
states) and steadybit/cli@c34e988 (`ExecutionList`); authorization `accessToken ...`:
https://docs.steadybit.com/integrate-with-steadybit/api/api
"""

from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.rehearsals.json_api import json_api
from bot.audit.collectors.rehearsals.run import ReadingContext, RehearsalRun, RehearsalSource, Runs, read_each
from checks import RehearsalResult

_PAGE: Final = 100
_MOST_PAGES: Final = 50
_READ: Final = "experiments (read)"
_ENDED: Final = {
    "COMPLETED": RehearsalResult.SUCCEEDED,
    "FAILED": RehearsalResult.FAILED,
    "CANCELED": RehearsalResult.INCONCLUSIVE,
    "ERRORED": RehearsalResult.INCONCLUSIVE,
}
"""FAILED: a check of the experiment failed. ERRORED: the experiment itself did, which proves nothing, as one that was canceled."""


@dataclass(frozen=True, slots=True)
class SteadybitAccess:
    """Where the platform is, and a token of a team or of an admin."""

    token: SecretStr
    url: str = "https://platform.steadybit.com"
    private: bool = False


async def read(access: SteadybitAccess, context: ReadingContext) -> Runs:
    """Every execution that ended since `context.since`.

    Raises:
        ReadError: they cannot be read.
    """
    rows: list[Row] = []
    authorization = f"accessToken {access.token.get_secret_value()}"
    async with json_api(context, authorization, private=access.private) as api:
        for number in range(_MOST_PAGES):
            body = {
                "states": sorted(_ENDED),
                "requestedFrom": f"{context.since:%Y-%m-%dT%H:%M:%SZ}",
                "page": number,
                "size": _PAGE,
            }
            page = Row(await api.call(f"{access.url.rstrip('/')}/api/experiments/executions", _READ, body=body))
            found = page.rows("executions")
            rows += found
            if len(found) < _PAGE:
                break
        runs = read_each(rows, _run)
        return Runs(runs.runs, runs.problems, api.calls.total())


def _run(row: Row) -> RehearsalRun | None:
    """One execution; none while it runs. The experiment's name, its key and its team may name the service."""
    result = _ENDED.get(row.text("state").upper())
    if result is None:
        return None
    key, name = row.text("key") or row.text("experimentKey"), row.text("name")
    return RehearsalRun(
        key=f"{key}/{row.text('id')}",
        name=name or key,
        at=row.when("ended") or row.when("created"),
        result=result,
        names=(name, key, row.text("teamKey") or key.rpartition("-")[0]),
    )


SOURCE = RehearsalSource(
    "steadybit",
    "Steadybit",
    "an API access token of the team whose experiments count; a team token reads that team alone",
    read,
)
