"""An app manifest as Slack takes it: keys, lengths and counts of its version 1, from the reference at docs.slack.dev."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from support.limits.slack_blocks import Strict


def _each_once(listed: list[str]) -> list[str]:
    assert len(listed) == len(set(listed)), "something twice"
    return listed


Url = Annotated[str, Field(pattern=r"^https?://", max_length=3000)]
Scopes = Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=255), AfterValidator(_each_once)]
Events = Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=100), AfterValidator(_each_once)]

# What each event needs, docs.slack.dev/reference/events.
_NEEDED = {"app_mention": "app_mentions:read", "message.im": "im:history"}


class DisplayInformation(Strict):
    name: Annotated[str, Field(min_length=1, max_length=35)]
    description: Annotated[str, Field(min_length=1, max_length=140)]
    long_description: Annotated[str | None, Field(min_length=175, max_length=4000)] = None
    background_color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$")]


class AppHome(Strict):
    home_tab_enabled: bool
    messages_tab_enabled: bool
    messages_tab_read_only_enabled: bool


class BotUser(Strict):
    display_name: Annotated[str, Field(min_length=1, max_length=80)]
    always_online: bool


class Shortcut(Strict):
    name: Annotated[str, Field(min_length=1, max_length=24)]
    type: Literal["message", "global"]
    callback_id: Annotated[str, Field(min_length=1, max_length=255)]
    description: Annotated[str, Field(min_length=1, max_length=150)]


class SlashCommand(Strict):
    command: Annotated[str, Field(pattern=r"^/", min_length=2, max_length=32)]
    description: Annotated[str, Field(min_length=1, max_length=2000)]
    usage_hint: Annotated[str, Field(min_length=1, max_length=1000)]
    should_escape: bool
    url: Url | None = None


class Features(Strict):
    app_home: AppHome
    bot_user: BotUser
    shortcuts: Annotated[list[Shortcut], Field(min_length=1, max_length=10)]
    slash_commands: Annotated[list[SlashCommand], Field(min_length=1, max_length=50)]


class BotScopes(Strict):
    bot: Scopes


class OauthConfig(Strict):
    scopes: BotScopes


class EventSubscriptions(Strict):
    bot_events: Events
    request_url: Annotated[str | None, Field(pattern=r"^https?://", max_length=3500)] = None


class Interactivity(Strict):
    is_enabled: bool
    request_url: Url | None = None


class AppSettings(Strict):
    event_subscriptions: EventSubscriptions
    interactivity: Interactivity
    org_deploy_enabled: bool
    socket_mode_enabled: bool
    token_rotation_enabled: bool


class Manifest(Strict):
    display_information: DisplayInformation
    features: Features
    oauth_config: OauthConfig
    settings: AppSettings

    @model_validator(mode="after")
    def every_event_has_its_scope(self) -> "Manifest":
        scopes = self.oauth_config.scopes.bot
        missing = {need for event in self.settings.event_subscriptions.bot_events if (need := _NEEDED.get(event, ""))}
        assert missing <= set(scopes), missing - set(scopes)
        return self

    @model_validator(mode="after")
    def over_http_every_way_in_has_an_address(self) -> "Manifest":
        ways = [command.url for command in self.features.slash_commands]
        ways += [self.settings.event_subscriptions.request_url, self.settings.interactivity.request_url]
        assert self.settings.socket_mode_enabled or all(ways), "a way in without an address"
        return self
