"""@check: a rule's metadata said once, its needs read from its signature."""

import inspect
import re
import sys
import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from checks._facts import Fact
from checks._model import Service, Severity, Verdict

_ID = re.compile(r"[A-Z]{2}\d{2}")
FAMILIES = (
    "region",
    "zone",
    "provider",
    "failover",
    "backup",
    "dns",
    "controlplane",
    "capacity",
    "observability",
    "automation",
    "runbook",
    "rehearsal",
    "communication",
    "portability",
    "education",
)


@dataclass(frozen=True, slots=True)
class Need:
    """One parameter of a check. `each`: it runs once per fact of this kind; otherwise it gets all of them as a tuple."""

    name: str
    kind: type[Fact]
    each: bool


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A rule. `id` is stable for ever: trends hang on it. `rationale` is the first paragraph of its family's module."""

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

    @property
    def each(self) -> Need | None:
        """The fact that it runs once for, None where it runs once for the service."""
        return next((need for need in self.needs if need.each), None)


REGISTRY: dict[str, Check] = {}


def check(  # noqa: PLR0913 - a rule has this much to say of itself, all by keyword
    *, id: str, title: str, severity: Severity, lesson: str, remediation: str, docs: str
) -> Callable[[Callable[..., Verdict]], Callable[..., Verdict]]:
    """Make a function a check of the family its module is named after.

    Its first parameter is the `Service`. Others are what it needs: a fact type (`store: Datastore`, at most one: it runs
    once per such fact), `tuple[Datastore, ...]` (all of the service's), `now: datetime` (UTC). `lesson`: why, from what
    happened to whom. `remediation`: what to do, naming the command or setting. The title says the good condition.

    Raises:
        TypeError: a parameter is none of these, or the id, the family or a text is not as it must be.
    """

    def register(run: Callable[..., Verdict]) -> Callable[..., Verdict]:
        family = run.__module__.rpartition(".")[2]
        made = Check(id, family, title, severity, lesson, remediation, docs, run, *_needs(run))
        _validate(made)
        REGISTRY[id] = made
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


def _validate(made: Check) -> None:
    if not _ID.fullmatch(made.id) or made.id in REGISTRY:
        raise TypeError(f"check id {made.id!r} must be two capitals and two digits, and new")
    if made.family not in FAMILIES:
        raise TypeError(f"{made.id}: module {made.family!r} is none of the families {', '.join(FAMILIES)}")
    if sum(need.each for need in made.needs) > 1:
        raise TypeError(f"{made.id}: at most one parameter may be a single fact")
    for word in ("title", "lesson", "remediation"):
        if len(getattr(made, word)) < 15:
            raise TypeError(f"{made.id}: its {word} says too little")
    if not made.docs.startswith("https://"):
        raise TypeError(f"{made.id}: docs must be an https link")


def rationale(made: Check) -> str:
    """The first paragraph of the family's module: why the whole family matters."""
    doc = inspect.getdoc(sys.modules[made.run.__module__]) or ""
    return doc.partition("\n\n")[0].replace("\n", " ")
