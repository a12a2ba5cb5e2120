"""Drafts a first backstay.yaml from an account's resources or from a Backstage catalogue."""

from collections.abc import Sequence

from bot.audit.attribution import ResourceGroup, group_resources, unclaimed
from bot.audit.bootstrap.backstage import catalogue_from_backstage, catalogue_from_entities, entity_owners
from bot.audit.bootstrap.backstage_api import backstage_entities
from bot.audit.bootstrap.contacts import NOBODY, ContactError, Contacts, contacts
from bot.audit.bootstrap.draft import DraftDependency, Remarks, ServiceDraft, write_catalogue
from bot.audit.bootstrap.proposals import unclaimed_lines
from bot.audit.unread_groups import unread_groups
from bot.catalogue import secret_kind
from checks import Fact, Gap

__all__ = [
    "ContactError",
    "Contacts",
    "backstage_entities",
    "catalogue_from_backstage",
    "catalogue_from_entities",
    "catalogue_from_facts",
    "contacts",
    "entity_owners",
]


def catalogue_from_facts(
    facts: Sequence[Fact],
    gaps: Sequence[Gap] = (),
    *,
    organisation: str = "",
    who: Contacts = NOBODY,
    accounts: Sequence[str] = (),
) -> str:
    """The text of a backstay.yaml with the services that these facts suggest. Every guess is marked.

    The text loads without problems, whatever the tags contain. A value that looks like a secret is never written.
    Failed reads (`gaps`), and resources that belong to no service, are listed in comments. `accounts`: ids of what was read,
    which the file names to be read again; empty for the account of the credentials.
    """
    grouping = group_resources(facts)
    safe_groups = [group for group in grouping.groups if not any(map(secret_kind, _written_values(group)))]
    seen = sorted({fact.account for fact in facts if fact.account})
    source = f"account {', '.join(accounts or seen)}" if seen else "an account without resources"
    hidden = len(grouping.groups) - len(safe_groups)
    remarks = Remarks(
        skipped=[_hidden_note(hidden)] if hidden else [],
        unread=[str(group) for group in unread_groups(gaps)],
        doubts=grouping.doubts,
        unclaimed=list(unclaimed_lines(unclaimed([group.entry for group in grouping.groups], facts))),
    )
    drafts = [_draft(group) for group in safe_groups]
    return write_catalogue(
        drafts, source=source, organisation=organisation, who=who, remarks=remarks, accounts=accounts
    )


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
