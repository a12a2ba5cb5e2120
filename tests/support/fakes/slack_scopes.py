"""The tokens that Slack's methods take, and the scopes that they ask a bot token for.

Source: docs.slack.dev/reference/methods, the table "Scopes" of each method. The methods of conversations want the scope of
each kind of conversation that they are asked about.
"""

from collections.abc import Mapping
from typing import Any

_ALWAYS: Mapping[str, str] = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "users.info": "users:read",
    "usergroups.users.list": "usergroups:read",
    "conversations.join": "channels:join",
}
_BY_KIND: Mapping[str, str] = {
    "conversations.history": "history",
    "conversations.replies": "history",
    "conversations.info": "read",
    "conversations.list": "read",
}
_TYPES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def needed(method: str, args: Mapping[str, Any], *, private: bool) -> set[str]:
    """The scopes without which a call gets `missing_scope`. `private`: its channel is a private one."""
    if method in _ALWAYS:
        return {_ALWAYS[method]}
    if method not in _BY_KIND:
        return set()
    if method == "conversations.list":
        kinds = [_TYPES[kind] for kind in str(args.get("types") or "public_channel").split(",")]
    else:
        direct = str(args.get("channel", "")).startswith("D")
        kinds = ["im" if direct else "groups" if private else "channels"]
    return {f"{kind}:{_BY_KIND[method]}" for kind in kinds}


def token_refusal(method: str, token: str, *, bot: str, app: str, revoked: str) -> str:
    """Why a call is refused for its token, empty where it is not. `revoked`: the error that the bot's token gets."""
    if method == "api.test":
        return ""
    if method.startswith("apps."):
        wrong = "not_allowed_token_type" if token == bot else "invalid_auth"
        return "" if token == app else wrong
    if not token:
        return "not_authed"
    return revoked if token == bot else "invalid_auth"
