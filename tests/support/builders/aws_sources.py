"""Reading one source from a scripted AWS: the facts it brings, told apart by name."""

from typing import Any, TypeVar

from support.fakes.aws import FakeAws

from bot.audit.collectors.aws.source import Source
from checks import GLOBAL, Fact

F = TypeVar("F", bound=Fact)


def read(aws: FakeAws, source: Source, region: str = "us-east-1", **account: Any) -> list[Fact]:
    """Every fact of a source in one region, or of the whole account where it is a global one."""
    place = GLOBAL if source.where == "global" else region
    return list(source.read(aws.reader(place, source=source.name, **account)))


def named(facts: list[Fact], kind: type[F]) -> dict[str, F]:
    """The facts of one kind by name."""
    return {fact.name: fact for fact in facts if isinstance(fact, kind)}


def arn(service: str, resource: str, region: str = "us-east-1", account: str = "111122223333") -> str:
    """A resource name in the account that every scripted answer is from."""
    return f"arn:aws:{service}:{region}:{account}:{resource}"
