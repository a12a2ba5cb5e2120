"""Hosts outside a cluster that its workloads seem to call: in their environment, in ServiceEntries and in Cilium's egress rules.

Of a value nothing is kept but the host name: paths, user names and tokens are never read into a fact.
Shapes: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ (EnvVar),
https://istio.io/latest/docs/reference/config/networking/service-entry/, https://docs.cilium.io/en/stable/security/policy/language/
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from bot.audit.collectors.engine.row import Row
from bot.audit.collectors.kubernetes.linked import LinkedObject
from checks import Fact, ObservedDependency

MOST: Final = 20
"""Hosts of one object that become facts."""

_URL_HOST: Final = re.compile(r"[a-z][a-z0-9+.-]{1,15}://(?:[^/@\s]{0,500}@)?([a-z0-9._-]{3,253})", re.IGNORECASE)
_BARE_HOST: Final = re.compile(r"([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,10})(?::\d{1,5})?", re.IGNORECASE)
_INSIDE: Final = (".svc", ".local", ".internal", ".localhost", ".cluster", ".lan", ".test", ".invalid", ".consul")
_LONGEST: Final = 4_096


def environment_hosts(pod: Row) -> Iterator[tuple[str, str]]:
    """The variable and the host of each value in the environment of a pod that names one outside."""
    for container in (*pod.rows("containers"), *pod.rows("initContainers")):
        for variable in container.rows("env"):
            for host in hosts_in(variable.text("value")):
                yield variable.text("name"), host


def hosts_in(value: str) -> Iterator[str]:
    """The host names outside the cluster in a value: of URLs, else the value itself where it is a host or host:port."""
    value = value.strip()[:_LONGEST]
    found = _URL_HOST.findall(value) or (match.groups() if (match := _BARE_HOST.fullmatch(value)) else ())
    for name in dict.fromkeys(found):
        host = name.rstrip(".").lower()
        if _outside(host):
            yield host


def _outside(host: str) -> bool:
    """Whether a name is a host of the internet: with a domain of letters, and none that is used inside networks alone."""
    top = host.rpartition(".")[2]
    return "." in host and top.isalpha() and len(top) > 1 and not f".{host}".endswith(_INSIDE) and ".svc." not in host


def environment_facts(item: LinkedObject, pod: Row) -> Iterator[Fact]:
    """A fact for each host in the environment of a workload's pods."""
    seen: dict[str, str] = {}
    for variable, host in environment_hosts(pod):
        seen.setdefault(host, variable)
    for host, variable in list(seen.items())[:MOST]:
        yield _fact(item, host, f"environment variable {variable[:60]}", (item.identity.resource,))


def named_hosts(item: LinkedObject, names: Iterable[str], tool: str, about: tuple[str, ...] = ()) -> Iterator[Fact]:
    """A fact for each host that an object of the mesh or the network names."""
    hosts = dict.fromkeys(
        host for name in names if _outside(host := name.strip().rstrip(".").lower().removeprefix("*."))
    )
    for host in list(hosts)[:MOST]:
        yield _fact(item, host, tool, about)


def _fact(item: LinkedObject, host: str, tool: str, about: tuple[str, ...]) -> Fact:
    return item.fact(
        ObservedDependency,
        resource=f"{item.identity.resource}/egress/{host}",
        product="kubernetes",
        name=host,
        about=about,
        target=host,
        tool=tool,
    )
