"""The role that reading Google Cloud needs, written from the permissions that kinds, calls and the feed of its health name."""

from typing import Any, Final

import yaml

from bot.audit.collectors.gcp.listing import TYPES
from bot.audit.collectors.gcp.product_calls import CALLS
from bot.detection.feeds.google_service_health_api import LIST_EVENTS, LIST_OF_ORGANISATION

_HEAD: Final = (
    "# Custom role for backstay, written by `backstay docs` from the calls of an audit. Grant it on each project, folder or\n"
    "# organisation that backstay reads:\n"
    "#   gcloud iam roles create backstay --project=PROJECT --file=gcp-role.yaml\n"
    f"# `watch.google_service_health` of an organisation needs {LIST_OF_ORGANISATION} too, which only a role of the\n"
    "# organisation can have.\n"
)


def role() -> dict[str, Any]:
    """The role in the form of `gcloud iam roles create --file`: every call of an audit and of the feed, and nothing else."""
    permissions = {permission for kind in TYPES.values() for permission in kind.permissions}
    return {
        "title": "backstay",
        "description": "Lists the resources that backstay audits. It can change nothing, and reads no data.",
        "stage": "GA",
        "includedPermissions": sorted(permissions | {call.permission for call in CALLS} | {LIST_EVENTS}),
    }


def role_text() -> str:
    """The role as `gcloud iam roles create --file` takes it."""
    return _HEAD + yaml.safe_dump(role(), sort_keys=False, width=120)
