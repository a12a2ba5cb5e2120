"""Configures Bolt: it parses and dispatches requests, never calls Slack and never logs a request's content."""

import logging
import traceback

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

_log = structlog.get_logger(__name__)


def bolt_app(token: str, api_url: str) -> AsyncApp:
    """An app without listeners, for one workspace. Signatures are checked before it parses a request."""
    app = AsyncApp(
        name="backstay",
        logger=_bolt_logger(),
        client=AsyncWebClient(base_url=api_url, retry_handlers=[]),
        authorize=_OneWorkspace(token),
        process_before_response=True,  # otherwise Bolt polls for the acknowledgement every 10 ms
        request_verification_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        raise_error_for_unhandled_request=True,  # the default logs the whole request
    )
    app.error(_on_error)
    return app


class _OneWorkspace(AsyncAuthorize):
    """Authorizes every request as one of our single workspace.

    A call of `auth.test` would make the first command as slow as Slack is, or fail it. A plain function would do, but
    Bolt builds a client and two dozen arguments for it on every request.
    """

    def __init__(self, token: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # untyped in the SDK
        self._token = token

    async def __call__(  # noqa: PLR0913 - Bolt's signature
        self,
        *,
        context: AsyncBoltContext,  # noqa: ARG002
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,  # noqa: ARG002
        actor_enterprise_id: str | None = None,  # noqa: ARG002
        actor_team_id: str | None = None,  # noqa: ARG002
        actor_user_id: str | None = None,  # noqa: ARG002
    ) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=self._token)


def is_malformed(error: Exception) -> bool:
    """Return whether Bolt failed on the shape of a body, before any listener of ours ran.

    Bolt indexes the parts of a payload without looking; a signed body that lacks one is the sender's error.
    """
    if not isinstance(error, KeyError | IndexError | TypeError | AttributeError):
        return False
    modules = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__)]
    inside = next((at for at, name in enumerate(modules) if name.startswith("slack_bolt")), None)
    return inside is not None and not any(name.startswith("bot.") for name in modules[inside:])


async def _on_error(error: Exception) -> BoltResponse:
    if is_malformed(error):
        return BoltResponse(status=400, body={"error": "the body cannot be read"})
    if isinstance(error, BoltUnhandledRequestError):
        return BoltResponse(status=404, body={"error": "backstay does not handle this request"})
    _log.error("slack_request_failed", exc_info=error)
    return BoltResponse(status=500, body={"error": "failed"})


def _bolt_logger() -> logging.Logger:
    """A logger for Bolt's errors alone: at lower levels it logs whole requests."""
    logger = logging.getLogger("backstay.slack.bolt")
    logger.setLevel(logging.ERROR)
    return logger
