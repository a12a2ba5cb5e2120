"""What has drifted: resources that no service claims, services with nothing left, and services that Backstage has otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.audit.attribution import RESOURCES, attribute, is_read_from_cloud, unclaimed
from bot.model.entries import CatalogueEntry
from checks import Deployment, Fact, Gap


@dataclass(frozen=True, slots=True)
class Drift:
    """What differs between the catalogue, what runs, and Backstage.

    `unclaimed`: resources that no service claims. `empty`: services of which nothing was found; `unsure`: of these, those that may have
    something that could not be read. `missing`: services of Backstage that the catalogue lacks, `gone` services of the catalogue that
    Backstage lacks, `owners`: services with another owner there (ours, theirs); None where no Backstage is set.
    """

    unclaimed: tuple[Fact, ...] = ()
    empty: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    missing: tuple[str, ...] | None = None
    gone: tuple[str, ...] | None = None
    owners: Mapping[str, tuple[str, str]] | None = None

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return bool(self.unclaimed or self.empty or self.missing or self.gone or self.owners)


def drift_of(
    entries: Sequence[CatalogueEntry],
    facts: Sequence[Fact],
    gaps: Sequence[Gap],
    theirs: Mapping[str, str] | None = None,
) -> Drift:
    """Compare the catalogue with the facts of its accounts, and with Backstage's services and owners (`theirs`)."""
    loose = tuple(fact for fact in unclaimed(entries, facts) if isinstance(fact, RESOURCES))
    empty, unsure = [], []
    for entry, seen in zip(entries, attribute(entries, facts, gaps), strict=True):
        if not any(isinstance(fact, Deployment) or is_read_from_cloud(fact) for fact in seen.facts):
            if entry.declared.deployments:
                continue
            empty.append(entry.service.name)
            if any(not gap.nothing_found for gap in seen.gaps):
                unsure.append(entry.service.name)
    if theirs is None:
        return Drift(loose, tuple(empty), tuple(unsure))
    ours = {entry.service.name.casefold(): entry.service for entry in entries}
    names = {name.casefold(): name for name in theirs}
    owners = {
        ours[key].name: (ours[key].owner, theirs[name])
        for key, name in names.items()
        if key in ours and theirs[name] and ours[key].owner.casefold() != theirs[name].casefold()
    }
    missing = tuple(name for key, name in names.items() if key not in ours)
    gone = tuple(service.name for key, service in ours.items() if key not in names)
    return Drift(loose, tuple(empty), tuple(unsure), missing, gone, owners)
