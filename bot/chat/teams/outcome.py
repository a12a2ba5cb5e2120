"""What the answers of the Bot Connector mean: the parsed body, or a failure without addresses and tokens in it."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.model import Refused, Retry, utc_now
from bot.net.http import retry_after

Payload = Mapping[str, Any]
_REASONS = {
    401: "Teams refused the app's token; check teams.app_id, app_password and tenant_id",
    403: "backstay is no longer in this conversation, or may not post there",
    404: "this conversation no longer exists",
    413: "the message is too large for Teams",
}


class TeamsCallError(Exception):
    """A call failed; `result` is the outcome for a delivery. It contains no address and no token.

    `code`: Teams' error code, empty where it gave none. `status`: the HTTP status of a refusal.
    """

    def __init__(self, result: Retry | Refused, code: str = "", status: int = 0) -> None:
        super().__init__(result.reason)
        self.result, self.code, self.status = result, code, status


def result_of(status: int, headers: Mapping[str, str], answer_body: bytes) -> Payload:
    """The body of a successful answer; an empty mapping where it has none.

    Raises:
        TeamsCallError: Teams refused, or may accept it later.
    """
    if 200 <= status < 300:
        try:
            answer = json.loads(answer_body) if answer_body.strip() else {}
        except ValueError:
            raise TeamsCallError(Retry("Teams sent an unreadable answer", ambiguous=True)) from None
        return answer if isinstance(answer, dict) else {}
    if status == 429:
        raise TeamsCallError(Retry("Teams rate limit (HTTP 429)", after=_wait(headers) or timedelta(seconds=1)))
    # learn.microsoft.com, "Optimize your bot with rate limiting in Teams": 412 may be retried too.
    if status == 412 or status >= 500:
        # A gateway's status does not tell whether the call was executed.
        raise TeamsCallError(Retry(f"Teams answered HTTP {status}", _wait(headers), ambiguous=status not in (412, 503)))
    refused = Refused(_REASONS.get(status, f"Teams answered HTTP {status}"), may_pass=status == 401)
    raise TeamsCallError(refused, _code(answer_body), status)


def _code(answer_body: bytes) -> str:
    """The error code of an answer of the Bot Connector: `{"error": {"code": ...}}`."""
    try:
        answer = json.loads(answer_body)
    except ValueError:
        return ""
    error = answer.get("error") if isinstance(answer, dict) else None
    return str(error.get("code", "")) if isinstance(error, dict) else ""


def _wait(headers: Mapping[str, str]) -> timedelta | None:
    """How long Teams asks to wait; None where it does not."""
    return retry_after(headers.get("Retry-After", ""), utc_now()) or None
