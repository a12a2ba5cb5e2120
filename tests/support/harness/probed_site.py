"""An endpoint on the loopback that answers as it is told, and the probe that watches it."""

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

from aiohttp import web
from support.builders.posts import ManualClock
from support.harness.loopback import cut, serving

from bot.detection.probes.probe import Expectation, Probe
from bot.detection.probes.prober import Prober
from bot.detection.probes.record import FAMILIAR, TargetRecords
from bot.detection.probes.web import WebProber
from bot.model.signals import Health, Signal
from checks import Scope

JSON = "application/json"
HTML = "<!doctype html><html><head><title>{}</title></head><body>hello</body></html>"


def page(title: str, more: str = "") -> tuple[int, str, str]:
    return 200, HTML.format(title) + more, "text/html"


@dataclass
class Site:
    """One endpoint that answers as it is told."""

    probe: Probe
    opened: WebProber
    clock: ManualClock
    prober: Prober = field(init=False)
    status: int = 200
    text: str = "all is well"
    kind: str = "text/plain"
    headers: dict[str, str] = field(default_factory=dict)
    cuts: int = 0
    requests: int = 0

    def __post_init__(self) -> None:
        self.start(TargetRecords())

    def start(self, records: TargetRecords) -> None:
        """Start, or start again, with these records."""
        self.prober = Prober(self.opened, clock=self.clock, sleep=self.clock.sleep, timeout=30, records=records)

    async def answer(self, request: web.Request) -> web.Response:
        self.requests += 1
        if self.cuts:
            self.cuts -= 1
            cut(request)
        return web.Response(status=self.status, text=self.text, content_type=self.kind, headers=self.headers)

    def becomes(self, status: int, text: str = "", kind: str = "text/plain", **headers: str) -> None:
        self.status, self.text, self.kind = status, text, kind
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    async def look(self, expect: Expectation = Expectation()) -> Signal:  # noqa: B008 - frozen
        return await self.prober.observe(replace(self.probe, expect=expect))

    async def known(self) -> "Site":
        """Seen so often that its record counts."""
        for _ in range(FAMILIAR):
            assert (await self.look()).state is Health.GOOD
        return self


@asynccontextmanager
async def site(tls: ssl.SSLContext | None = None, trust: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        clock = ManualClock()
        opened = await stack.enter_async_context(WebProber(trust).opened())
        app, made = (
            web.Application(),
            Site(Probe(Scope("shop"), "http", "localhost"), opened, clock),
        )
        app.router.add_get("/{path:.*}", made.answer)
        url = await stack.enter_async_context(serving(app, tls))
        made.probe = replace(made.probe, port=int(url.rpartition(":")[2]), secure=tls is not None)
        yield made
