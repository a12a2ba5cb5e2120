"""What an account or a Backstage catalogue shows -> a first backstay.yaml, for a person to go on from."""

from collections.abc import Sequence

from bot.attribution import Group, groups
from bot.catalogue import secret_kind
from bot.discovery._backstage import from_backstage
from bot.discovery._draft import Draft, Need, write
from checks import Fact

__all__ = ["from_backstage", "propose"]


def propose(facts: Sequence[Fact], *, organisation: str = "") -> str:
    """The text of a backstay.yaml for the services that these facts show, each guess marked as one.

    It loads without a problem, whatever the tags hold: a value that looks like a secret is never written.
    """
    found = [_draft(group) for group in groups(facts) if not secret_kind(group.name)]
    hidden = sum(bool(secret_kind(group.name)) for group in groups(facts))
    accounts = sorted({fact.account for fact in facts if fact.account})
    where = f"account {', '.join(accounts)}" if accounts else "an account without resources"
    notes = [f"{hidden} groups whose names look like secrets"] if hidden else []
    return write(found, source=where, organisation=organisation, notes=notes)


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
