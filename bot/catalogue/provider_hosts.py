"""Which provider a host name belongs to: by its own domain in providers.yaml, else by provider_hosts.yaml."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

from bot.catalogue.providers import known_providers

_ANY = "*"


class HostOwner(NamedTuple):
    """The provider of a host name, and where that is known from."""

    provider: str
    source: str


def host_owner(host: str) -> HostOwner | None:
    """The provider that a host name belongs to; None where nothing is known. The longest domain that fits decides."""
    labels = host.strip().rstrip(".").lower().split(".")
    known = host_owners()
    for at in range(len(labels) - 1):
        if found := known.get(".".join(labels[at:])):
            return found
    starts = (label.partition("-")[0] + "-" + _ANY for label in labels if "-" in label)
    return next((known[start] for start in starts if start in known), None)


@cache
def host_owners() -> Mapping[str, HostOwner]:
    """Every known domain with its provider. `awsdns-*` fits each label that begins so: Route 53's servers have many domains.

    Raises:
        ValueError: the file that came with backstay names a provider that providers.yaml does not.
    """
    providers = known_providers()
    own = {known.zone: HostOwner(known.name, "providers.yaml") for known in providers.values() if known.zone}
    text = files("bot").joinpath("catalogue", "provider_hosts.yaml").read_bytes()
    written = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe ones
    made = {str(domain): HostOwner(str(said["provider"]), str(said["source"])) for domain, said in written.items()}
    wrong = sorted({owner.provider for owner in made.values()} - set(providers))
    if wrong:
        raise ValueError(f"provider_hosts.yaml: {wrong[0]} is no provider of providers.yaml")
    return own | made
