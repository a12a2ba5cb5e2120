"""Git repositories, over HTTPS or SSH: `git+https://git.example/ops.git#runbooks/checkout.md`, `git+ssh://git@git.example/ops.git`.

The part after `#` is a file, or a folder with a file for each service; `?ref=` names a branch or tag.
"""

from urllib.parse import parse_qs, unquote, urlsplit

from bot.audit.collectors.runbooks.repository import Repositories
from bot.audit.collectors.runbooks.source import RunbookPage, RunbookReader, SourceAccess, SourceTools

KIND = "git"
GENERIC = False
_SCHEMES = ("git+https", "git+ssh", "git+http", "ssh")


def recognise(address: str) -> bool:
    """An address that names Git itself."""
    return urlsplit(address).scheme in _SCHEMES


def open_source(access: SourceAccess, tools: SourceTools) -> RunbookReader:
    """Git, with a token for HTTPS or a key and the known host keys for SSH."""
    return _Git(Repositories(access, tools))


class _Git:
    def __init__(self, repositories: Repositories) -> None:
        self._repositories = repositories

    async def read(self, address: str, service: str) -> RunbookPage:
        parts = urlsplit(address)
        ref = parse_qs(parts.query).get("ref", [""])[0]
        url = parts._replace(scheme=parts.scheme.removeprefix("git+"), query="", fragment="").geturl()
        return await self._repositories.read(url, ref, unquote(parts.fragment), service)

    async def close(self) -> None:
        await self._repositories.close()
