"""Says whether a body of Slack has the shape of its kind, before any part of it is used.

Only parts that are read are looked at, and only kinds that are handled. What Slack may leave out or send as null is told by
docs.slack.dev ("Handling user interaction", "Events API", "View interaction payloads") and by the recordings in bolt-python.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, Field

from bot.chat.shapes import Anything, Filled, fits
from bot.chat.slack.payload import Payload


class _Workspace(BaseModel):
    id: str | None = None


class _Person(BaseModel):
    id: Filled
    name: str = ""
    username: str = ""
    team_id: str | None = None


class _Place(BaseModel):
    id: Filled


class _Action(BaseModel):
    action_id: str
    value: str = ""
    url: str = ""
    selected_option: Anything | None = None


class _Container(BaseModel):
    message_ts: str = ""
    channel_id: str = ""
    thread_ts: str | None = None
    is_ephemeral: bool = False


class _Input(BaseModel):
    value: str | None = None
    selected_option: Anything | None = None
    selected_options: list[Anything] | None = None
    selected_date: str | None = None
    selected_user: str | None = None


class _Inputs(BaseModel):
    values: Mapping[str, Mapping[str, _Input]] = {}


class _View(BaseModel):
    id: str = ""
    type: str = ""
    private_metadata: str = ""
    state: _Inputs = _Inputs()
    team_id: str | None = None
    app_installed_team_id: str | None = None


class _Interaction(BaseModel):
    user: _Person
    # Both are null where the app is installed in a whole organization, or in none.
    team: _Workspace | None = None
    enterprise: _Workspace | None = None
    trigger_id: str = ""
    response_url: str = ""


class _Press(_Interaction):
    actions: Annotated[list[_Action], Field(min_length=1)]
    container: _Container = _Container()
    channel: _Place = _Place(id="none")
    view: _View = _View()


class _Submitted(_Interaction):
    view: _View


class _Shortcut(_Interaction):
    callback_id: Filled


class _Post(BaseModel):
    ts: str = ""
    thread_ts: str | None = None
    text: str | None = None


class _MessageShortcut(_Shortcut):
    channel: _Place
    message: _Post


class _Typed(BaseModel):
    command: Filled
    user_id: Filled
    channel_id: str = ""
    user_name: str = ""
    team_id: str = ""
    text: str = ""
    trigger_id: str = ""
    response_url: str = ""


class _Envelope(BaseModel):
    event: Anything
    event_id: str = ""
    team_id: str | None = None
    authorizations: list[Anything] = []
    is_ext_shared_channel: bool = False


class _Event(BaseModel):
    type: Filled
    subtype: str | None = None
    bot_id: str | None = None
    bot_profile: Anything | None = None


class _ByPerson(_Event):
    user: str | None = None  # what nobody wrote has none
    team: str | None = None
    user_team: str | None = None
    source_team: str | None = None
    user_profile: Anything | None = None


class _Message(_ByPerson):
    channel: Filled
    ts: str = ""
    thread_ts: str | None = None
    text: str | None = None
    channel_type: str = ""
    client_msg_id: str | None = None


class _Opened(_ByPerson):
    tab: str = ""
    view: Anything = {}


_KINDS: Mapping[str, type[BaseModel]] = {
    "block_actions": _Press,
    "view_submission": _Submitted,
    "shortcut": _Shortcut,
    "message_action": _MessageShortcut,
    "event_callback": _Envelope,
}
_EVENTS: Mapping[str, type[BaseModel]] = {
    "app_mention": _Message,
    "message": _Message,
    "app_home_opened": _Opened,
}


def is_sound(body: object) -> bool:
    """Whether a parsed body has what its kind must have, each part of the right type. Kinds that we do not handle are sound."""
    if not isinstance(body, Mapping):
        return False
    if "command" in body:
        return fits(_Typed, body)
    if "type" not in body:
        return "ssl_check" in body
    kind = body["type"]
    if not isinstance(kind, str) or not kind:
        return False
    if kind not in _KINDS:
        return True
    return fits(_KINDS[kind], body) and (kind != "event_callback" or _is_sound_event(body["event"]))


def _is_sound_event(event: Payload) -> bool:
    if not fits(_Event, event):
        return False
    # Edits, joins and posts of bots have no person; they are left alone whatever else is in them.
    of_nobody = event.get("subtype") or event.get("bot_id") or event.get("bot_profile")
    return event["type"] not in _EVENTS or bool(of_nobody) or fits(_EVENTS[event["type"]], event)
