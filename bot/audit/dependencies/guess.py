"""Guesses dependencies from facts: name servers, records, images, mail, CDNs, sign-in, and hosts that workloads call.

Each guess names what it rests on. Nothing here counts in a score or a what-if.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from bot.catalogue.provider_hosts import host_owner
from bot.catalogue.providers import known_providers
from bot.model.drills import GuessDecision
from bot.model.guesses import GuessedDependency
from checks import ComputeGroup, Datastore, DnsRecord, DnsZone, Fact, ObservedDependency, Seen, Service, Workload

MOST_EVIDENCE: Final = 5
"""Sentences of evidence that a guess carries."""

SOFT_TOOLS: Final = ("MX record", "SPF record", "image")
"""Evidence whose loss degrades, as that of a webhook does: mail that waits, images that only a start needs."""

_ROUTING: Final = frozenset({"CNAME"})


class Hint(NamedTuple):
    """A host name that was seen, and the sentence about it. `hard`: the service needs it to answer."""

    host: str
    sentence: str
    hard: bool = True


def guessed_dependencies(
    seen: Iterable[Seen], decisions: Mapping[tuple[str, str], GuessDecision]
) -> tuple[GuessedDependency, ...]:
    """The guesses of every service with what was decided about each; what the catalogue declares is no guess."""
    found = (_of_service(known, decisions) for known in seen)
    return tuple(
        sorted((guess for guesses in found for guess in guesses), key=lambda guess: (guess.service, guess.target))
    )


def _of_service(known: Seen, decisions: Mapping[tuple[str, str], GuessDecision]) -> Iterator[GuessedDependency]:
    service, hints = known.service, defaultdict[str, list[Hint]](list)
    for hint in _hints(known.facts):
        owner = host_owner(hint.host)
        if owner is not None:
            hints[owner.provider].append(hint)
    declared = _declared(service, decisions) | _own_clouds(known.facts)
    for target in sorted(set(hints) - declared):
        decision = decisions.get((service.name, target))
        sentences = tuple(dict.fromkeys(hint.sentence for hint in hints[target]))
        provider = known_providers()[target]
        yield GuessedDependency(
            service=service.name,
            target=target,
            kind="scope" if provider.cloud else "saas",
            evidence=sentences[:MOST_EVIDENCE],
            hard=any(hint.hard for hint in hints[target]),
            decision=decision.decision if decision else None,
            by=decision.by if decision else "",
            runs_on=provider.runs_on,
            basis=provider.basis,
            as_of=provider.as_of,
        )


def _declared(service: Service, decisions: Mapping[tuple[str, str], GuessDecision]) -> set[str]:
    """The providers that the catalogue names, as a whole or in part. What was confirmed is in `depends_on` too, and is listed."""
    confirmed = {
        target for (name, target), made in decisions.items() if name == service.name and made.decision == "confirmed"
    }
    return {dependency.target.partition("/")[0] for dependency in service.depends_on} - confirmed


def _own_clouds(facts: Iterable[Fact]) -> set[str]:
    """The clouds that a service's own resources run on: that is no dependency that anybody forgot."""
    own = (fact for fact in facts if isinstance(fact, ComputeGroup | Datastore))
    return {(fact.host or fact.provider).lower() for fact in own}


def _hints(facts: Sequence[Fact]) -> Iterator[Hint]:
    for fact in facts:
        if isinstance(fact, DnsZone) and not fact.private:
            servers = (
                fact.delegated_to if isinstance(fact.delegated_to, tuple) and fact.delegated_to else fact.name_servers
            )
            yield from (Hint(server, f"NS of {fact.name}: {server}") for server in servers)
        elif isinstance(fact, DnsRecord) and fact.type in _ROUTING:
            yield from (Hint(target, f"CNAME of {fact.name}: {target}") for target in fact.targets)
        elif isinstance(fact, Workload):
            for image in fact.images if isinstance(fact.images, tuple) else ():
                registry = image.partition("/")[0]
                yield Hint(registry, f"image of {fact.name} from {registry}", hard=False)
        elif isinstance(fact, ObservedDependency):
            yield _observed(fact)


def _observed(fact: ObservedDependency) -> Hint:
    """What a tool saw: `MX record of example.com` or a product that watched connections."""
    webhook = "hook" in f"{fact.tool} {fact.target}".lower()
    hard = fact.hard if fact.hard is not None else not (webhook or fact.tool.startswith(SOFT_TOOLS))
    return Hint(fact.target, f"{fact.tool or 'a tool'}: {fact.target}", hard)
