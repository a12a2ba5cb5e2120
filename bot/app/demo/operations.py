"""Which operation of which AWS service a request asks for, told from botocore's own service models."""

import json
import re
import urllib.parse
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import botocore.session
from botocore.model import OperationModel, ServiceModel

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
# Several services sign with one name; the request's path or version tells them apart.
_SIGNED_AS = {
    "elasticloadbalancing": ("elbv2", "elb"),
    "monitoring": ("cloudwatch",),
    "tagging": ("resourcegroupstaggingapi",),
    "es": ("opensearch",),
    "elasticfilesystem": ("efs",),
    "apigateway": ("apigateway", "apigatewayv2"),
    "servicequotas": ("service-quotas",),
    "s3": ("s3control", "s3"),
    "states": ("stepfunctions",),
    "rds": ("rds", "docdb", "neptune"),
}


class Asked(NamedTuple):
    """One request, understood. `params`: body, path and query words together, as far as they are told."""

    service: str
    operation: str
    region: str
    params: dict[str, Any]
    model: OperationModel


def understand(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Asked:
    """Read a request.

    Args:
        method: of HTTP.
        target: path and query as sent.
        headers: case-insensitive.
        body: whole.

    Raises:
        LookupError: no known operation looks like this.
    """
    match = _CREDENTIAL.search(headers.get("Authorization", ""))
    _, region, signing = match.groups() if match else ("", "", "sts")
    models = [_service(name) for name in _SIGNED_AS.get(signing, (signing,))]
    model, params = _operation(models, method, target, headers, body)
    return Asked(model.service_model.service_name, model.name, region, params, model)


def _operation(
    models: list[ServiceModel], method: str, target: str, headers: Mapping[str, str], body: bytes
) -> tuple[OperationModel, dict[str, Any]]:
    wanted = headers.get("X-Amz-Target")
    if wanted:
        return models[0].operation_model(wanted.rpartition(".")[2]), json.loads(body or b"{}")
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
    words: frozenset[str]
    operation: str


@cache
def _paths(name: str) -> list[_Path]:
    """The paths of a REST service, most particular first: fixed query words, then fixed letters, count."""
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
        words = frozenset(word.partition("=")[0] for word in query.split("&") if word)
        fixed = sum(len(part) for part in parts[::3])
        rows.append(_Path(100 * len(words) + fixed, http["method"], re.compile(pattern + "/?$"), words, operation))
    return sorted(rows, key=lambda row: -row.weight)


def _by_path(
    models: list[ServiceModel], method: str, target: str, body: bytes
) -> tuple[OperationModel, dict[str, Any]]:
    split = urllib.parse.urlsplit(target)
    query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
    for model in models:
        for row in _paths(model.service_name):
            found = row.pattern.match(split.path) if row.method == method and row.words <= set(query) else None
            if found:
                labels = {name: urllib.parse.unquote(value) for name, value in found.groupdict().items()}
                sent = json.loads(body) if body.startswith(b"{") else {}
                return model.operation_model(row.operation), labels | query | sent
    raise LookupError(f"no operation of {[model.service_name for model in models]} for {method} {split.path}")
