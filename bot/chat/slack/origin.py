"""Reads from a request of Slack which workspace its person belongs to."""

from dataclasses import dataclass

from bot.chat.slack.payload import Payload, part_of, text_of


@dataclass(frozen=True, slots=True)
class Origin:
    """Ids of workspaces (T...) and Enterprise organizations (E...) in a request.

    `person`: those that it names for the person. `request`: those that it names for the request as a whole, which in a
    shared channel may be the other side's. `installed`: the workspace and organization whose installation got the event.
    `shared`: the channel is shared with another organization. `guest`: what the person's profile in the event says, None
    where it has none.

    Sources: docs.slack.dev, "Understanding Slack Connect", and the recordings in bolt-python
    (tests/slack_bolt/request/test_internals.py): in a mention `event.team` and `team_id` may be ours while `user_team` is
    the stranger's workspace or organization.
    """

    person: frozenset[str] = frozenset()
    request: frozenset[str] = frozenset()
    organization: str = ""
    installed: frozenset[str] = frozenset()
    shared: bool = False
    guest: bool | None = None


def origin_of(body: Payload) -> Origin:
    """The origin of a slash command, an interaction or an event."""
    if isinstance(body.get("event"), dict):
        return _of_event(body)
    if body.get("command"):
        return Origin(_ids(body.get("team_id")), organization=text_of(body, "enterprise_id"))
    user, view = part_of(body, "user"), part_of(body, "view")
    team = _ids(part_of(body, "team").get("id"))
    person = _ids(user.get("team_id"))
    return Origin(
        person=person or team,
        request=team | _ids(view.get("team_id")) if person else frozenset(),
        organization=text_of(part_of(body, "enterprise"), "id") or text_of(part_of(body, "team"), "enterprise_id"),
        installed=_ids(view.get("app_installed_team_id")),
    )


def _of_event(body: Payload) -> Origin:
    event, profile = part_of(body, "event"), part_of(part_of(body, "event"), "user_profile")
    person = _ids(event.get("user_team"), event.get("source_team"), profile.get("team")) or _ids(event.get("team"))
    listed = body.get("authorizations")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    flags = [profile.get("is_restricted"), profile.get("is_ultra_restricted")]
    return Origin(
        person=person,
        request=_ids(body.get("team_id"), part_of(event, "view").get("team_id")),
        installed=_ids(first.get("team_id"), first.get("enterprise_id")),
        shared=body.get("is_ext_shared_channel") is True,
        guest=True if True in flags else False if flags == [False, False] else None,
    )


def _ids(*values: object) -> frozenset[str]:
    return frozenset(value for value in values if isinstance(value, str) and value)
