"""`backstay broadcast` and `backstay ask`: reach a running `backstay serve` without chat."""

import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.app.cli import options
from bot.app.cli.options import Format
from bot.app.cli.terminal import clear_errors, fail, run, say, write

if TYPE_CHECKING:
    from bot.app.settings import Settings

_TIMEOUT = timedelta(minutes=2)
_MOST_BYTES = 32_000_000
Url = Annotated[
    str, typer.Option(envvar="BACKSTAY_URL", help="Where backstay serves; else web.public_url, else this machine.")
]


def broadcast(
    text: Annotated[str, typer.Argument(help="What people need to know.")],
    to: Annotated[list[str], typer.Option(help="An audience, or all (repeat, or write a,b).")],
    severity: Annotated[str, typer.Option(help="information, warning or critical.")] = "warning",
    key: Annotated[str, typer.Option(help="Idempotency key: the same key is posted only once.")] = "",
    url: Url = "",
    config: options.Config = None,
) -> None:
    """Post a message to audiences through a running backstay, by fallback routes where needed.

    The token is hooks.token of backstay.yaml, or BACKSTAY_HOOKS__TOKEN.

    Exit code: 0 accepted, 2 not accepted.
    """
    body = {"text": text, "severity": severity, "audiences": list(options.names_in(to)), "key": key}
    answer = json.loads(_call("POST", "/hooks/broadcast", body, url, config))
    done = "posted" if answer["posted"] else "already posted"
    say(f"{done} to {', '.join(answer['audiences'])} ({answer['id']})")


def ask(
    line: Annotated[str, typer.Argument(help='A command as in chat: "scorecard checkout".')],
    form: options.TextOrJson = Format.TEXT,
    as_json: Annotated[bool, typer.Option("--json", hidden=True)] = False,
    output: options.Output = None,
    url: Url = "",
    config: options.Config = None,
) -> None:
    """Ask a running backstay any chat command that only reads."""
    wanted = "json" if as_json or form is Format.JSON else "text"
    write(_call("POST", "/hooks/command", {"text": line, "format": wanted}, url, config), output)


def _call(method: str, path: str, body: dict[str, Any], url: str, config: Any) -> str:
    from bot.net.egress import NetworkError
    from bot.net.http_client import HttpRequest, InvalidAddressError, request_once

    with clear_errors():
        settings = options.settings(config)
        root, headers = _root(settings, url), _credentials(settings, method, path, content := json.dumps(body).encode())
    # The person who runs the command names the server, so it may be on a private network.
    request = HttpRequest(
        root + path,
        method,
        credentials=headers,
        body=content,
        private=True,
        most_bytes=_MOST_BYTES,
        timeout=_TIMEOUT,
    )
    try:
        answer = run(request_once(request))
    except InvalidAddressError:
        fail(f"--url {_without_password(root)} is no address", "Write https://backstay.example.com")
    except NetworkError as error:
        fail(
            f"{_without_password(root)}: {error.reason}",
            "Is `backstay serve` running there? Name another address with --url",
        )
    text = answer.body.decode(errors="replace")
    if answer.status != 200:
        fail(_problem(text), _FIXES.get(answer.status, ""))
    return text


def _without_password(root: str) -> str:
    scheme, slashes, rest = root.rpartition("://")
    return f"{scheme}{slashes}{rest.rpartition('@')[2]}"


_FIXES = {
    401: "Set hooks.token in backstay.yaml, or BACKSTAY_HOOKS__TOKEN, to the server's token",
    404: "The server has no hooks: set hooks.token in its backstay.yaml",
}


def _problem(text: str) -> str:
    try:
        answer = json.loads(text)
    except ValueError:
        return text.strip() or "the server sent an empty answer"
    return str(answer.get("problem") or answer.get("text") or text) if isinstance(answer, dict) else text


def _root(settings: "Settings", url: str) -> str:
    named = url or settings.web.public_url
    return named.rstrip("/") if named else f"http://127.0.0.1:{settings.web.port}"


def _credentials(settings: "Settings", method: str, path: str, body: bytes) -> dict[str, str]:
    """Headers that prove who asks: a signature where there is a key, as it is good for this request only; else the token.

    Raises:
        ConfigError: the secret cannot be resolved.
    """
    hooks, json_body = settings.hooks, {"Content-Type": "application/json"}
    if hooks.secret:
        from bot.web.api.authentication import sign

        stamp = str(int(time.time()))
        signature = sign(settings.secret(hooks.secret).encode(), stamp, method, path, body)
        return json_body | {"X-Backstay-Timestamp": stamp, "X-Backstay-Signature": signature}
    if not hooks.token:
        fix = "Write hooks: {token: env:BACKSTAY_HOOKS__TOKEN} into backstay.yaml, or set that variable"
        fail("hooks.token is not set", fix)
    return json_body | {"Authorization": f"Bearer {settings.secret(hooks.token)}"}
