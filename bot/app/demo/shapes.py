"""Builds AWS responses from Python data, in the JSON or XML format of the service's model."""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

Response = tuple[int, dict[str, str], bytes]


def success_response(model: OperationModel, data: Mapping[str, Any]) -> Response:
    """Status, headers and body of a success. Members that the model does not define are left out."""
    protocol = model.service_model.resolved_protocol
    if protocol in ("json", "rest-json"):
        return _json_response(model, data, rest=protocol == "rest-json")
    if protocol == "rest-xml":
        return _rest_xml_response(model, data)
    inner = _members(model.output_shape, data) if model.output_shape else ""
    if protocol == "ec2":
        body = f"<{model.name}Response><requestId>example</requestId>{inner}</{model.name}Response>"
    else:
        wrapper = (model.output_shape.serialization.get("resultWrapper") if model.output_shape else "") or ""
        inner = f"<{wrapper}>{inner}</{wrapper}>" if wrapper else inner
        metadata = "<ResponseMetadata><RequestId>example</RequestId></ResponseMetadata>"
        body = f"<{model.name}Response>{inner}{metadata}</{model.name}Response>"
    return 200, {"Content-Type": "text/xml"}, body.encode()


def error_response(model: OperationModel, code: str, message: str, status: int) -> Response:
    """Status, headers and body of an error, in the protocol of the request."""
    protocol = model.service_model.resolved_protocol
    if protocol in ("json", "rest-json"):
        body = json.dumps({"__type": code, "message": message, "Message": message})
        return status, {"Content-Type": "application/json", "x-amzn-ErrorType": code}, body.encode()
    body = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    if protocol == "ec2":
        body = f"<Response><Errors>{body}</Errors><RequestID>example</RequestID></Response>"
    elif model.service_model.service_name != "s3":
        body = f"<ErrorResponse>{body}<RequestId>example</RequestId></ErrorResponse>"
    return status, {"Content-Type": "text/xml"}, body.encode()


def _json_response(model: OperationModel, data: Mapping[str, Any], *, rest: bool) -> Response:
    shape = model.output_shape
    headers = {"Content-Type": "application/json" if rest else "application/x-amz-json-1.1"}
    if shape is None:
        return 200, headers, b"{}"
    payload = shape.serialization.get("payload") if rest else None
    if payload:
        return 200, headers, json.dumps(_plain(shape.members[payload], data.get(payload) or {})).encode()
    return 200, headers, json.dumps(_plain(shape, data)).encode()


def _plain(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        members = ((name, member) for name, member in shape.members.items() if value.get(name) is not None)
        return {member.serialization.get("name", name): _plain(member, value[name]) for name, member in members}
    if isinstance(shape, ListShape):
        return [_plain(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: _plain(shape.value, item) for key, item in value.items()}
    if isinstance(value, datetime):
        return _timestamp(shape, value, "unixTimestamp")
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _rest_xml_response(model: OperationModel, data: Mapping[str, Any]) -> Response:
    shape, headers = model.output_shape, {"Content-Type": "text/xml"}
    if shape is None:
        return 200, headers, b""
    body = dict(data)
    for name, member in shape.members.items():
        if member.serialization.get("location") == "header" and name in body:
            headers[member.serialization["name"]] = str(body.pop(name))
    payload = shape.serialization.get("payload")
    if payload:
        inner = shape.members[payload]
        root = inner.serialization.get("name", inner.name)
        return 200, headers, _element(root, inner, body.get(payload) or {}).encode()
    return 200, headers, _element(shape.serialization.get("name", shape.name), shape, body).encode()


def _members(shape: Shape, data: Mapping[str, Any]) -> str:
    assert isinstance(shape, StructureShape)  # noqa: S101 - outputs are structures in every model
    return "".join(_member(name, member, data[name]) for name, member in shape.members.items() if _is_set(data, name))


def _is_set(data: Mapping[str, Any], name: str) -> bool:
    return data.get(name) is not None


def _member(name: str, shape: Shape, value: Any) -> str:
    tag = shape.serialization.get("name", name)
    if isinstance(shape, ListShape):
        inner = shape.member.serialization.get("name", "member")
        if shape.serialization.get("flattened"):
            flat = shape.member.serialization.get("name", tag)
            return "".join(_element(flat, shape.member, item) for item in value)
        return f"<{tag}>{''.join(_element(inner, shape.member, item) for item in value)}</{tag}>"
    return _element(tag, shape, value)


def _element(tag: str, shape: Shape, value: Any) -> str:
    if isinstance(shape, StructureShape):
        return f"<{tag}{_attributes(shape, value)}>{_members(shape, value)}</{tag}>"
    if isinstance(shape, ListShape):
        return _member(tag, shape, value)
    if isinstance(shape, MapShape):
        return f"<{tag}>{''.join(_entries(shape, value.items()))}</{tag}>"
    return f"<{tag}>{escape(_scalar(shape, value))}</{tag}>"


def _attributes(shape: StructureShape, value: Mapping[str, Any]) -> str:
    names = [name for name, member in shape.members.items() if member.serialization.get("xmlAttribute")]
    return "".join(f" {shape.members[name].serialization['name']}={quoteattr(str(value[name]))}" for name in names)


def _entries(shape: MapShape, items: Iterable[tuple[str, Any]]) -> Iterable[str]:
    key, value = shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")
    for name, item in items:
        yield f"<entry>{_element(key, shape.key, name)}{_element(value, shape.value, item)}</entry>"


def _scalar(shape: Shape, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return str(_timestamp(shape, value, "iso8601"))
    return str(value)


def _timestamp(shape: Shape, value: datetime, default_format: str) -> float | str:
    style = shape.serialization.get("timestampFormat", default_format)
    if style == "unixTimestamp":
        return value.timestamp()
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


__all__ = ["Response", "error_response", "success_response"]
