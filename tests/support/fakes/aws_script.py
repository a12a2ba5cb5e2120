"""An AWS client without a network: answers from a script, in botocore's shapes, for tests that read hundreds of times.

    aws = ScriptedAws({("dynamodb", "ListTables"): {"TableNames": ["alpha"]}})
    reader = aws.reader("aws_tables")

An answer with a member that botocore's model does not have is refused, so that the script is never kinder than AWS. What
nobody scripted answers with nothing in it. Failures go through the same function as those of the real client.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

import botocore.session
from botocore.exceptions import ClientError
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from support.builders.moment import ACCOUNT, NOW
from support.fakes.aws import Fault

from bot.audit.collectors.aws.reader import ReachedAccount, Reader
from bot.net.aws.client import AwsClient
from bot.net.aws.errors import read_error
from bot.net.aws.iam_actions import iam_action
from checks import GLOBAL

Operation = tuple[str, str]
Answer = Mapping[str, Any] | Callable[[Mapping[str, Any]], Any]
Script = Mapping[Operation, Answer]
Asked = tuple[str, str, Mapping[str, Any]]


@dataclass
class ScriptedAws:
    """The client of one account in one region. `change` may replace an answer: it gets the call and the answer."""

    script: Script
    change: Callable[[Asked, Any], Any] = lambda _, answer: answer
    asked: list[Asked] = field(default_factory=list)
    region: str = "us-east-1"

    def call(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The scripted answer, or the error of a `Fault`."""
        asked = (service, operation, params)
        self.asked.append(asked)
        answer = self.script.get((service, operation), {})
        answer = self.change(asked, answer(params) if callable(answer) else answer)
        if isinstance(answer, Fault):
            response = {"Error": {"Code": answer.code, "Message": answer.message}}
            response["ResponseMetadata"] = {"HTTPStatusCode": answer.status}  # type: ignore[dict-item]  # as botocore does
            failure = ClientError(cast("Any", response), operation)
            raise read_error(failure, iam_action(service, operation), region)
        return dict(answer)

    def pages(self, service: str, operation: str, region: str, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The scripted answer as the only page."""
        yield self.call(service, operation, region, params)

    def offered(self, service: str, region: str) -> bool:
        """Every service is offered everywhere."""
        return True

    def reader(self, source: str, *, everywhere: bool = False, partition: str = "aws") -> Reader:
        """A reader of the region, or of the global place."""
        account = ReachedAccount(ACCOUNT, cast("AwsClient", self), _POOL, NOW, (self.region,), self.region, partition)
        return Reader(account, GLOBAL if everywhere else self.region, source)


_POOL = ThreadPoolExecutor(2)


_LOADER = botocore.session.get_session().get_component("data_loader")


@cache
def _service(name: str) -> ServiceModel:
    return ServiceModel(_LOADER.load_service_model(name, "service-2"), name)


@cache
def model_of(service: str, operation: str) -> OperationModel:
    """botocore's model of an operation."""
    return _service(service).operation_model(operation)


def gone_code(service: str, operation: str) -> str:
    """The code with which the operation says that its resource does not exist: as its model declares it, else as AWS answers."""
    for shape in model_of(service, operation).error_shapes:
        code = str(shape.metadata.get("error", {}).get("code") or shape.name)
        if "NotFound" in code or "DoesNotExist" in code or code.startswith("NoSuch"):
            return code
    return {"s3": "NoSuchBucket", "route53domains": "DomainNotFound"}.get(service, "ResourceNotFoundException")


def unknown_members(shape: Shape | None, value: Any, path: str = "") -> Iterator[str]:
    """The paths of an answer that the model does not have."""
    if isinstance(shape, StructureShape):
        for name, inner in value.items():
            if name not in shape.members:
                yield f"{path}.{name}"
            else:
                yield from unknown_members(shape.members[name], inner, f"{path}.{name}")
    elif isinstance(shape, ListShape):
        for inner in value:
            yield from unknown_members(shape.member, inner, f"{path}[]")
    elif isinstance(shape, MapShape):
        for inner in value.values():
            yield from unknown_members(shape.value, inner, f"{path}{{}}")


Path = tuple[str | int, ...]


def optional_fields(shape: Shape | None, value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all members of an answer that its model does not call required, without its own lists."""
    if isinstance(shape, StructureShape):
        for name, inner in value.items():
            own_list = not path and isinstance(inner, list)
            if name not in shape.required_members and not own_list:
                yield (*path, name)
            yield from optional_fields(shape.members[name], inner, (*path, name))
    elif isinstance(shape, ListShape):
        for at, inner in enumerate(value):
            yield from optional_fields(shape.member, inner, (*path, at))


def without(value: Any, path: Path) -> Any:
    """A copy of an answer without one member."""
    step, *rest = path
    if isinstance(value, list):
        at = cast("int", step)
        return [without(inner, tuple(rest)) if number == at else inner for number, inner in enumerate(value)]
    if not rest:
        return {name: inner for name, inner in value.items() if name != step}
    return {name: without(inner, tuple(rest)) if name == step else inner for name, inner in value.items()}
