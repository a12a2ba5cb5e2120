"""The settings of the Slack chat."""

from dataclasses import dataclass, field

from bot.chat.slack.api import CALL_SECONDS
from bot.chat.slack.socket_mode import GIVE_UP_SECONDS, PING_SECONDS
from bot.chat.slack.submission import ANSWER_SECONDS

API_URL = "https://slack.com/api/"
UPDATE_SECONDS = 1.0
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class SlackOptions:
    """Settings of the Slack chat, secrets resolved and in no `repr`. Without a signing secret every HTTP request is refused.

    `call_seconds`: timeout of one call to Slack. `submission_seconds`: how long a submitted form waits for its answer.
    `update_seconds`: the pause between two updates of a message. `at_once`: how many requests are handled at a time.
    `groups`: the user groups that roles name. `ping_seconds` and `give_up_seconds`: of Socket Mode (see `SlackSocket`).
    """

    bot_token: str = field(repr=False)
    signing_secret: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    api_url: str = API_URL
    command: str = "/resilience"
    groups: tuple[str, ...] = ()
    call_seconds: float = CALL_SECONDS
    submission_seconds: float = ANSWER_SECONDS
    update_seconds: float = UPDATE_SECONDS
    at_once: int = MOST_AT_ONCE
    ping_seconds: float = PING_SECONDS
    give_up_seconds: float = GIVE_UP_SECONDS
