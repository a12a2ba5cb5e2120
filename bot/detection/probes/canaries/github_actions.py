"""Starts a workflow of a test repository now and then, and looks whether GitHub Actions runs it.

https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event and
https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-workflow.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.detection.probes.canaries.http_canary import CanaryError, HttpCanary, bearer, refused, request, wrong_body
from bot.model import Clock
from bot.model.signals import Health, Trouble
from bot.net.http_client import HttpClient
from checks import Scope

QUEUED_TOO_LONG = timedelta(minutes=5)
"""A run that waits longer for a machine of GitHub's is late: https://www.githubstatus.com counts minutes as degraded."""
_WAITS = frozenset({"queued", "requested", "pending", "waiting"})
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


@dataclass(slots=True)
class _Dispatch:
    """`every`: between two runs that it starts; in between it only looks how the last one does."""

    api: str
    repository: str
    workflow: str
    ref: str
    token: str
    every: timedelta
    clock: Clock
    _started: datetime | None = None

    async def __call__(self, client: HttpClient) -> None:
        at = f"{self.api.rstrip('/')}/repos/{self.repository}/actions/workflows/{self.workflow}"
        now = self.clock()
        self._judge(await self._last_run(client, at), now)
        if self._started is not None and now - self._started < self.every:
            return
        body = json.dumps({"ref": self.ref}).encode()
        answer = await request(
            client,
            "workflow dispatch",
            f"{at}/dispatches",
            "POST",
            headers=_HEADERS,
            credentials=bearer(self.token),
            body=body,
        )
        if not answer.good:
            raise refused(answer, "workflow dispatch")
        self._started = now

    async def _last_run(self, client: HttpClient, at: str) -> dict[str, Any] | None:
        url = f"{at}/runs?event=workflow_dispatch&per_page=1"
        answer = await request(client, "list of workflow runs", url, headers=_HEADERS, credentials=bearer(self.token))
        if answer.status != 200:
            raise refused(answer, "list of workflow runs")
        try:
            runs = json.loads(answer.body)["workflow_runs"]
            return dict(runs[0]) if runs else None
        except (ValueError, TypeError, KeyError, IndexError):
            raise wrong_body("list of workflow runs", "a list") from None

    def _judge(self, run: dict[str, Any] | None, now: datetime) -> None:
        """Judge the run that this canary started.

        Raises:
            CanaryError: it waits for too long, or could not start.
        """
        if run is None or self._started is None:
            return
        if run.get("conclusion") == "startup_failure":
            raise CanaryError(Health.BAD, "GitHub Actions could not start a workflow run", Trouble.STATUS)
        waits = now - self._started
        created = _time(run.get("created_at"))
        ours = created is not None and created >= self._started - timedelta(minutes=1)
        if waits > QUEUED_TOO_LONG and (not ours or run.get("status") in _WAITS):
            minutes = int(waits.total_seconds() // 60)
            raise CanaryError(Health.DEGRADED, f"a workflow run has waited for {minutes} min", Trouble.SLOW)


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def actions_canary(  # noqa: PLR0913 - what GitHub asks for
    repository: str,
    workflow: str,
    ref: str,
    token: str,
    *,
    clock: Clock,
    every: timedelta = timedelta(minutes=15),
    api: str = "https://api.github.com",
) -> HttpCanary:
    """A canary that starts `workflow` (a file's name) of `repository` (OWNER/NAME), which should do nothing, on `ref`."""
    call = _Dispatch(api, repository, workflow, ref, token, every, clock)
    return HttpCanary(Scope("github"), f"canary:actions:{repository}/{workflow}", call, "Actions")
