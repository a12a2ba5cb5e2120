"""What an account or a Backstage catalogue shows -> a first backstay.yaml, for a person to go on from."""

from collections.abc import Sequence

from bot.audit.attribution import Group, groups
from bot.audit.bootstrap.backstage import from_backstage
from bot.audit.bootstrap.draft import Draft, Need, write
from bot.catalogue import secret_kind
from checks import Fact

__all__ = ["from_backstage", "propose"]


def propose(facts: Sequence[Fact], *, organisation: str = "") -> str:
    """The text of a backstay.yaml for the services that these facts show, each guess marked as one.

    It loads without a problem, whatever the tags hold: a value that looks like a secret is never written.
    """
    every = groups(facts)
    sayable = [group for group in every if not any(map(secret_kind, _written(group)))]
    accounts = sorted({fact.account for fact in facts if fact.account})
    where = f"account {', '.join(accounts)}" if accounts else "an account without resources"
    hidden = len(every) - len(sayable)
    notes = [f"{hidden} named by what looks like a secret"] if hidden else []
    return write([_draft(group) for group in sayable], source=where, organisation=organisation, notes=notes)


def _written(group: Group) -> list[str]:
    """The words of a group that would stand in the file."""
    chosen = group.selector
    return [group.name, *chosen.stacks, *(value for values in chosen.tags.values() for value in values)]


def _draft(group: Group) -> Draft:
    selector = group.selector
    team = group.owner
    return Draft(
        name=group.name,
        tier=group.tier.value,
        tier_because=group.tier.because,
        owner=team.value if team and not secret_kind(team.value) else "",
        owner_because=team.because if team else "",
        tags={key: values[0] for key, values in selector.tags.items()},
        stacks=selector.stacks,
        arns=tuple(arn for arn in selector.arns if not secret_kind(arn)),
        resources_because=group.because,
        needs=tuple(Need(need.value, need.because) for need in group.needs if not secret_kind(need.value)),
    )
