"""Which notification platforms reach a person, and which provider of the catalogue each of them is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from checks import Maybe, Unread


@dataclass(frozen=True, slots=True)
class Platform:
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

PLATFORMS: Final[Mapping[str, Platform]] = {
    "email": Platform("e-mail"),
    "pagerduty": Platform("PagerDuty", "pagerduty"),
    "opsgenie": Platform("Opsgenie", "opsgenie"),
    "victorops": Platform("Splunk On-Call", "splunk-cloud"),
    "slack": Platform("Slack", "slack"),
    "msteams": Platform("Microsoft Teams", "teams"),
    "teams": Platform("Microsoft Teams", "teams"),
    "discord": Platform("Discord", "discord"),
    "telegram": Platform("Telegram", "telegram"),
    "pushover": Platform("Pushover", "pushover"),
    "webex": Platform("Webex", "webex"),
    "wechat": Platform("WeChat", "wechat"),
    "wecom": Platform("WeCom", "wechat"),
    "rocketchat": Platform("Rocket.Chat"),
    "mattermost": Platform("Mattermost"),
    "googlechat": Platform("Google Chat", "google-workspace"),
    "threema": Platform("Threema", "threema"),
    "line": Platform("LINE", "line"),
    "dingding": Platform("DingTalk", "dingtalk"),
    "sensugo": Platform("Sensu Go", "", _WEBHOOK),
    "oncall": Platform("Grafana OnCall", "grafana-cloud"),
    "incidentio": Platform("incident.io", "incident.io"),
    "jira": Platform("Jira", "jira", _TICKET),
    "sns": Platform("SNS topic", "aws", _TOPIC),
    "kafka": Platform("Kafka topic", "", _TOPIC),
    "mqtt": Platform("MQTT topic", "", _TOPIC),
    "webhook": Platform("webhook", "", _WEBHOOK),
    "prometheus-alertmanager": Platform(
        "another Alertmanager", "", Unread("another Alertmanager decides whom it reaches")
    ),
}
"""By the word of Alertmanager (`NAME_configs`) and of Grafana (`type` of a contact point)."""


def platform_of(word: str) -> Platform:
    """The platform that a configuration names; one that is not known reaches nobody for certain."""
    plain = word.strip().lower().replace("_", "").replace("msteamsv2", "msteams")
    return (
        PLATFORMS.get(plain)
        or PLATFORMS.get(word.strip().lower())
        or Platform(word[:40], "", Unread(f"{word[:40]} is not known"))
    )
