"""Drafts a first backstay.yaml from an account's resources or from a Backstage catalogue."""

from collections.abc import Sequence

from bot.audit.attribution import ResourceGroup, group_resources
from bot.audit.bootstrap.backstage import catalogue_from_backstage
from bot.audit.bootstrap.draft import DraftDependency, ServiceDraft, write_catalogue
from bot.catalogue import secret_kind
from checks import Fact

__all__ = ["catalogue_from_backstage", "catalogue_from_facts"]


def catalogue_from_facts(facts: Sequence[Fact], *, organisation: str = "") -> str:
    """The text of a backstay.yaml with the services that these facts suggest. Every guess is marked.

    The text loads without problems, whatever the tags contain. A value that looks like a secret is never written.
    """
    groups = group_resources(facts)
    safe_groups = [group for group in groups if not any(map(secret_kind, _written_values(group)))]
    accounts = sorted({fact.account for fact in facts if fact.account})
    source = f"account {', '.join(accounts)}" if accounts else "an account without resources"
    hidden = len(groups) - len(safe_groups)
    notes = [_hidden_note(hidden)] if hidden else []
    drafts = [_draft(group) for group in safe_groups]
    return write_catalogue(drafts, source=source, organisation=organisation, notes=notes)


def _hidden_note(count: int) -> str:
    return (
        "1 service whose name looks like a secret" if count == 1 else f"{count} services whose names look like secrets"
    )


def _written_values(group: ResourceGroup) -> list[str]:
    """The values of a group that the file would contain."""
    selector = group.selector
    return [group.name, *selector.stacks, *(value for values in selector.tags.values() for value in values)]


def _draft(group: ResourceGroup) -> ServiceDraft:
    selector = group.selector
    owner = group.owner
    return ServiceDraft(
        name=group.name,
        tier=group.tier.value,
        tier_reason=group.tier.reason,
        owner=owner.value if owner and not secret_kind(owner.value) else "",
        owner_reason=owner.reason if owner else "",
        tags={key: values[0] for key, values in selector.tags.items()},
        stacks=selector.stacks,
        arns=tuple(arn for arn in selector.arns if not secret_kind(arn)),
        resources_reason=group.reason,
        dependencies=tuple(
            DraftDependency(dependency.value, dependency.reason)
            for dependency in group.dependencies
            if not secret_kind(dependency.value)
        ),
    )
