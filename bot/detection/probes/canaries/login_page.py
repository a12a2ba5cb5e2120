"""Requests a login page and looks for a text that only the working page has."""

from dataclasses import dataclass

from bot.detection.probes.canaries.http_canary import CanaryError, HttpCanary, request
from bot.model.signals import Health, Trouble
from bot.net.http_client import HttpClient
from checks import Scope

REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class _Login:
    url: str
    text: str

    async def __call__(self, client: HttpClient) -> None:
        answer = await request(client, "login page", self.url, redirects=REDIRECTS)
        if not answer.good:
            raise CanaryError(Health.BAD, f"login page returned HTTP {answer.status}", Trouble.STATUS)
        if self.text.encode() not in answer.body:
            raise CanaryError(Health.BAD, "login page does not contain the expected text", Trouble.BODY)


def login_canary(url: str, text: str, about: Scope, part: str = "") -> HttpCanary:
    """A canary for a page that shows `text`; up to five redirects are followed, each checked by the egress policy."""
    return HttpCanary(about, f"canary:login:{url.partition('?')[0]}", _Login(url, text), part)
