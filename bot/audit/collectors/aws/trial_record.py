"""Calls AWS for a sample of what an audit reads, and records what answers and what fails."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.audit.collectors.engine.frames import Emit, emit_part
from bot.net.aws.client import AwsClient, Tally
from bot.net.aws.errors import ReadError
from bot.net.aws.iam_actions import iam_action
from checks import Gap

NOT_TRIED: Final = "not tried in time"
"""The reason of a gap for a source that the time limit left no time for."""
NOT_TRIED_CODE: Final = "NotTried"
"""The code of the error that a call raises when time is up."""
# A refusal with one of these codes, or with a bare HTTP status, is one that an audit would meet for every resource. Other
# codes of AWS (NoSuchLifecycleConfiguration) answer a question about one resource, which its source understands.
_BREAKS: Final = frozenset(("Timeout", "Unreachable", "Cut", "NoCredentials", "NotUnderstood", "Validation"))


@dataclass(slots=True)
class TrialRecord:
    """What a running trial has found so far, emitted as it is found.

    `until`: when the trial has to end, on the monotonic clock. `open`: calls without an answer so far, by thread.
    """

    emit: Emit
    until: float
    tally: Tally = field(default_factory=Tally)
    reached: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    open: dict[int, tuple[str, str, str, float]] = field(default_factory=dict)
    answered: set[tuple[str, str, str]] = field(default_factory=set)
    failed: set[tuple[str, str, str]] = field(default_factory=set)
    ended: bool = False

    @property
    def seconds_left(self) -> float:
        """Seconds until the trial has to end; 0 when time is up."""
        return max(0.0, self.until - time.monotonic())

    def fail(self, source: str, account: str, region: str, error: ReadError) -> None:
        """Emit the failure of an action at a place, once."""
        key = (error.action, account, region)
        with self.lock:
            known = key in self.failed or self.ended
            self.failed.add(key)
        if not known:
            emit_part(self.emit, None, (), [Gap(source, "aws", account, region, error.reason, (), error.action)])


class SampledCalls:
    """Calls AWS like the client that it wraps, but only first pages, cut to one item, and notes each outcome.

    `account`, `region` of an outcome are those of the call.
    """

    def __init__(self, client: AwsClient, account: str, trial: TrialRecord) -> None:
        self._client, self._account, self._trial = client, account, trial

    def offered(self, service: str, region: str) -> bool:
        """Whether AWS offers the service in the region."""
        return self._client.offered(service, region)

    def pages(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the first page of a listing with the first item of each list."""
        yield _first_items(
            self._noted(service, operation, region, lambda: self._first_page(service, operation, region, params))
        )

    def call(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Make one call and return its answer."""
        return self._noted(service, operation, region, lambda: self._client.call(service, operation, region, params))

    def _first_page(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return next(iter(self._client.pages(service, operation, region, params)), {})

    def _noted(self, service: str, operation: str, region: str, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        trial, action = self._trial, iam_action(service, operation)
        if not trial.seconds_left:
            raise ReadError(action, NOT_TRIED, NOT_TRIED_CODE)
        me, key = threading.get_ident(), (action, self._account, region)
        with trial.lock:
            trial.open[me] = (*key, time.monotonic())
        try:
            answer = ask()
        except ReadError as error:
            if _is_broken(error) and not (error.code == "Unreachable" and not self.offered(service, region)):
                trial.fail("", self._account, region, error)
            raise
        else:
            with trial.lock:
                trial.answered.add(key)
            return answer
        finally:
            with trial.lock:
                trial.open.pop(me, None)


def _is_broken(error: ReadError) -> bool:
    denied = error.reason.startswith(("access denied", "AWS does not accept", "the region", "the account is not"))
    head = error.action.rpartition(":")[2] == "ListBucket"  # HeadBucket: a bare 404 says that the bucket is gone
    return (
        denied
        or error.fatal
        or error.code in _BREAKS
        or (error.code.isdigit() and not head)
        or "throttled" in error.reason
    )


def _first_items(page: Mapping[str, Any]) -> dict[str, Any]:
    """The page with lists cut to their first item, also those one level further in (`DistributionList.Items`)."""
    cut: dict[str, Any] = {}
    for key, value in page.items():
        if isinstance(value, dict):
            cut[key] = {name: inner[:1] if isinstance(inner, list) else inner for name, inner in value.items()}
        else:
            cut[key] = value[:1] if isinstance(value, list) else value
    return cut
