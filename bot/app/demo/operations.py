"""Which operation of which AWS service a request asks for, found in botocore's own service models."""

import json
import re
import urllib.parse
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import botocore.session
from botocore.model import OperationModel, ServiceModel

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
# Several services share a signing name; the request's path or version distinguishes them.
_SIGNED_AS = {
    "elasticloadbalancing": ("elbv2", "elb"),
    "monitoring": ("cloudwatch",),
    "tagging": ("resourcegroupstaggingapi",),
    "es": ("opensearch",),
    "elasticfilesystem": ("efs",),
    "aoss": ("opensearchserverless",),
    "cassandra": ("keyspaces",),
    "cloudhsm": ("cloudhsmv2",),
    "resiliencehub": ("resiliencehub", "resiliencehubv2"),
    "apigateway": ("apigateway", "apigatewayv2"),
    "servicequotas": ("service-quotas",),
    "s3": ("s3control", "s3"),
    "states": ("stepfunctions",),
    "rds": ("rds", "docdb", "neptune"),
}


class ParsedRequest(NamedTuple):
    """One parsed request. `params`: the parameters of its body, path and query."""

    service: str
    operation: str
    region: str
    params: dict[str, Any]
    model: OperationModel


def parse_request(method: str, target: str, headers: Mapping[str, str], body: bytes) -> ParsedRequest:
    """Find the service, operation and parameters of an HTTP request.

    Args:
        method: the HTTP method.
        target: path and query as sent.
        headers: the headers, case-insensitive.
        body: the complete body.

    Raises:
        LookupError: no known operation matches.
    """
    match = _CREDENTIAL.search(headers.get("Authorization", ""))
    _, region, signing = match.groups() if match else ("", "", "sts")
    models = [_service(name) for name in _SIGNED_AS.get(signing, (signing,))]
    model, params = _operation(models, method, target, headers, body)
    return ParsedRequest(model.service_model.service_name, model.name, region, params, model)


def _operation(
    models: list[ServiceModel], method: str, target: str, headers: Mapping[str, str], body: bytes
) -> tuple[OperationModel, dict[str, Any]]:
    target_header = headers.get("X-Amz-Target")
    if target_header:
        return models[0].operation_model(target_header.rpartition(".")[2]), json.loads(body or b"{}")
    if "x-www-form-urlencoded" in headers.get("Content-Type", ""):
        form = dict(urllib.parse.parse_qsl(body.decode()))
        model = next(model for model in models if model.api_version == form["Version"])
        return model.operation_model(form["Action"]), form
    return _by_path(models, method, target, body)


@cache
def _service(name: str) -> ServiceModel:
    loader = botocore.session.get_session().get_component("data_loader")
    return ServiceModel(loader.load_service_model(name, "service-2"), name)


class _Path(NamedTuple):
    weight: int
    method: str
    pattern: "re.Pattern[str]"
    query_keys: frozenset[str]
    operation: str


@cache
def _paths(name: str) -> list[_Path]:
    """The paths of a REST service, most specific first: by fixed query parameters, then by fixed characters."""
    model, rows = _service(name), []
    for operation in model.operation_names:
        http = model.operation_model(operation).http
        path, _, query = http["requestUri"].partition("?")
        parts = re.split(r"\{(\w+)(\+?)\}", path)
        pattern = "".join(
            re.escape(part) if index % 3 == 0 else f"(?P<{part}>.+)" if parts[index + 1] else f"(?P<{part}>[^/]+)"
            for index, part in enumerate(parts)
            if index % 3 != 2
        )
        query_keys = frozenset(word.partition("=")[0] for word in query.split("&") if word)
        fixed = sum(len(part) for part in parts[::3])
        rows.append(
            _Path(100 * len(query_keys) + fixed, http["method"], re.compile(pattern + "/?$"), query_keys, operation)
        )
    return sorted(rows, key=lambda row: -row.weight)


def _by_path(
    models: list[ServiceModel], method: str, target: str, body: bytes
) -> tuple[OperationModel, dict[str, Any]]:
    split = urllib.parse.urlsplit(target)
    query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
    for model in models:
        for row in _paths(model.service_name):
            found = row.pattern.match(split.path) if row.method == method and row.query_keys <= set(query) else None
            if found:
                labels = {name: urllib.parse.unquote(value) for name, value in found.groupdict().items()}
                sent = json.loads(body) if body.startswith(b"{") else {}
                return model.operation_model(row.operation), labels | query | sent
    raise LookupError(f"no operation of {[model.service_name for model in models]} for {method} {split.path}")
