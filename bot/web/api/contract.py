"""Requests and answers of the HTTP API, and its OpenAPI document."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.model.records import Gravity

PREFIX = "/hooks"
HOOKS_IN = f"{PREFIX}/in/{{hook}}"
DRILLS_IN = f"{PREFIX}/rehearsals/{{hook}}"


def _storable(text: str) -> str:
    """Refuse what PostgreSQL stores in no text (postgresql.org/docs/current/datatype-character.html): U+0000."""
    if "\0" in text:
        raise ValueError("must not contain the character U+0000")
    return text


Text = Annotated[str, AfterValidator(_storable)]
"""A text that every ledger can store."""


class BroadcastIn(BaseModel):
    """A message to one or more audiences. A repeated `key` posts only once."""

    model_config = ConfigDict(extra="forbid")
    text: Text = Field(min_length=1, max_length=2000, pattern=r"\S", description="the message")
    severity: Gravity = Field(default="warning", description="severity of the message")
    audiences: list[Text] = Field(min_length=1, max_length=200, description="audience names, or all")
    key: Text = Field(default="", max_length=200, description="idempotency key; without one, each request posts")


class BroadcastOut(BaseModel):
    """The broadcast is in the outbox. `posted` is false if it was there before."""

    id: str
    posted: bool
    audiences: list[str]


class CommandIn(BaseModel):
    """A command line as typed in chat, without the bot's name."""

    model_config = ConfigDict(extra="forbid")
    text: Text = Field(min_length=1, max_length=1000, description="such as scorecard SERVICE")
    format: Literal["json", "text"] = Field(default="json", description="format of the answer")


class CommandAnswer(BaseModel):
    """The answer card: its text, its blocks and its data."""

    kind: str
    title: str
    summary: str
    text: str
    card: dict[str, Any]
    data: dict[str, Any] | None


class Problem(BaseModel):
    """Why a request failed, in one sentence."""

    problem: str


_MODELS = (BroadcastIn, BroadcastOut, CommandIn, CommandAnswer, Problem)
_ERRORS = {
    "400": "the body is invalid",
    "401": "a bearer token or a signature is required",
    "408": "the body did not arrive in time",
    "413": "the body is too large",
    "429": "too many requests; Retry-After says when to try again",
    "503": "the ledger is unreachable; Retry-After says when to try again",
}


def openapi(version: str) -> dict[str, Any]:
    """Return the OpenAPI document of the HTTP API."""
    at = "#/components/schemas/{model}"
    schemas: dict[str, Any] = {}
    for model in _MODELS:
        made = model.model_json_schema(ref_template=at)
        schemas |= made.pop("$defs", {})
        schemas[model.__name__] = made
    service = {"name": "service", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    unknown = {"404": "unknown service"}
    unfit = {"422": "the command is invalid"}
    paths = {
        f"{PREFIX}/broadcast": {"post": _operation("Send a broadcast", BroadcastOut, body=BroadcastIn, more=unfit)},
        f"{PREFIX}/status": {"get": _operation("Provider status", CommandAnswer, text=True)},
        f"{PREFIX}/scorecard/{{service}}": {
            "get": _operation("The scorecard of a service", CommandAnswer, text=True, more=unknown)
            | {"parameters": [service]}
        },
        f"{PREFIX}/command": {
            "post": _operation("Run a read-only command", CommandAnswer, body=CommandIn, text=True, more=unfit)
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "backstay",
            "version": version,
            "description": "HTTP API for operators, also when chat is down.",
        },
        "paths": paths,
        "security": [{"bearer": []}, {"signature": [], "timestamp": []}],
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "signature": {"type": "apiKey", "in": "header", "name": "X-Backstay-Signature"},
                "timestamp": {"type": "apiKey", "in": "header", "name": "X-Backstay-Timestamp"},
            },
        },
    }


def _operation(
    summary: str,
    out: type[BaseModel],
    *,
    body: type[BaseModel] | None = None,
    text: bool = False,
    more: dict[str, str] | None = None,
) -> dict[str, Any]:
    content = _json(out) | ({"text/plain": {"schema": {"type": "string"}}} if text else {})
    refused = _ERRORS | (more or {})
    if body is None:
        refused = {code: said for code, said in refused.items() if code not in ("400", "408", "413")}
    answers = {code: {"description": said, "content": _json(Problem)} for code, said in refused.items()}
    if text:
        for code in {"404", "422"} & answers.keys():
            answers[code]["content"] = content
    made: dict[str, Any] = {
        "summary": summary,
        "responses": {"200": {"description": "done", "content": content}, **answers},
    }
    return made | ({"requestBody": {"required": True, "content": _json(body)}} if body else {})


def _json(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}
