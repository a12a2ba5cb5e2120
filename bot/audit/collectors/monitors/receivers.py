"""Which notification platforms reach a person, and which provider of the catalogue each of them is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from checks import Maybe, Unread


@dataclass(frozen=True, slots=True)
class NotificationPlatform:
    """A platform. `title` for people; `provider`: its name in the catalogue, empty where it has none.

    `reaches`: whether a message to it reaches a person; `Unread` where that cannot be seen.
    """

    title: str
    provider: str = ""
    reaches: Maybe[bool] = True


_WEBHOOK: Final = Unread(
    "it ends at a webhook; name its receiver under people: in backstay.yaml if that reaches a person"
)
_TICKET: Final = Unread("it opens a ticket, which notifies nobody by itself")
_TOPIC: Final = Unread("it ends at a topic, whose subscribers are not known here")

PLATFORMS: Final[Mapping[str, NotificationPlatform]] = {
    "email": NotificationPlatform("e-mail"),
    "pagerduty": NotificationPlatform("PagerDuty", "pagerduty"),
    "opsgenie": NotificationPlatform("Opsgenie", "opsgenie"),
    "victorops": NotificationPlatform("Splunk On-Call", "splunk-cloud"),
    "slack": NotificationPlatform("Slack", "slack"),
    "msteams": NotificationPlatform("Microsoft Teams", "teams"),
    "teams": NotificationPlatform("Microsoft Teams", "teams"),
    "discord": NotificationPlatform("Discord", "discord"),
    "telegram": NotificationPlatform("Telegram", "telegram"),
    "pushover": NotificationPlatform("Pushover", "pushover"),
    "webex": NotificationPlatform("Webex", "webex"),
    "wechat": NotificationPlatform("WeChat", "wechat"),
    "wecom": NotificationPlatform("WeCom", "wechat"),
    "rocketchat": NotificationPlatform("Rocket.Chat"),
    "mattermost": NotificationPlatform("Mattermost"),
    "googlechat": NotificationPlatform("Google Chat", "google-workspace"),
    "threema": NotificationPlatform("Threema", "threema"),
    "line": NotificationPlatform("LINE", "line"),
    "dingding": NotificationPlatform("DingTalk", "dingtalk"),
    "sensugo": NotificationPlatform("Sensu Go", "", _WEBHOOK),
    "oncall": NotificationPlatform("Grafana OnCall", "grafana-cloud"),
    "incidentio": NotificationPlatform("incident.io", "incident.io"),
    "jira": NotificationPlatform("Jira", "jira", _TICKET),
    "sns": NotificationPlatform("SNS topic", "aws", _TOPIC),
    "kafka": NotificationPlatform("Kafka topic", "", _TOPIC),
    "mqtt": NotificationPlatform("MQTT topic", "", _TOPIC),
    "webhook": NotificationPlatform("webhook", "", _WEBHOOK),
    "prometheus-alertmanager": NotificationPlatform(
        "another Alertmanager", "", Unread("another Alertmanager decides whom it reaches")
    ),
}
"""By the word of Alertmanager (`NAME_configs`) and of Grafana (`type` of a contact point)."""


def platform_of(word: str) -> NotificationPlatform:
    """The platform that a configuration names; whether one that is not known notifies someone is not known."""
    plain = word.strip().lower().replace("_", "").replace("msteamsv2", "msteams")
    return (
        PLATFORMS.get(plain)
        or PLATFORMS.get(word.strip().lower())
        or NotificationPlatform(word[:40], "", Unread(f"{word[:40]} is not known"))
    )
