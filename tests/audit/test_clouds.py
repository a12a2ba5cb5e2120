"""Several clouds read side by side: what one cannot give, and what the others still do."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from bot.audit.collectors.clouds import Clouds
from bot.model import Collected, Place, Progress, UnusableError
from checks import Datastore, Fact, Gap, Service, StoreKind

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _store(provider: str) -> Fact:
    return Datastore(
        resource=f"{provider}:orders",
        name="orders",
        provider=provider,
        account="acme",
        region="here",
        product="sql",
        source=f"{provider}_sql",
        observed_at=NOW,
        kind=StoreKind.RELATIONAL,
    )


@dataclass
class Cloud:
    """Answers with one store; the clouds of a test wait for each other, so that one after another would never end."""

    name: str
    together: asyncio.Barrier
    failure: Exception | None = None
    only: list[frozenset[Place] | None] = field(default_factory=list)

    async def collect(
        self,
        services: Sequence[Service],
        progress: Callable[[Progress], None],
        only: frozenset[Place] | None = None,
    ) -> Collected:
        assert not services
        self.only.append(only)
        progress(Progress(0, 2, self.name))
        async with asyncio.timeout(60):
            await self.together.wait()
        progress(Progress(2, 2, self.name))
        if self.failure:
            raise self.failure
        gap = Gap(f"{self.name}_dns", self.name, "acme", "here", "access denied", ())
        place = (f"{self.name}_sql", "acme", "here")
        return Collected([_store(self.name)], [gap], [place], (f"acme-{self.name}",), 3, 1.5)


async def test_all_are_read_at_once_and_put_together() -> None:
    together, seen = asyncio.Barrier(2), list[Progress]()
    places = frozenset({("gcp_sql", "acme", "here")})
    aws, gcp = Cloud("aws", together), Cloud("gcp", together)
    found = await Clouds({"aws": aws, "gcp": gcp}).collect((), seen.append, places)
    assert [fact.provider for fact in found.facts] == ["aws", "gcp"]
    assert [gap.source for gap in found.gaps] == ["aws_dns", "gcp_dns"]
    assert (found.calls, found.accounts, len(found.read)) == (6, ("acme-aws", "acme-gcp"), 2)
    assert (seen[-1].done, seen[-1].total) == (4, 4)
    assert aws.only == gcp.only == [places]


async def test_one_that_cannot_be_read_is_a_gap_and_costs_no_other() -> None:
    together = asyncio.Barrier(2)
    azure = Cloud("azure", together, UnusableError("Azure accepts no credentials", "Run `az login`"))
    found = await Clouds({"aws": Cloud("aws", together), "azure": azure}).collect((), lambda _: None)
    assert [fact.provider for fact in found.facts] == ["aws"]
    assert [(gap.provider, gap.reason) for gap in found.gaps if gap.provider == "azure"] == [
        ("azure", "Azure accepts no credentials")
    ]
    assert Datastore in found.gaps[-1].kinds


async def test_where_none_can_be_read_the_audit_fails() -> None:
    together = asyncio.Barrier(2)
    clouds = {name: Cloud(name, together, UnusableError(f"{name} is shut", "Open it")) for name in ("aws", "gcp")}
    with pytest.raises(UnusableError, match="aws is shut"):
        await Clouds(clouds).collect((), lambda _: None)
