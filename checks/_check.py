"""The @check decorator: registers a rule with its metadata and reads the facts it needs from its signature."""

import importlib
import inspect
import re
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from checks._facts import Fact
from checks._model import Service, Severity, Verdict
from checks._remedies import remedies_for, remedies_of

_ID = re.compile(r"[A-Z]{2}\d{2}")
FAMILIES = (
    "region",
    "zone",
    "provider",
    "connectivity",
    "failover",
    "backup",
    "streams",
    "dns",
    "controlplane",
    "workloads",
    "cluster",
    "capacity",
    "observability",
    "automation",
    "runbook",
    "rehearsal",
    "communication",
    "portability",
    "education",
)


NeedsAllRegions = Literal["", "to fail", "to apply"]


@dataclass(frozen=True, slots=True)
class Need:
    """A parameter of a check. `each`: the check runs once per fact of this kind; otherwise it gets all of them as a tuple."""

    name: str
    kind: type[Fact]
    each: bool


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A rule of resilience with its texts and its function. `id` never changes, because trends are stored by it.

    `needs_all_regions`: what is proven only if no region is left out by choice. "to fail": a failure says that something is
    in no other region; "to apply": the check does not apply because the service runs in one region.
    `remedies`: beside `remediation`, the words for other providers, as `remedies_of` gives them.
    """

    id: str
    family: str
    title: str
    severity: Severity
    lesson: str
    remediation: str
    docs: str
    run: Callable[..., Verdict]
    needs: tuple[Need, ...]
    wants_now: bool
    needs_all_regions: NeedsAllRegions = ""
    remedies: Mapping[str, str] = field(default_factory=dict)

    def remedies_for(self, providers: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """(provider, remediation) for each provider that it fails on; "" where the words hold for any."""
        return remedies_for(self.remediation, self.remedies, providers)

    @property
    def each(self) -> Need | None:
        """The fact parameter that the check runs once per fact for, None where it runs once per service."""
        return next((need for need in self.needs if need.each), None)


REGISTRY: dict[str, Check] = {}


def check(  # noqa: PLR0913 - a rule has this much metadata, all by keyword
    *,
    id: str,
    title: str,
    severity: Severity,
    lesson: str,
    remediation: str,
    docs: str,
    needs_all_regions: NeedsAllRegions = "",
) -> Callable[[Callable[..., Verdict]], Callable[..., Verdict]]:
    """Register a function as a check of the family its module is named after (`observability`, `observability_alerts`).

    The first parameter is the `Service`. The others are what it needs: a fact type (`store: Datastore`, at most one: the
    check runs once per such fact), `tuple[Datastore, ...]` (all facts of the service), `now: datetime` (UTC). `title` states
    the good condition, `lesson` why it matters with a real incident, `remediation` the command or setting that fixes it.

    Raises:
        TypeError: a parameter is none of these, or the id, the family or a text is invalid.
    """

    def register(run: Callable[..., Verdict]) -> Callable[..., Verdict]:
        family = run.__module__.rpartition(".")[2].partition("_")[0]
        needs = _needs(run)
        texts = (title, severity, lesson, remediation, docs)
        new = Check(id, family, *texts, run, *needs, needs_all_regions, remedies_of(id))
        _validate(new)
        REGISTRY[id] = new
        return run

    return register


def _needs(run: Callable[..., Verdict]) -> tuple[tuple[Need, ...], bool]:
    hints = typing.get_type_hints(run)
    if hints.pop("return", None) is not Verdict:
        raise TypeError(f"{run.__qualname__} must return a Verdict")
    names = list(inspect.signature(run).parameters)
    if not names or hints.get(names[0]) is not Service:
        raise TypeError(f"{run.__qualname__}: the first parameter must be the Service")
    needs, wants_now = [], False
    for name in names[1:]:
        hint = hints[name]
        if hint is datetime and name == "now":
            wants_now = True
        elif isinstance(hint, type) and issubclass(hint, Fact):
            needs.append(Need(name, hint, each=True))
        elif typing.get_origin(hint) is tuple and issubclass(typing.get_args(hint)[0], Fact):
            needs.append(Need(name, typing.get_args(hint)[0], each=False))
        else:
            raise TypeError(
                f"{run.__qualname__}: parameter {name} must be a fact type, a tuple of facts or now: datetime"
            )
    return tuple(needs), wants_now


def _validate(new: Check) -> None:
    if not _ID.fullmatch(new.id) or new.id in REGISTRY:
        raise TypeError(f"check id {new.id!r} must be two capitals and two digits, and unused")
    if new.family not in FAMILIES:
        raise TypeError(f"{new.id}: module {new.family!r} is not a family; known: {', '.join(FAMILIES)}")
    if sum(need.each for need in new.needs) > 1:
        raise TypeError(f"{new.id}: at most one parameter may be a single fact")
    for word in ("title", "lesson", "remediation"):
        if len(getattr(new, word)) < 15:
            raise TypeError(f"{new.id}: its {word} is shorter than 15 characters")
    if not new.docs.startswith("https://"):
        raise TypeError(f"{new.id}: docs must be an https link")


def rationale(check: Check) -> str:
    """Why the family of a check matters: the first paragraph of its module's docstring."""
    doc = inspect.getdoc(importlib.import_module(f"{__package__}.{check.family}")) or ""
    return doc.partition("\n\n")[0].replace("\n", " ")
