"""Everything that answers over HTTP for other programs, as one OpenAPI document: hooks, alerts in, health."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from bot.detection.alerts import AlertFormat, known_formats
from bot.web.api.contract import DRILLS_IN, HOOKS_IN, Problem, openapi
from bot.web.failed_attempts import shows_credential
from bot.web.server import Handler
from bot.web.webhooks.contract import TakenOut
from bot.web.webhooks.drills import DrillIn, DrillOut

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
_HOOK = {
    "name": "hook",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
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

Admit = Callable[[web.Request], Awaitable[None]]


def document(
    version: str,
    *,
    hooks: bool,
    alerts: bool,
    sources: Mapping[str, tuple[str, AlertFormat]] | None = None,
    drills: bool = False,
) -> dict[str, Any]:
    """The document.

    Args:
        version: of this program.
        hooks: whether the way in when chat is dead is open.
        alerts: whether alerts come in at all.
        sources: whose alerts come in: name -> the name of their format, and the format. None: the
            document describes any installation.
        drills: whether jobs of CI may send their drills.
    """
    made = openapi(version)
    schemas = made["components"]["schemas"]
    paths = dict(made["paths"]) if hooks else {}
    schemas |= _schemas("", TakenOut)
    for called, read in (known_formats() if sources is None else dict(sources.values())).items():
        schemas |= _schemas(f"{called}.", read.BODY)
    if sources is None and alerts:
        paths[HOOKS_IN] = {"parameters": [_HOOK], "post": _alerts("any format", known_formats())}
    for name, (called, read) in (sources or {}).items():
        paths[HOOKS_IN.replace("{hook}", name)] = {"post": _alerts(called, {called: read})}
    if drills:
        schemas |= _schemas("", DrillIn) | _schemas("", DrillOut)
        paths[DRILLS_IN] = {"parameters": [_HOOK], "post": _drill()}
    made["components"]["securitySchemes"] |= _SCHEMES
    made["info"]["description"] = "The way in when chat is dead, and the way in for alerts of other monitoring."
    return made | {"paths": paths | _health()}


def shown(public: Mapping[str, Any], whole: Mapping[str, Any], admit: Admit | None) -> Handler:
    """The handler that answers with the document: the whole one for an authenticated request, else the public one.

    `admit` lets an authenticated request pass and raises for any other; None: nobody can authenticate.
    """

    async def show(request: web.Request) -> web.StreamResponse:
        if admit is None or not shows_credential(request.headers):
            return web.json_response(public)
        await admit(request)
        return web.json_response(whole)

    return show


def _alerts(called: str, formats: Mapping[str, AlertFormat]) -> dict[str, Any]:
    proofs: list[dict[str, list[str]]] = []
    for name, known in formats.items():
        by_method = {**_PROOFS, "secret": _SIGNED.get(name, _PROOFS["secret"])}
        proofs += [entry for method in known.AUTH_METHODS for entry in by_method[method] if entry not in proofs]
    bodies = [_json(f"{name}.{known.BODY.__name__}") for name, known in formats.items()]
    schemas = [body["application/json"]["schema"] for body in bodies]
    body = bodies[0] if len(bodies) == 1 else {"application/json": {"schema": {"anyOf": schemas}}}
    refused = {code: {"description": said, "content": _json(Problem.__name__)} for code, said in _REFUSED.items()}
    return {
        "summary": f"Alerts ({called})",
        "security": proofs,
        "requestBody": {"required": True, "content": body},
        "responses": {"200": {"description": "taken in", "content": _json(TakenOut.__name__)}, **refused},
    }


def _drill() -> dict[str, Any]:
    refused = {code: {"description": said, "content": _json(Problem.__name__)} for code, said in _REFUSED.items()}
    return {
        "summary": "A drill of CI",
        "security": [*_PROOFS["token"], *_PROOFS["secret"]],
        "requestBody": {"required": True, "content": _json(DrillIn.__name__)},
        "responses": {"200": {"description": "recorded", "content": _json(DrillOut.__name__)}, **refused},
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
