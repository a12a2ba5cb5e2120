"""A server that takes alerts in, with a door for every format, on a ledger of its own."""

import base64
import hashlib
import hmac
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from support.builders.posts import ManualClock
from support.fakes.sns import TOPIC, FakeSns
from support.harness.ledgers import ledger_at
from support.harness.loopback import serving

from bot.detection.alerts import PlacementNames, known_formats, sign
from bot.incidents.external_alerts import ExternalAlertInbox
from bot.model.signals import Signal
from bot.storage.ledger import Ledger
from bot.web.api.contract import HOOKS_IN
from bot.web.loop_lag import LoopLag
from bot.web.request_log import RequestLog
from bot.web.server import application
from bot.web.webhooks.authentication import WebhookSource
from bot.web.webhooks.handler import AlertReceiver
from bot.web.webhooks.sns import SnsSource
from bot.web.webhooks.sns_certificates import Certificates

TOKEN, SECRET = "t0ken-of-the-alerts-long", "s3cret-of-the-alerts-long"
OURS = PlacementNames(frozenset(("checkout",)))


@dataclass
class WebhookServer:
    """The server. `told` is what the watch heard."""

    url: str
    ledger: Ledger
    clock: ManualClock
    session: aiohttp.ClientSession
    sns: FakeSns
    told: list[Signal] = field(default_factory=list)

    async def post(
        self, name: str, body: Any, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, dict[str, str]]:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = f"{self.url}/hooks/in/{name}"
        async with self.session.post(url, data=io.BytesIO(sent), headers=headers or {}) as answer:
            text = await answer.text()
            read = json.loads(text) if answer.content_type == "application/json" else text
            return answer.status, read, dict(answer.headers)

    def proof(self, name: str, body: bytes, *, secret: str = SECRET, late: float = 0) -> dict[str, str]:
        """The headers by which a sender of this format proves itself with its key."""
        stamp = str(int(self.clock().timestamp() - late))
        if name == "grafana":
            digest = hmac.new(secret.encode(), f"{stamp}:".encode() + body, hashlib.sha256).hexdigest()
            return {"X-Grafana-Alerting-Timestamp": stamp, "X-Grafana-Alerting-Signature": digest}
        if name == "pagerduty":
            digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            return {"X-PagerDuty-Signature": f"v1={'0' * 64},v1={digest}"}
        signature = sign(secret.encode(), stamp, "POST", f"/hooks/in/{name}", body)
        return {"X-Backstay-Timestamp": stamp, "X-Backstay-Signature": signature}


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"backstay:{password}".encode()).decode()}


@asynccontextmanager
async def webhook_server(
    folder: Path, *, per_minute: int = 10_000, sns: FakeSns | None = None
) -> AsyncIterator[WebhookServer]:
    """One door for each format, named after it, open to every proof that the format knows."""
    clock, sns = ManualClock(), sns or FakeSns()
    made = {
        name: WebhookSource(
            name,
            name,
            clock,
            token=TOKEN if "token" in one.AUTH_METHODS else "",
            secret=SECRET if "secret" in one.AUTH_METHODS else "",
            topics=frozenset((TOPIC,)) if "topics" in one.AUTH_METHODS else frozenset(),
            per_minute=per_minute,
        )
        for name, one in known_formats().items()
    }
    told: list[Signal] = []
    certificates = Certificates(clock, get=sns.get, roots=[sns.root.certificate])
    async with ledger_at(folder) as ledger, aiohttp.ClientSession() as session:
        handler = AlertReceiver(
            made,
            accept=ExternalAlertInbox(ledger, told.append, clock=clock).accept,
            observe=told.append,
            names=known,
            log=RequestLog(ledger, clock),
            sns=SnsSource(certificates, clock, get=sns.get),
            clock=clock,
            handled=ledger,
        )
        app = application(posts={}, guarded={HOOKS_IN: handler.handle}, probes={}, lag=LoopLag())
        async with serving(app) as url:
            yield WebhookServer(url, ledger, clock, session, sns, told)


async def known() -> PlacementNames:
    return OURS
