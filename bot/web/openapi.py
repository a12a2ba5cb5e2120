"""Everything that answers over HTTP for other programs, as one OpenAPI document: hooks, alerts in, health."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from bot.detection.alerts import AlertFormat
from bot.web.api.contract import HOOKS_IN, Problem, openapi
from bot.web.server import Handler
from bot.web.webhooks.contract import TakenOut

_PROOFS: Mapping[str, list[dict[str, list[str]]]] = {
    "token": [{"bearer": []}, {"basic": []}, {"token": []}],
    "secret": [{"signature": [], "timestamp": []}],
    "topics": [{}],
}
_SIGNED: Mapping[str, list[dict[str, list[str]]]] = {
    "grafana": [{"grafana": [], "grafana_timestamp": []}],
    "pagerduty": [{"pagerduty": []}],
}
_SCHEMES = {
    "basic": {"type": "http", "scheme": "basic"},
    "token": {"type": "apiKey", "in": "header", "name": "X-Backstay-Token"},
    "grafana": {"type": "apiKey", "in": "header", "name": "X-Grafana-Alerting-Signature"},
    "grafana_timestamp": {"type": "apiKey", "in": "header", "name": "X-Grafana-Alerting-Timestamp"},
    "pagerduty": {"type": "apiKey", "in": "header", "name": "X-PagerDuty-Signature"},
}
_REFUSED = {
    "400": "the body is not of this format",
    "401": "the sender is not authenticated",
    "404": "unknown source",
    "408": "the body did not arrive in time",
    "413": "the body is too large",
    "422": "nothing in the body can be told: the answer names the field",
    "429": "too many requests; Retry-After says when to try again",
    "503": "it could not be written down, or a certificate not fetched; Retry-After says when to send it again",
}


def document(version: str, *, hooks: bool, sources: Mapping[str, tuple[str, AlertFormat]]) -> dict[str, Any]:
    """The document.

    Args:
        version: of this program.
        hooks: whether the way in when chat is dead is open.
        sources: whose alerts come in: name -> the name of their format, and the format.
    """
    made = openapi(version)
    schemas = made["components"]["schemas"]
    paths = dict(made["paths"]) if hooks else {}
    schemas |= _schemas("", TakenOut)
    for name, (called, read) in sources.items():
        schemas |= _schemas(f"{called}.", read.BODY)
        paths[HOOKS_IN.replace("{hook}", name)] = {"post": _alerts(called, read)}
    made["components"]["securitySchemes"] |= _SCHEMES
    made["info"]["description"] = "The way in when chat is dead, and the way in for alerts of other monitoring."
    return made | {"paths": paths | _health()}


def shown(made: Mapping[str, Any]) -> Handler:
    """The handler that answers with the document."""

    async def show(_: web.Request) -> web.StreamResponse:
        return web.json_response(made)

    return show


def _alerts(called: str, format: AlertFormat) -> dict[str, Any]:
    known = {**_PROOFS, "secret": _SIGNED.get(called, _PROOFS["secret"])}
    proofs = [entry for proof in format.AUTH_METHODS for entry in known[proof]]
    refused = {code: {"description": said, "content": _json(Problem.__name__)} for code, said in _REFUSED.items()}
    return {
        "summary": f"Alerts ({called})",
        "security": proofs,
        "requestBody": {"required": True, "content": _json(f"{called}.{format.BODY.__name__}")},
        "responses": {"200": {"description": "taken in", "content": _json(TakenOut.__name__)}, **refused},
    }


def _health() -> dict[str, Any]:
    def answered(*codes: str) -> dict[str, Any]:
        content = {"application/json": {"schema": {"type": "object"}}}
        return {code: {"description": "well" if code == "200" else "not ready", "content": content} for code in codes}

    return {
        "/healthz": {"get": {"summary": "Is it alive", "security": [], "responses": answered("200")}},
        "/readyz": {"get": {"summary": "Can it work", "security": [], "responses": answered("200", "503")}},
    }


def _schemas(prefix: str, model: type[BaseModel]) -> dict[str, Any]:
    """A model and what it is made of, under names of its own: every format has a Body."""
    made = model.model_json_schema(ref_template=f"#/components/schemas/{prefix}{{model}}")
    inner = made.pop("$defs", {})
    return {f"{prefix}{name}": one for name, one in (inner | {model.__name__: made}).items()}


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
