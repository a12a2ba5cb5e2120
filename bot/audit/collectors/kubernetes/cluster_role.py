"""The ClusterRole that an audit of a cluster needs, written from the calls that it makes."""

from typing import Any, Final

import yaml

from bot.audit.collectors.kubernetes.calls import ALL

_HEAD: Final = (
    "# Read-only role for backstay, written by `backstay docs` from the calls of an audit. Bind it to the user or service account\n"
    "# that backstay signs in as: kubectl create clusterrolebinding backstay-read --clusterrole backstay-read --serviceaccount NS:NAME\n"
)


def cluster_role(name: str = "backstay-read") -> dict[str, Any]:
    """The ClusterRole that grants every call of an audit and nothing else: no secrets, no single objects, no watching."""
    groups: dict[str, list[str]] = {}
    for listed in ALL:
        groups.setdefault(listed.call.group, []).append(listed.call.plural)
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": [
            {"apiGroups": [group], "resources": sorted(plurals), "verbs": ["list"]}
            for group, plurals in sorted(groups.items())
        ],
    }


def cluster_role_text() -> str:
    """The role as `kubectl apply -f` takes it."""
    return _HEAD + yaml.safe_dump(cluster_role(), sort_keys=False)
