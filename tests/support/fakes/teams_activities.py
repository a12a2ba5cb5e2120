"""Builders of what Teams sends: messages, clicks and installations, in a personal chat, a group chat or a channel."""

from typing import Any

from support.fakes.teams import TENANT

BOT = {"id": "28:backstay", "name": "backstay"}
TEAM, CHANNEL = "19:general@thread.tacv2", "19:alerts@thread.tacv2"
_numbers = iter(range(1, 1_000_000))


def activity(service_url: str, kind: str = "message", *, scope: str = "personal", **fields: Any) -> dict[str, Any]:
    """Something that Kim does in a chat of this scope (personal, groupChat, channel)."""
    conversation: dict[str, Any] = {"conversationType": scope, "tenantId": TENANT, "id": f"a:{scope}"}
    data: dict[str, Any] = {"tenant": {"id": TENANT}}
    if scope == "channel":
        conversation |= {"id": f"{CHANNEL};messageid=17", "isGroup": True}
        team = {"id": TEAM, "name": "Payments", "aadGroupId": "group-payments"}
        data |= {"channel": {"id": CHANNEL}, "team": team}
    sound: dict[str, Any] = {
        "type": kind,
        "id": f"in-{next(_numbers)}",
        "channelId": "msteams",
        "serviceUrl": service_url,
        "from": {"id": "29:kim", "name": "Kim", "aadObjectId": "entra-kim"},
        "recipient": BOT,
        "conversation": conversation,
        "channelData": data,
        "localTimezone": "Europe/Berlin",
        "entities": [],
    }
    return sound | fields


def message(service_url: str, text: str, *, mention: bool = False, **fields: Any) -> dict[str, Any]:
    """A message; with `mention` it begins with the bot's name."""
    if mention:
        entity = {"type": "mention", "mentioned": BOT, "text": "<at>backstay</at>"}
        fields = {"entities": [entity], **fields}
        text = f"<at>backstay</at>&nbsp;{text}\n"
    return activity(service_url, text=text, **fields)


def click(service_url: str, command: str, *, on: str = "post-1", update: bool = True, **fields: Any) -> dict[str, Any]:
    """A click on a card's Action.Execute; what was filled in comes as `filled={"field.x": ...}`."""
    filled = fields.pop("filled", {})
    data = {"command": command, "update": update, **filled}
    value = {"action": {"type": "Action.Execute", "verb": "command", "data": data}, "trigger": "manual"}
    return activity(service_url, "invoke", name="adaptiveCard/action", value=value, replyToId=on, **fields)


def installed(service_url: str, **fields: Any) -> dict[str, Any]:
    """The app was added here."""
    return activity(service_url, "installationUpdate", **{"action": "add", **fields})
