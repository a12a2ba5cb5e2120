"""Builders of what Teams sends: messages, clicks, installations and events, in a personal chat, a group chat or a channel.

Each carries what Teams was recorded to send, no more:

- a message in a channel names neither the channel nor the team nor its group: microsoft/teams.net,
  core/test/Microsoft.Teams.BotApps.UnitTests/TeamsActivityTests.cs (recorded on 2025-10-08); microsoft/botbuilder-js,
  libraries/botbuilder/tests, `teamActivity` and `groupChatActivity` (a group chat has no name either);
- events: learn.microsoft.com, "Conversation events in your Teams bot" (MicrosoftDocs/msteams-docs,
  msteams-platform/bots/how-to/conversations/subscribe-to-conversation-events.md): they come in the team's first channel;
  what happens in a shared channel: github.com/microsoft/Agents/issues/179;
- an installation names no person and the conversation's tenant last: the same page, `installationUpdate`; that the team's name
  and group come with the `conversationUpdate` of an installation: the payload in MicrosoftDocs/msteams-docs, "bots-notifications".
"""

from typing import Any

from support.fakes.teams import CHANNEL, GROUP, TEAM, TEAM_NAME, TENANT

__all__ = ["BOT", "CHANNEL", "GROUP", "TEAM", "activity", "click", "event", "installed", "joined", "message"]

BOT = {"id": "28:backstay", "name": "backstay"}
IDS = {"personal": "a:personal", "groupChat": "19:chat@thread.v2", "channel": f"{CHANNEL};messageid=17"}
_numbers = iter(range(1, 1_000_000))


def activity(service_url: str, kind: str = "message", *, scope: str = "personal", **fields: Any) -> dict[str, Any]:
    """Something that Kim does in a chat of this scope (personal, groupChat, channel)."""
    conversation: dict[str, Any] = {"conversationType": scope, "tenantId": TENANT, "id": IDS[scope]}
    data: dict[str, Any] = {"tenant": {"id": TENANT}}
    if scope != "personal":
        conversation = {"isGroup": True, **conversation}
    if scope == "channel":
        ids = {"teamsChannelId": CHANNEL, "teamsTeamId": TEAM}
        data = {**ids, "channel": {"id": CHANNEL}, "team": {"id": TEAM}, **data}
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


def installed(service_url: str, *, scope: str = "personal", **fields: Any) -> dict[str, Any]:
    """The app was added here, as `installationUpdate` reports it: in a team for the channel that was chosen."""
    made = activity(service_url, "installationUpdate", scope=scope, **{"action": "add", **fields})
    made["from"] = {"id": "29:kim", "aadObjectId": "entra-kim"}
    del made["localTimezone"]
    if scope == "channel":
        made["conversation"]["id"] = TEAM
        data = {"settings": {"selectedChannel": {"id": CHANNEL}}, "channel": {"id": CHANNEL}, "team": {"id": TEAM}}
        made["channelData"] = {**data, "tenant": {"id": TENANT}}
    return made


def event(service_url: str, kind: str, **fields: Any) -> dict[str, Any]:
    """A `conversationUpdate` about a team. `kind`: its `eventType`; `channel`, `team`: what it tells about them."""
    channel, team = fields.pop("channel", None), {"id": TEAM, **fields.pop("team", {})}
    made = activity(service_url, "conversationUpdate", scope="channel", **fields)
    made["from"] = {"id": "29:kim", "aadObjectId": "entra-kim"}
    del made["localTimezone"]
    made["conversation"] = {"isGroup": True, "conversationType": "channel", "id": TEAM}
    told = {"channel": channel} if channel is not None else {}
    made["channelData"] = {**told, "team": team, "eventType": kind, "tenant": {"id": TENANT}}
    return made


def joined(service_url: str, *, scope: str = "personal") -> dict[str, Any]:
    """The bot became a member here, as `conversationUpdate` reports the same installation, its keys in another order."""
    if scope == "channel":
        members = [{"id": BOT["id"]}]
        return event(
            service_url, "teamMemberAdded", team={"name": TEAM_NAME, "aadGroupId": GROUP}, membersAdded=members
        )
    made = activity(service_url, "conversationUpdate", scope=scope, membersAdded=[{"id": BOT["id"]}])
    made["from"] = {"id": "29:kim", "aadObjectId": "entra-kim"}
    made["conversation"] = dict(reversed(made["conversation"].items()))
    return made
