"""Gets an access token and keeps it until shortly before it ends (RFC 6749, section 4.4 and 5.1)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from bot.detection.probes.canaries.http_canary import refused, request, wrong_body
from bot.model import Clock
from bot.net.http_client import HttpClient

_EARLY = timedelta(minutes=5)
_SHORTEST = timedelta(seconds=30)


@dataclass(slots=True)
class OAuthToken:
    """A token from `url`. `form` gives the fields of the request, with secrets, each time that one is needed."""

    url: str
    form: Callable[[], Mapping[str, str]]
    clock: Clock
    what: str
    _token: str = field(default="", repr=False)
    _until: datetime | None = None

    async def get(self, client: HttpClient) -> str:
        """The token.

        Raises:
            CanaryError: there is none; the health of the service is bad only where the token's server itself fails.
        """
        now = self.clock()
        if self._token and self._until is not None and now < self._until:
            return self._token
        answer = await request(
            client,
            self.what,
            self.url,
            "POST",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(self.form()).encode(),
        )
        if answer.status != 200:
            raise refused(answer, self.what)
        token, seconds = read_token(answer.body)
        if not token:
            raise wrong_body(self.what, "a token")
        self._token, self._until = token, now + max(timedelta(seconds=seconds) - _EARLY, _SHORTEST)
        return token


def read_token(body: bytes) -> tuple[str, int]:
    """The token in an answer, and the seconds that it lasts; an empty token where there is none."""
    try:
        given = json.loads(body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        return "", 0
    token, lasts = given.get("access_token") or given.get("token"), given.get("expires_in")
    return (token if isinstance(token, str) else ""), (lasts if isinstance(lasts, int) and 0 < lasts <= 86_400 else 300)
