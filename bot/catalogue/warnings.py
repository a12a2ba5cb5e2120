"""What loads but deserves a look: dependency cycles, services without resources, names that look mistyped."""

from collections.abc import Iterator, Mapping, Sequence

from bot.catalogue.model import Catalogue, CatalogueEntry
from bot.catalogue.problems import ConfigProblem, nearest, spell
from bot.catalogue.saas import AWS_REGIONS
from bot.catalogue.yaml_source import Document
from checks import Scope, Service


def warnings(catalogue: Catalogue, document: Document, file: str) -> tuple[ConfigProblem, ...]:
    """Every warning about a catalogue that was read from `document`, in the order of the file."""
    at = {entry.service.name: index for index, entry in enumerate(catalogue.entries)}
    found: list[ConfigProblem] = []

    def warn(path: tuple[str | int, ...], text: str) -> None:
        _, line, column = document.place(path)
        found.append(ConfigProblem(file, line, column, spell(path), text))

    for loop in cycles(catalogue.services):
        text = " needs ".join((*loop, loop[0]))
        warn(
            ("services", at[loop[0]], "depends_on"),
            f"circular dependency: {text}; these services can only fail together",
        )
    for index, entry in enumerate(catalogue.entries):
        for step, text in _of_entry(entry, catalogue):
            warn(("services", index, step), text)
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.column)))


def _of_entry(entry: CatalogueEntry, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    service = entry.service
    if not entry.selector.finds_something and not entry.declared.deployments:
        yield "name", f"{service.name} has neither resources nor deployments; an audit will find nothing for it"
    if service.owner and service.owner not in catalogue.audiences:
        meant = nearest(service.owner, catalogue.audiences)
        if meant:
            yield "owner", f"unknown audience {service.owner!r}; did you mean {meant!r}?"
    if catalogue.audiences and not service.audience:
        yield "name", f"{service.name} has no audience; nobody receives its reports"
    for need in service.depends_on:
        scope = Scope.parse(need.target) if need.kind == "scope" else None
        if scope and scope.provider == "aws" and scope.region not in {"", "global", *AWS_REGIONS}:
            yield (
                "depends_on",
                f"{scope.region} is not an AWS region that this release knows; ignore this if the region is new",
            )


def cycles(services: Sequence[Service]) -> list[tuple[str, ...]]:
    """Groups of services that need each other, each as one circle from its first member; linear, without recursion."""
    order = {one.name: at for at, one in enumerate(services)}
    needs = {service.name: [d.target for d in service.depends_on if d.kind == "service"] for service in services}
    loops: list[tuple[str, ...]] = []
    for group in _components(needs):
        members = set(group)
        if len(group) > 1 or group[0] in needs[group[0]]:
            loops.append(_circle(min(group, key=order.__getitem__), needs, members))
    return loops


def _circle(start: str, needs: Mapping[str, Sequence[str]], members: set[str]) -> tuple[str, ...]:
    """A shortest way from `start` back to itself inside its component, found breadth first."""
    came: dict[str, str] = {}
    queue = [start]
    for name in queue:
        for other in needs[name]:
            if other == start:
                path = [name]
                while path[-1] != start:
                    path.append(came[path[-1]])
                return tuple(reversed(path))
            if other in members and other not in came:
                came[other] = name
                queue.append(other)
    return (start,)


def _components(needs: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Strongly connected components (Tarjan), with a stack of our own so that 5,000 in a chain are no problem."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    for root in needs:
        if root in number:
            continue
        work = [(root, iter(needs[root]))]
        while work:
            name, rest = work[-1]
            if name not in number:
                number[name] = low[name] = len(number)
                path.append(name)
                on_path.add(name)
            for other in rest:
                if other not in number:
                    work.append((other, iter(needs.get(other, ()))))
                    break
                if other in on_path:
                    low[name] = min(low[name], number[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == number[name]:
                    cut = _last(path, name)
                    yield path[cut:]
                    on_path.difference_update(path[cut:])
                    del path[cut:]


def _last(path: Sequence[str], name: str) -> int:
    return next(index for index in range(len(path) - 1, -1, -1) if path[index] == name)
