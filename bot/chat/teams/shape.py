"""Says whether an activity of Teams has the shape of its kind, before any part of it is used.

Only parts that are read are looked at, and only kinds that are handled. What may be missing or null: the Bot Framework's
"Activity schema" (github.com/microsoft/botframework-sdk, specs/botframework-activity) and learn.microsoft.com,
"Conversation events in your Teams bot".
"""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from bot.chat.shapes import Anything, Filled, fits


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _Account(_Part):
    id: Filled
    name: str | None = None
    aad_object_id: str | None = None
    role: str | None = None


class _Conversation(_Part):
    id: Filled
    conversation_type: str | None = None
    name: str | None = None
    tenant_id: str | None = None


class _Named(_Part):
    id: str | None = None
    name: str | None = None
    aad_group_id: str | None = None


class _ChannelData(_Part):
    tenant: _Named | None = None
    team: _Named | None = None
    channel: _Named | None = None


class _Entity(_Part):
    type: str | None = None
    text: str | None = None
    mentioned: Anything | None = None


class _Activity(_Part):
    id: str | None = None
    conversation: _Conversation
    recipient: _Account
    channel_data: _ChannelData | None = None
    entities: list[_Entity] | None = None
    local_timezone: str | None = None
    reply_to_id: str | None = None


class _ByPerson(_Activity):
    sender: _Account = Field(alias="from")


class _Message(_ByPerson):
    text: str | None = None


class _Clicked(_Part):
    action: Anything = {}


class _Invoke(_ByPerson):
    name: Filled
    value: _Clicked = _Clicked()


class _Update(_Activity):
    members_added: list[Anything] | None = None
    members_removed: list[Anything] | None = None
    action: str | None = None


_KINDS: Mapping[str, type[BaseModel]] = {
    "message": _Message,
    "invoke": _Invoke,
    "conversationUpdate": _Update,
    "installationUpdate": _Update,
}


def is_sound(activity: Anything) -> bool:
    """Whether an activity has what its kind must have, each part of the right type. Kinds that we do not handle are sound."""
    kind = activity.get("type")
    if not isinstance(kind, str) or not kind:
        return False
    return kind not in _KINDS or fits(_KINDS[kind], activity)
