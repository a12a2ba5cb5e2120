"""Reads from the start of a body what kind it is, and whether it is an error in spite of its status 200."""

import json
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

_SCANNED = 8_192


class BodyKind(StrEnum):
    """What a body is, by its content and not by its header alone."""

    EMPTY = "empty"
    JSON = "json"
    HTML = "html"
    XML = "xml"
    OTHER = "other"


class BodyHealth(StrEnum):
    """What a body says about the service. REFUSAL: an error whose cause may be the request itself, such as no sign-in."""

    GOOD = "good"
    REFUSAL = "refusal"
    DEGRADED = "degraded"
    ERROR = "error"
    PARKED = "parked"


# Names of members that go with an error; an object that has no others is an error and nothing else.
_ERROR_MEMBERS = frozenset(
    {"error", "errors", "errormessage", "error_description", "errorcode", "error_code", "exception", "fault"}
)
_BESIDE_ERRORS = frozenset(
    {
        "code",
        "data",
        "detail",
        "details",
        "documentation_url",
        "id",
        "instance",
        "jsonrpc",
        "message",
        "messages",
        "meta",
        "msg",
    }
    | {
        "ok",
        "path",
        "reason",
        "request_id",
        "requestid",
        "status",
        "statuscode",
        "status_code",
        "success",
        "timestamp",
        "title",
    }
    | {"trace_id", "traceid", "type", "version"}
)
# Words with which a server reports its own failure: https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check ("fail", "down")
# and https://docs.spring.io/spring-boot/reference/actuator/endpoints.html#actuator.endpoints.health ("DOWN", "OUT_OF_SERVICE").
_DOWN = frozenset(
    {"critical", "down", "error", "fail", "failed", "failing", "failure", "out_of_service", "unavailable", "unhealthy"}
)
_WARN = frozenset({"degraded", "warn", "warning"})
_SERVER_FAULT = re.compile(
    r"internal[ _-]*(server[ _-]*)?error|service[ _-]*unavailable|temporar(y|ily)[ _-]*(error|unavailable|failure)|unavailable"
    r"|bad[ _-]*gateway|gateway[ _-]*time-?out|upstream|back-?end|database|time[ds]?[ _-]*out|overload|maintenance|exception"
    r"|connection (refused|reset)|server[ _-]*error|out of (memory|capacity)|no healthy",
    re.IGNORECASE,
)
_ERROR_TITLE = re.compile(
    r"\b5[0-9]{2}\b.{0,30}\b(error|gateway|unavailable|time-?out)|\berror\b.{0,12}\b5[0-9]{2}\b|bad gateway|gateway time-?out"
    r"|service (temporarily )?unavailable|internal server error|application error|temporarily unavailable|(down|closed) for maintenance"
    r"|under maintenance|maintenance mode|server error|error establishing a database connection|host error|site not found"
    r"|we('|&#39;|\u2019)?(ll| will) be (right )?back",
    re.IGNORECASE,
)
_PARKED = re.compile(
    r"(this )?domain( name)? (is|may be) (for sale|parked|available for purchase)|buy this domain|domain (has )?expired"
    r"|parked (free|domain|page)|sedoparking|parkingcrew|bodis\.com|hugedomains|domain parking|this domain (has been )?suspended",
    re.IGNORECASE,
)
_TITLES = re.compile(r"<(title|h1)\b[^>]{0,200}>(.{0,300}?)</\1", re.IGNORECASE | re.DOTALL)


def kind_of(content_type: str, body: bytes) -> BodyKind:
    """What a body is. Text that only the header calls JSON or HTML counts as that."""
    start = body[:_SCANNED].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        return BodyKind.EMPTY
    opening = start[:256].lower()
    if opening.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or b"<html" in opening:
        return BodyKind.HTML
    if opening.startswith(b"<"):
        return BodyKind.HTML if "html" in content_type else BodyKind.XML
    if opening[:1] in (b"{", b"[") or "json" in content_type:
        return BodyKind.JSON
    return BodyKind.OTHER


def health_of(kind: BodyKind, body: bytes, *, whole: bool) -> BodyHealth:
    """What the body says about the service; GOOD where it says nothing."""
    if kind is BodyKind.JSON and whole:
        return _json_health(body)
    if kind is BodyKind.HTML:
        text = body[:_SCANNED].decode("utf-8", "replace")
        titles = " | ".join(found[2] for found in _TITLES.finditer(text))
        if _PARKED.search(text):
            return BodyHealth.PARKED
        return BodyHealth.ERROR if _ERROR_TITLE.search(titles) else BodyHealth.GOOD
    if kind is BodyKind.XML and re.search(rb"<(error|fault)\b", body[:512].lower()):
        return (
            BodyHealth.ERROR if _SERVER_FAULT.search(body[:_SCANNED].decode("utf-8", "replace")) else BodyHealth.REFUSAL
        )
    if kind is BodyKind.OTHER and len(body) < 200 and _ERROR_TITLE.search(body.decode("utf-8", "replace")):
        return BodyHealth.ERROR
    return BodyHealth.GOOD


def _json_health(body: bytes) -> BodyHealth:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return BodyHealth.GOOD
    if isinstance(value, Sequence) and len(value) == 1 and not isinstance(value, str):
        value = value[0]
    if not isinstance(value, Mapping):
        return BodyHealth.GOOD
    members = {str(name).lower(): content for name, content in value.items()}
    state = members.get("status")
    word = state.lower() if isinstance(state, str) else ""
    faulty = _is_error_alone(members)
    if word in _DOWN and not (faulty and word in ("error", "fail")):
        return BodyHealth.ERROR
    if faulty:
        return BodyHealth.ERROR if _SERVER_FAULT.search(_text_of(members)) else BodyHealth.REFUSAL
    return BodyHealth.DEGRADED if word in _WARN else BodyHealth.GOOD


def _is_error_alone(members: Mapping[str, Any]) -> bool:
    """Whether an object holds an error and nothing that a caller came for."""
    named = any(members.get(name) for name in _ERROR_MEMBERS)
    denied = members.get("ok") is False or members.get("success") is False
    return (named or denied) and not members.get("data") and set(members) <= _ERROR_MEMBERS | _BESIDE_ERRORS


def _text_of(members: Mapping[str, Any]) -> str:
    told = (
        members.get(name)
        for name in (*sorted(_ERROR_MEMBERS), "message", "code", "reason", "title", "detail", "type", "msg")
    )
    return " ".join(json.dumps(content)[:1_000] for content in told if content)
