"""Makes the facts of a plan before and after it is applied, or those of a state."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import import_module
from typing import Any, Final

from bot.audit.collectors.engine.kinds import Kind, Kinds, facts_of, kinds_in
from bot.audit.collectors.terraform.configuration import Configuration
from bot.audit.collectors.terraform.entries import (
    PlanEntry,
    addresses_of_changes,
    entries_of_changes,
    entries_of_values,
)
from bot.audit.collectors.terraform.files import PlanFile
from bot.audit.collectors.terraform.gaps import NOT_USED, not_in_a_plan
from bot.audit.collectors.terraform.identity import SOURCE, identity_of
from bot.audit.collectors.terraform.places import cloud_of
from bot.audit.collectors.terraform.resource import PlanResource
from bot.audit.collectors.terraform.view import View
from bot.model.audits import Collected
from checks import Fact, Gap

_PACKAGES: Final = {"aws": "aws", "gcp": "google", "azure": "azure"}
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class PlannedFacts:
    """The facts of a plan. `before` None: the file is a state, which has one moment.

    `addresses`: identity of a resource (at either moment) -> its address in the configuration. `notes`: what the plan leaves
    open, a sentence each.
    """

    before: Collected | None
    after: Collected
    addresses: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def facts_of_plan(file: PlanFile, now: datetime, default_region: str = "") -> PlannedFacts:
    """The facts of both moments of a plan, or of a state.

    Args:
        file: what `terraform show -json` wrote.
        now: when the facts count as read (UTC).
        default_region: the region of AWS resources where the provider takes it from the environment.
    """
    body = file.body
    configuration = Configuration(_object(body.get("configuration")), _object(body.get("variables")))
    if not file.is_plan:
        after = _Moment(entries_of_values(_object(body.get("values"))), Configuration(), now, default_region)
        return PlannedFacts(None, after.collected(), after.addresses, tuple(after.notes()))
    changes, untouched = body.get("resource_changes"), _untouched(body)
    planned = entries_of_values(_object(body.get("planned_values")))
    created = entries_of_changes(changes, "after")
    after = _Moment([*untouched, *planned, *created], configuration, now, default_region)
    moved = {entry.moved_from: entry.address for entry in entries_of_changes(changes, "after")}
    existing = [  # a `moved` block changes an address and nothing else
        replace(entry, address=moved.get(entry.address, entry.address))
        for entry in (*untouched, *entries_of_changes(changes, "before"))
    ]
    before = _Moment(existing, configuration, now, default_region)
    addresses = {**before.addresses, **after.addresses}
    return PlannedFacts(before.collected(), after.collected(), addresses, (*_of_the_plan(body), *after.notes()))


def _untouched(body: Mapping[str, Any]) -> list[PlanEntry]:
    """The data sources, and the resources that a plan with `-target` leaves as they are: the prior state alone has them.

    Terraform 0.12 writes addresses without module and index into the prior state, so nothing is taken from there.
    """
    prior = entries_of_values(_object(_object(body.get("prior_state")).get("values")))
    if str(body.get("terraform_version", "")).startswith("0.12."):
        return [entry for entry in prior if entry.data]
    changed = addresses_of_changes(body.get("resource_changes"))
    return [entry for entry in prior if entry.data or entry.address not in changed]


def _of_the_plan(body: Mapping[str, Any]) -> Iterable[str]:
    if body.get("errored"):
        yield "the plan ended with an error, so that resources may be missing"
    if body.get("complete") is False:
        yield "the plan is partial (`-target`, or deferred changes): other resources are not in it"


class _Moment:
    """All resources of one moment with their identities."""

    def __init__(
        self, entries: Iterable[PlanEntry], configuration: Configuration, now: datetime, default_region: str
    ) -> None:
        self._view = View({entry.address: entry for entry in entries}, configuration)
        self._now, self._default_region = now, default_region
        self._opened: dict[str, PlanResource] = {}
        self._managed = [self._open(entry) for entry in self._view.entries.values() if not entry.data]
        self._kinds = _kinds_for({cloud_of(resource.resource_type) for resource in self._managed})

    @property
    def addresses(self) -> Mapping[str, str]:
        """Identity -> address."""
        return {resource.identity.resource: resource.entry.address for resource in self._managed}

    def collected(self) -> Collected:
        """The facts, a gap for each resource that is odd, and one for each kind of fact that no plan has."""
        made = facts_of(self._managed, self._kinds)
        clouds = {resource.identity.provider for resource in self._managed} - {""}
        accounts = {fact.account for fact in made.facts} - {""}
        places = dict.fromkeys((SOURCE, fact.account, fact.region) for fact in made.facts)
        told = [gap for gap in made.gaps if gap.kinds or gap.reason != NOT_USED]
        gaps = [*told, *self._without_region(made.facts), *(not_in_a_plan() if clouds else ())]
        return Collected(made.facts, gaps, tuple(places), tuple(sorted(accounts)))

    def notes(self) -> Iterable[str]:
        """What was left out: types that have no check."""
        skipped = Counter(
            resource.resource_type for resource in self._managed if resource.resource_type not in self._kinds
        )
        if skipped:
            names = [name for name, _ in skipped.most_common(_NAMED)]
            more = f" and {len(skipped) - _NAMED} more" if len(skipped) > _NAMED else ""
            yield f"no check reads {_counted(sum(skipped.values()))} of these types: {', '.join(names)}{more}"

    @staticmethod
    def _without_region(facts: Iterable[Fact]) -> Iterable[Gap]:
        missing = Counter(fact.provider for fact in facts if not fact.region)
        for provider, count in missing.items():
            yield Gap(
                SOURCE, provider, "", "", f"the plan names no region for {_counted(count)}; `--regions` sets it", ()
            )

    def _open(self, entry: PlanEntry) -> PlanResource:
        opened = self._opened.get(entry.address)
        if opened is None:
            identity = identity_of(entry, self._view.configuration, self._now, self._default_region)
            opened = self._opened[entry.address] = PlanResource(
                entry.values,
                entry.unknown,
                resource_type=entry.type,
                identity=identity,
                entry=entry,
                view=self._view,
                open_other=self._open,
            )
        return opened


def _kinds_for(clouds: Iterable[str]) -> Kinds:
    found: dict[str, Kind] = {}
    for cloud in sorted(set(clouds) & _PACKAGES.keys()):
        found |= kinds_in(import_module(f"bot.audit.collectors.terraform.kinds.{_PACKAGES[cloud]}"))
    return found


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _counted(count: int) -> str:
    return f"{count:,} {'resource' if count == 1 else 'resources'}"
