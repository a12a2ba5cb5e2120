"""`backstay broadcast` and `backstay ask`: the way in when chat is dead, against a running `backstay serve`."""

import json
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.app.cli import options
from bot.app.cli.terminal import clear_errors, console, fail, write

if TYPE_CHECKING:
    from bot.app.settings import Settings

_PATIENCE = 120.0
Url = Annotated[
    str, typer.Option(envvar="BACKSTAY_URL", help="Where backstay serves; else web.public_url, else this machine.")
]


def broadcast(
    text: Annotated[str, typer.Argument(help="What people need to know.")],
    to: Annotated[list[str], typer.Option(help="An audience, or all; repeat, or write a,b.")],
    severity: Annotated[str, typer.Option(help="information, warning or critical.")] = "warning",
    key: Annotated[str, typer.Option(help="Posts once for each key, however often it is run.")] = "",
    url: Url = "",
    config: options.Config = None,
) -> None:
    """Tell audiences through a running backstay, by their fallback routes where a platform is down.

    The token is hooks.token of backstay.yaml, or BACKSTAY_HOOKS__TOKEN. Exit code: 0 accepted, 2 not.
    """
    audiences = [name.strip() for word in to for name in word.split(",") if name.strip()]
    body = {"text": text, "severity": severity, "audiences": audiences, "key": key}
    said = json.loads(_call("POST", "/hooks/broadcast", body, url, config))
    done = "posted" if said["posted"] else "was posted before"
    console().print(f"{done} to {', '.join(said['audiences'])} ({said['id']})", markup=False)


def ask(
    line: Annotated[str, typer.Argument(help='A command as it is typed in chat: "scorecard checkout".')],
    as_json: Annotated[bool, typer.Option("--json", help="The answer as data.")] = False,
    url: Url = "",
    config: options.Config = None,
) -> None:
    """Ask a running backstay whatever it answers in chat, as long as it only reads."""
    body = {"text": line, "format": "json" if as_json else "text"}
    write(_call("POST", "/hooks/command", body, url, config), None)


def _call(method: str, path: str, body: dict[str, Any], url: str, config: Any) -> str:
    import httpx

    with clear_errors():
        settings = options.settings(config)
        root, headers = _root(settings, url), _credentials(settings, method, path, content := json.dumps(body).encode())
    try:
        with httpx.Client(timeout=_PATIENCE, trust_env=False) as client:
            answer = client.request(method, root + path, content=content, headers=headers)
    except httpx.InvalidURL:
        fail(f"--url {_shown(root)} is no address", "Write https://backstay.example.com")
    except httpx.HTTPError as error:
        fail(
            f"{_shown(root)} cannot be reached ({type(error).__name__})",
            "Is `backstay serve` running there? Name it with --url",
        )
    if answer.status_code != 200:
        fail(_problem(answer.text), _MEND.get(answer.status_code, ""))
    return answer.text


def _shown(root: str) -> str:
    """The address without what may be a password."""
    scheme, slashes, rest = root.rpartition("://")
    return f"{scheme}{slashes}{rest.rpartition('@')[2]}"


_MEND = {
    401: "Set hooks.token in backstay.yaml, or BACKSTAY_HOOKS__TOKEN, to the same as there",
    404: "The hooks are not set up there: hooks.token in its backstay.yaml",
}


def _problem(text: str) -> str:
    try:
        said = json.loads(text)
    except ValueError:
        return text.strip() or "it answered nothing"
    return str(said.get("problem") or said.get("text") or text) if isinstance(said, dict) else text


def _root(settings: "Settings", url: str) -> str:
    named = url or settings.web.public_url
    return named.rstrip("/") if named else f"http://127.0.0.1:{settings.web.port}"


def _credentials(settings: "Settings", method: str, path: str, body: bytes) -> dict[str, str]:
    """A signature where there is a key, as it is good for this one request only; else the token.

    Raises:
        ConfigError: the secret cannot be had.
    """
    hooks, json_body = settings.hooks, {"Content-Type": "application/json"}
    if hooks.secret:
        from bot.web.api.authentication import sign

        stamp = str(int(time.time()))
        signature = sign(settings.secret(hooks.secret).encode(), stamp, method, path, body)
        return json_body | {"X-Backstay-Timestamp": stamp, "X-Backstay-Signature": signature}
    if not hooks.token:
        hint = "Write hooks: {token: env:BACKSTAY_HOOKS__TOKEN} into backstay.yaml, or set that variable"
        fail("there is no hooks.token to come in with", hint)
    return json_body | {"Authorization": f"Bearer {settings.secret(hooks.token)}"}
