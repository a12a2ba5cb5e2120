"""What all HTTP canaries share: what they are about, how a request counts, and the signal that comes of it."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.model import Clock
from bot.model.signals import Health, Signal, Trouble
from bot.net.egress import ForbiddenError, NetworkError, UnresolvableError
from bot.net.failures import failure_words
from bot.net.http_body import TooLargeError
from bot.net.http_client import (
    BrokenConnectionError,
    HttpAnswer,
    HttpClient,
    HttpRequest,
    InvalidAddressError,
    TimedOutError,
    UnreachableError,
)
from checks import Scope

TIMEOUT = timedelta(seconds=8)
"""For one request, from the lookup to the last byte."""
MOST_BYTES = 512 * 1024


@dataclass(frozen=True, slots=True)
class CanaryResult:
    """What a canary saw. `detail` says what is wrong, for people, without text from the remote side."""

    state: Health
    detail: str = ""
    trouble: Trouble = Trouble.NONE


GOOD = CanaryResult(Health.GOOD)


class CanaryError(Exception):
    """Ends a canary with a result that is not good."""

    def __init__(self, state: Health, detail: str, trouble: Trouble = Trouble.NONE) -> None:
        super().__init__(detail)
        self.result = CanaryResult(state, detail, trouble)


@dataclass(frozen=True, slots=True)
class HttpCanary:
    """One canary. `source` names what is called; `call` makes the call and raises `CanaryError` unless it is good."""

    scope: Scope
    source: str
    call: Callable[[HttpClient], Awaitable[None]] = field(compare=False, repr=False)
    part: str = ""
    interval: float = 0.0


async def observe(canary: HttpCanary, client: HttpClient, clock: Clock, vantage: str) -> Signal:
    """Make the call once. Never raises."""
    began = time.perf_counter()
    try:
        await canary.call(client)
        result = GOOD
    except CanaryError as error:
        result = error.result
    except Exception as error:  # noqa: BLE001 - one canary must not end the others
        result = CanaryResult(Health.UNKNOWN, f"the canary failed ({failure_words(error)})")
    return Signal(
        provider=canary.scope.provider,
        region=canary.scope.region,
        service=canary.scope.part,
        kind="canary",
        state=result.state,
        at=clock(),
        source=canary.source,
        vantage=vantage,
        detail=result.detail,
        trouble=result.trouble,
        seconds=time.perf_counter() - began if result.state is Health.GOOD else None,
        parts=(canary.part,) if canary.part else (),
    )


async def request(client: HttpClient, what: str, url: str, method: str = "GET", **more: object) -> HttpAnswer:
    """One request to an address of the settings, which may be private; any answer below 500 but 429 is returned.

    `what` names the request in details; `more` goes to `HttpRequest`.

    Raises:
        CanaryError: the service failed, or throttles this caller.
    """
    options: dict[str, object] = {"private": True, "timeout": TIMEOUT, "most_bytes": MOST_BYTES, **more}
    try:
        answer = await client.request(HttpRequest(url, method, **options))  # type: ignore[arg-type] # fields of HttpRequest
    except NetworkError as error:
        raise _of_network(error, what) from None
    if answer.status == 429:
        raise CanaryError(Health.UNKNOWN, f"{what} was rate limited (HTTP 429)", Trouble.RATE_LIMITED)
    if answer.status >= 500:
        raise CanaryError(Health.BAD, f"{what} returned HTTP {answer.status}", Trouble.STATUS)
    return answer


def refused(answer: HttpAnswer, what: str) -> CanaryError:
    """The answer is an error that may be the caller's own: the health of the service stays unknown."""
    return CanaryError(Health.UNKNOWN, f"{what} returned HTTP {answer.status}; check its settings and its credentials")


def wrong_body(what: str, expected: str) -> CanaryError:
    """The answer is a success by its status and nothing that was asked for."""
    return CanaryError(Health.BAD, f"{what} returned something other than {expected}", Trouble.BODY)


def bearer(token: str) -> Mapping[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


def _of_network(error: NetworkError, what: str) -> CanaryError:
    state, trouble = Health.BAD, Trouble.CONNECT
    match error:
        case ForbiddenError() | InvalidAddressError() | TooLargeError():
            state, trouble = Health.UNKNOWN, Trouble.NONE
        case UnresolvableError():
            trouble = Trouble.DNS
        case TimedOutError():
            trouble = Trouble.TIMEOUT
        case UnreachableError() | BrokenConnectionError():
            trouble = Trouble.CONNECT
    return CanaryError(state, f"{what} {error.reason}", trouble)
