"""What an incident is called, in a line."""

from collections.abc import Collection, Sequence

from bot.model.external_alerts import UNPLACED
from bot.model.incidents import Incident
from checks import Scope

_NAMED = 3


def title_of(incident: Incident, own: Collection[str] = ()) -> str:
    """`aws/us-east-1: dynamodb and sqs are failing`; once it is over, that they were.

    Services of ours (`own`, in small letters) are what it hits, and not named.
    """
    one, several = ("is", "are") if incident.open else ("was", "were")
    if incident.ours:
        return f"Our own network {one} failing"
    scopes = [scope for scope in incident.scopes if scope.provider not in own] or incident.scopes
    providers = sorted({scope.provider for scope in scopes})
    if incident.cause is not None and len(providers) > 1:
        others = [name for name in providers if name != incident.cause.provider]
        # Where it is told by who stands on it alone, it only seems so.
        seen = one if incident.cause.provider in providers else "seems to be" if incident.open else "seems to have been"
        return f"{incident.cause} {seen} failing, and with it {_listed(others)}"
    if len(providers) > 1:
        return f"{_listed(providers)} {several} failing at once"
    return _one_provider(scopes, one, several)


def _one_provider(scopes: Sequence[Scope], one: str, several: str) -> str:
    if scopes[0].provider.startswith(UNPLACED):
        return f"{scopes[0].provider.capitalize()} fire, and say nothing of where"
    regions = sorted({scope.region for scope in scopes})
    place = f"{scopes[0].provider}/{regions[0]}" if len(regions) == 1 and regions[0] else scopes[0].provider
    if len(regions) > 1:
        place = f"{place} in {_listed([region or 'all regions' for region in regions])}"
    parts = sorted({scope.part for scope in scopes if scope.part})
    if not parts or any(not scope.part for scope in scopes):
        return f"{place} {one} failing"
    return f"{place}: {_listed(parts)} {one if len(parts) == 1 else several} failing"


def _listed(names: Sequence[str]) -> str:
    if len(names) > _NAMED + 1:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
