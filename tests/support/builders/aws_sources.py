"""Reading one source from a scripted AWS: the facts it brings, told apart by name."""

from typing import Any, TypeVar

from support.fakes.aws import FakeAws

from bot.audit.collectors.aws.guarded import UnreadResource
from bot.audit.collectors.aws.source import Source
from checks import GLOBAL, Fact

F = TypeVar("F", bound=Fact)


def read(aws: FakeAws, source: Source, region: str = "us-east-1", **account: Any) -> list[Fact]:
    """Every fact of a source in one region, or of the whole account where it is a global one."""
    place = GLOBAL if source.where == "global" else region
    return list(source.read(aws.reader(place, source=source.name, **account)))


def read_with_gaps(
    aws: FakeAws, source: Source, region: str = "us-east-1", **account: Any
) -> tuple[list[Fact], list[UnreadResource]]:
    """Like `read`, with the resources that could not be read."""
    reader = aws.reader(GLOBAL if source.where == "global" else region, source=source.name, **account)
    return list(source.read(reader)), reader.unread


def named(facts: list[Fact], kind: type[F]) -> dict[str, F]:
    """The facts of one kind by name."""
    return {fact.name: fact for fact in facts if isinstance(fact, kind)}


def arn(service: str, resource: str, region: str = "us-east-1", account: str = "111122223333") -> str:
    """A resource name in the account that every scripted answer is from."""
    return f"arn:aws:{service}:{region}:{account}:{resource}"
