"""A server on 127.0.0.1 that answers in AWS's shapes, for what moto does not know and for every way a call can fail.

    with fake_aws() as aws:
        aws.on("fis", "ListExperiments", {"experiments": [...]})
        aws.on("fis", "GetExperiment", lambda params: {"experiment": {"id": params["id"]}})
        aws.on("dynamodb", "ListTables", Fault("AccessDeniedException"))
        reader = aws.reader("us-east-1", source="aws_fis")

Operations nobody scripted answer with nothing in them. `aws.calls` lists what was asked, in order.
"""

import json
import re
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import botocore.session
from moto.core.model import OperationModel, ServiceModel
from moto.core.serialize import get_serializer_class
from support.builders.moment import ACCOUNT, NOW

from bot.audit.collectors.aws.reader import ReachedAccount, Reader
from bot.net.aws.client import AwsClient, Limits, Tally

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_SHARED_NAMES = {
    "elasticloadbalancing": ("elbv2", "elb"),
    "monitoring": ("cloudwatch",),
    "tagging": ("resourcegroupstaggingapi",),
    "aoss": ("opensearchserverless",),
    "cassandra": ("keyspaces",),
    "cloudhsm": ("cloudhsmv2",),
    "es": ("opensearch",),
    "elasticfilesystem": ("efs",),
    "apigateway": ("apigateway", "apigatewayv2"),
    "resiliencehub": ("resiliencehub", "resiliencehubv2"),
    "servicequotas": ("service-quotas",),
    "s3": ("s3control", "s3"),
    "states": ("stepfunctions",),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """An error answer, in the words of the protocol that was asked in."""

    code: str
    status: int = 400
    message: str = "no"


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer for that many seconds."""

    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is closed without an answer."""


class Call(NamedTuple):
    """One request as it arrived. `params` are the body's or the path's and query's, as far as they are told."""

    service: str
    operation: str
    region: str
    params: dict[str, Any]


Reply = dict[str, Any] | Fault | Hang | Cut | Callable[[dict[str, Any]], Any] | Sequence[Any]


class _Loopback(botocore.session.Session):
    url = ""

    def create_client(self, *args: Any, **words: Any) -> Any:
        words["endpoint_url"] = self.url
        return super().create_client(*args, **words)


@dataclass
class FakeAws:
    """The script and the log of one server."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    script: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    otherwise: Any = field(default_factory=dict)  # the answer to what nobody scripted

    def on(self, service: str, operation: str, reply: Reply, *, region: str = "") -> None:
        """Answer an operation of botocore's `service`, in one region or everywhere. A list is answered one by one, its last for ever."""
        self.script[service, operation, region] = list(reply) if isinstance(reply, (list, tuple)) else reply

    def asked(self, service: str, operation: str = "") -> list[Call]:
        """The calls of a service, or of one operation of it."""
        return [c for c in self.calls if c.service == service and operation in ("", c.operation)]

    def session(self) -> botocore.session.Session:
        """A session whose every client talks to this server."""
        session = _Loopback()
        session.url = self.url
        session.set_credentials("testing", "testing")
        session.register_component("data_loader", _models())
        return session

    def reader(
        self, region: str = "us-east-1", *, source: str = "test", timeout: float = 5.0, **account: Any
    ) -> Reader:
        """A reader of one region of one account, wired to this server."""
        limits = Limits(rate=10_000, burst=10_000, timeout=timeout)
        wire = AwsClient(self.session(), limits, threading.Semaphore(16), Tally(), sleep=lambda _: None)
        regions = account.pop("regions", (region,))
        return Reader(ReachedAccount(ACCOUNT, wire, ThreadPoolExecutor(4), NOW, regions, **account), region, source)

    def reply(self, call: Call) -> Any:
        """What the script says to a call."""
        found = self.script.get((call.service, call.operation, call.region))
        if found is None:
            found = self.script.get((call.service, call.operation, ""), self.otherwise)
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        return found(call.params) if callable(found) else found


@contextmanager
def fake_aws() -> Iterator[FakeAws]:
    """Start the server, stop it after."""
    fake = FakeAws()

    class Handler(_Handler):
        aws = fake

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    aws: FakeAws
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet."""

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        model, params = self._operation(body)
        match = _CREDENTIAL.search(self.headers.get("Authorization", ""))
        call = Call(model.service_model.service_name, model.name, match.group(2) if match else "", params)
        self.aws.calls.append(call)
        reply = self.aws.reply(call)
        if isinstance(reply, Hang):
            time.sleep(reply.seconds)
        if isinstance(reply, (Hang, Cut)):
            self.close_connection = True
            return
        status, headers, answer = _fault(reply, model) if isinstance(reply, Fault) else _answer(reply, model)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = handle_any  # noqa: N815 - the names http.server looks up

    def _operation(self, body: bytes) -> tuple[OperationModel, dict[str, Any]]:
        match = _CREDENTIAL.search(self.headers.get("Authorization", ""))
        signing = match.group(3) if match else "sts"
        models = [_service(name) for name in _SHARED_NAMES.get(signing, (signing,))]
        target = self.headers.get("X-Amz-Target")
        if target:
            return models[0].operation_model(target.rpartition(".")[2]), json.loads(body or b"{}")
        if "x-www-form-urlencoded" in self.headers.get("Content-Type", ""):
            form = dict(urllib.parse.parse_qsl(body.decode()))
            model = next(m for m in models if m.api_version == form["Version"])
            return model.operation_model(form["Action"]), form
        return _by_path(models, self.command, self.path, body)


@cache
def _models() -> Any:
    """Service models read from disk once for all tests: most of what a new session costs."""
    return botocore.session.get_session().get_component("data_loader")


@cache
def _service(name: str) -> ServiceModel:
    loader = botocore.session.get_session().get_component("data_loader")
    return ServiceModel(loader.load_service_model(name, "service-2"), name)


@cache
def _paths(name: str) -> list[tuple[int, str, "re.Pattern[str]", set[str], str]]:
    """(weight, method, path, fixed query words, operation) of a REST service, most particular first."""
    rows = []
    model = _service(name)
    for operation in model.operation_names:
        http = model.operation_model(operation).http
        path, _, query = http["requestUri"].partition("?")
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path).replace(r"\{", "\\{").replace(r"\}", "\\}"))
        pattern = re.sub(r"\\{(\w+)\\\+\\}", r"(?P<\1>.+)", pattern)
        words = {word.partition("=")[0] for word in query.split("&") if word}
        weight = 100 * len(words) + len(re.sub(r"\{.*?\}", "", path))
        rows.append((weight, http["method"], re.compile(pattern + "/?$"), words, operation))
    return sorted(rows, key=lambda row: -row[0])


def _by_path(models: list[ServiceModel], method: str, path: str, body: bytes) -> tuple[OperationModel, dict[str, Any]]:
    split = urllib.parse.urlsplit(path)
    query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
    for model in models:
        for _, verb, pattern, words, operation in _paths(model.service_name):
            found = pattern.match(split.path) if verb == method and words <= set(query) else None
            if found:
                labels = {name: urllib.parse.unquote(value) for name, value in found.groupdict().items()}
                sent = json.loads(body) if body.startswith(b"{") else {}
                return model.operation_model(operation), labels | query | sent
    raise LookupError(f"no operation of {[m.service_name for m in models]} for {method} {path}")


def _answer(reply: dict[str, Any], model: OperationModel) -> tuple[int, dict[str, str], bytes]:
    protocol = model.service_model.resolved_protocol
    serializer: Any = get_serializer_class(model.service_model.service_name, protocol)
    answer = serializer(model).serialize(reply)
    body = answer["body"]
    return answer["status_code"], dict(answer["headers"]), body if isinstance(body, bytes) else body.encode()


def _fault(fault: Fault, model: OperationModel) -> tuple[int, dict[str, str], bytes]:
    protocol = model.service_model.resolved_protocol
    if protocol in ("json", "rest-json"):
        body = json.dumps({"__type": fault.code, "message": fault.message, "Message": fault.message})
        return fault.status, {"x-amzn-ErrorType": fault.code, "Content-Type": "application/json"}, body.encode()
    error = f"<Error><Code>{fault.code}</Code><Message>{fault.message}</Message></Error>"
    if protocol == "ec2":
        error = f"<Response><Errors>{error}</Errors><RequestID>r</RequestID></Response>"
    elif model.service_model.service_name != "s3":
        error = f"<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>"
    return fault.status, {"Content-Type": "text/xml"}, error.encode()
