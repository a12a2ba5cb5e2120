"""The ids of accounts, as each cloud writes them: an AWS account, a Google project, an Azure subscription, a cluster.

Sources: Google's resource names (https://cloud.google.com/resource-manager/reference/rest), and "Naming rules and restrictions
for Azure resources", Microsoft.Management. A context of a kubeconfig may hold any character.
"""

import re
from collections.abc import Mapping
from typing import Final

from bot.catalogue.secrets import quote, refuse

_AWS = re.compile(r"\d{12}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "projects": re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|\d{6,20}"),
    "folders": re.compile(r"\d{6,20}"),
    "organizations": re.compile(r"\d{6,20}"),
    "subscriptions": _UUID,
    "managementGroups": re.compile(r"[A-Za-z0-9]([A-Za-z0-9._()-]{0,88}[A-Za-z0-9_()-])?"),
    "clusters": re.compile(r"\S(.{0,250}\S)?"),
}
CLOUD_OF: Final[Mapping[str, str]] = {
    "projects": "gcp",
    "folders": "gcp",
    "organizations": "gcp",
    "subscriptions": "azure",
    "managementGroups": "azure",
    "clusters": "kubernetes",
}
"""The cloud of each kind of id but AWS's, which has no kind before it."""

FORMS = (
    "an AWS account id of 12 digits, projects/ID, folders/NUMBER, organizations/NUMBER, subscriptions/UUID, "
    "managementGroups/NAME or clusters/CONTEXT"
)
_MANAGEMENT_GROUP: Final = "/providers/microsoft.management/managementgroups/"
_SPELLINGS: Final = {spelling.lower(): spelling for spelling in _SHAPES} | {
    "contexts": "clusters",
    "management-groups": "managementGroups",
    "organisations": "organizations",
}
_ONE_PLACE: Final = frozenset({"projects", "subscriptions", "clusters"})
"""Kinds of ids whose name facts have as their account; the other kinds hold many of these."""


def account_id(text: str) -> str:
    """The id as it is kept: 12 digits, or a kind and a name.

    Raises:
        PydanticCustomError: it is none of these.
    """
    if _AWS.fullmatch(text):
        return text
    if _UUID.fullmatch(text):
        return f"subscriptions/{text.lower()}"
    if text.lower().startswith(_MANAGEMENT_GROUP):
        text = f"managementGroups/{text[len(_MANAGEMENT_GROUP) :]}"
    kind, _, name = text.strip("/").partition("/")
    known = _SPELLINGS.get(kind.lower())
    if known is None:
        raise refuse(f"expected {FORMS}, not {quote(text)}")
    if not _SHAPES[known].fullmatch(name):
        raise refuse(f"{quote(name)} cannot be the id of one of the {known}")
    return f"{known}/{name.lower() if known == 'subscriptions' else name}"


def account_of_facts(text: str) -> str:
    """The account that facts of this place have: `projects/shop-prod` is `shop-prod`. A bare id stays as it is.

    Raises:
        PydanticCustomError: it is a folder, an organisation or a management group, which facts do not name.
    """
    kind, slash, name = text.strip("/").partition("/")
    known = _SPELLINGS.get(kind.lower()) if slash else None
    if known is None:
        return text.lower() if _UUID.fullmatch(text) else text
    if known not in _ONE_PLACE:
        raise refuse(f"resources are limited by projects, subscriptions and clusters, not by {known}: name those of it")
    return name.lower() if known == "subscriptions" else name


def cloud_of(account: str) -> str:
    """The cloud that an id (as `account_id` returns it) belongs to: `aws`, `gcp`, `azure` or `kubernetes`."""
    return CLOUD_OF.get(account.partition("/")[0], "aws") if "/" in account else "aws"
