"""What names a service: a tag, an application, a stack, a group, a namespace or a cluster; no word of a name claims any."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from checks import ComputeGroup, ComputeKind, Fact

# Most specific first; only the first one that a resource has counts.
SERVICE_TAGS: Final = (
    "service",
    "service-name",
    "servicename",
    "app",
    "application",
    "app.kubernetes.io/name",
    "microservice",
    "workload",
    "component",
    "system",
    "project",
)
# Written by AWS: the application of myApplications as the ARN of its resource group (Resource Groups API reference,
# `Group.ApplicationTag`), the environment of Elastic Beanstalk.
_APPLICATION_TAGS: Final = ("awsapplication", "elasticbeanstalk:environment-name")
_CLUSTER_TAGS: Final = ("eks:cluster-name", "alpha.eksctl.io/cluster-name")
NAMESPACE: Final = "kubernetes.io/metadata.name"
"""The label that Kubernetes gives each namespace, with its name."""
_PLAIN_NAMESPACES: Final = frozenset(("default", "kube-node-lease", "kube-public", "kube-system"))
# In every account that uses the CDK, and of every resource of a Terraform plan: not a service.
_PLAIN_STACKS: Final = frozenset(("CDKToolkit", "terraform"))
_ECS_SERVICE: Final = re.compile(r"arn:[^:]+:ecs:[^:]*:[^:]*:service/(?:[^/]+/)?([^/]+)")


class Label(NamedTuple):
    """What claims a fact. `kind`: tag, stack, group or cluster; `key`: the tag's key, else empty; `value`: as written there.

    `name`: the service that it names.
    """

    kind: str
    key: str
    value: str
    name: str


def label_of(fact: Fact) -> Label | None:
    """The label that claims a fact: its best tag, else its application, stack, group, namespace or cluster; None without any."""
    keys = {key.lower(): key for key in fact.tags}
    for tag in (*SERVICE_TAGS, *_APPLICATION_TAGS):
        if label := _tag_label(fact.tags, keys.get(tag)):
            return label
    if fact.stack and fact.stack not in _PLAIN_STACKS:
        return Label("stack", "", fact.stack, fact.stack)
    if fact.group:
        return Label("group", "", fact.group, fact.group)
    if fact.tags.get(NAMESPACE, "default") not in _PLAIN_NAMESPACES:
        return _tag_label(fact.tags, NAMESPACE)
    for tag in _CLUSTER_TAGS:
        if label := _tag_label(fact.tags, keys.get(tag)):
            return label
    return _cluster_label(fact)


def _tag_label(tags: Mapping[str, str], key: str | None) -> Label | None:
    if key is None or not (value := tags[key]).strip():
        return None
    # arn:aws:resource-groups:us-east-1:123456789012:group/checkout/0abcdef
    group = re.fullmatch(r"arn:[^:]+:resource-groups:[^:]*:[^:]*:group/([^/]+)(?:/.*)?", value)
    return Label("tag", key, value, group[1] if group else value)


def _cluster_label(fact: Fact) -> Label | None:
    """The label of an ECS service, which a cluster runs under a name of its own, or of a Kubernetes cluster."""
    if not isinstance(fact, ComputeGroup):
        return None
    if service := _ECS_SERVICE.fullmatch(fact.resource):
        return Label("cluster", "", service[1], service[1])
    return Label("cluster", "", fact.name, fact.name) if fact.kind is ComputeKind.KUBERNETES and fact.name else None
