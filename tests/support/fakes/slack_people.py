"""People of a Slack workspace and those who are not of it, as `users.info` and requests describe them.

Shapes: docs.slack.dev/reference/objects/user-object, "Understanding Slack Connect" (External members), and bolt-python's
recordings of events in shared channels, tests/slack_bolt/request/test_internals.py at 054bc36.
"""

from collections.abc import Mapping
from typing import Any

OURS, ORGANIZATION = "T0TEAM", "E0ORG"
THEIRS, THEIR_ORGANIZATION = "T9OTHER", "E9OTHER"
GUESTS: Mapping[str, Mapping[str, Any]] = {
    "multi-channel guest": {"is_restricted": True},
    "single-channel guest": {"is_restricted": True, "is_ultra_restricted": True},
}


def member(user: str) -> dict[str, Any]:
    """The user object of a full member."""
    return {
        "id": user,
        "team_id": OURS,
        "name": "ada",
        "deleted": False,
        "real_name": "Ada",
        "tz": "Europe/Berlin",
        "profile": {"real_name": "Ada", "display_name": "ada", "team": OURS},
        "is_admin": False,
        "is_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": False,
        "is_app_user": False,
    }


def stranger(team: str = THEIRS) -> dict[str, Any]:
    """What the user object of somebody of another workspace says beside or instead of a member's."""
    return {"team_id": team, "is_stranger": True, "profile": {"real_name": "Eve", "team": team}}


def from_another_workspace(body: Mapping[str, Any], team: str = THEIRS, organization: str = "") -> dict[str, Any]:
    """The same request as Slack sends it of a person of another workspace, who reads along in a shared channel."""
    if body.get("command"):
        grid = {"enterprise_id": organization, "enterprise_name": "Other"} if organization else {}
        return {**body, **grid, "team_id": team, "team_domain": "other"}
    if isinstance(body.get("event"), dict):
        return _foreign_event(body, team, organization)
    body = {**body, "team": {"id": team, "domain": "other"}, "user": {**body["user"], "team_id": team}}
    if organization:
        body["enterprise"] = {"id": organization, "name": "Other"}
    if body["type"] == "view_submission":
        body["view"] = {**body["view"], "team_id": team, "app_installed_team_id": OURS}
    return body


def _foreign_event(body: Mapping[str, Any], team: str, organization: str) -> dict[str, Any]:
    event, home = body["event"], organization or team
    shared = {**body, "is_ext_shared_channel": True}
    if event["type"] == "app_mention":  # team_id and event.team stay ours
        named = {"user_team": home, "source_team": home, "user_profile": {"team": home}}
        return {**shared, "event": {**event, **named}}
    theirs = {"team_id": team, "context_team_id": OURS, "context_enterprise_id": None}
    return {**shared, **theirs, "event": {**event, "team": team} if event["type"] == "message" else dict(event)}
