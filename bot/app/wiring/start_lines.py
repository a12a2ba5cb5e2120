"""What `serve` says about each chat platform when it starts: how requests come in, or what is not set up."""

from bot.app.settings import Settings


def slack_line(settings: Settings, url: str) -> str:
    """How Slack reaches backstay. `url`: where `serve` listens."""
    slack = settings.slack
    if not slack.enabled:
        return "Slack: not set up (slack.bot_token is not set)"
    if slack.over_socket:
        return "Slack: Socket Mode" if slack.app_token else "Slack: posts only; Socket Mode needs slack.app_token"
    if slack.signing_secret is None:
        return "Slack: posts only; commands need slack.signing_secret, or slack.app_token for Socket Mode"
    return f"Slack: POST {url}/slack/events"


def teams_line(settings: Settings, url: str) -> str:
    """How Teams reaches backstay. `url`: where `serve` listens."""
    teams = settings.teams
    if not teams.enabled:
        return "Teams: not set up (teams.app_id is not set)"
    who = "" if teams.app_id else ", from this machine only (teams.allow_anonymous)"
    return f"Teams: POST {url}/api/messages{who}"
