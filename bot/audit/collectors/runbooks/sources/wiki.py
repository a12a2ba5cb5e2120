"""Wikis of GitHub and GitLab, which are Git repositories beside the project's: `.../wiki/Page`, `.../-/wikis/page`.

https://docs.github.com/en/communities/documenting-your-project-with-wikis/adding-or-editing-wiki-pages,
https://docs.gitlab.com/user/project/wiki/
"""

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from bot.audit.collectors.runbooks.repository import ENDINGS, Repositories
from bot.audit.collectors.runbooks.source import (
    GONE,
    RunbookPage,
    RunbookReader,
    SourceAccess,
    SourceTools,
    UnreadableError,
)

KIND = "wiki"
GENERIC = False
_GITHUB = re.compile(r"(?P<project>/[^/]+/[^/]+)/wiki(?:/(?P<page>.+))?")
_GITLAB = re.compile(r"(?P<project>/.+?)/-/wikis(?:/(?P<page>.+))?")


def recognise(address: str) -> bool:
    """A page of a wiki on github.com, or anything that has the form of GitLab's addresses."""
    parts = urlsplit(address)
    if parts.scheme not in ("https", "http"):
        return False
    on_github = parts.hostname == "github.com" and _GITHUB.fullmatch(parts.path.rstrip("/"))
    return bool(on_github or _GITLAB.fullmatch(parts.path.rstrip("/")))


def open_source(access: SourceAccess, tools: SourceTools) -> RunbookReader:
    """A wiki, with a token that may read the project's repository."""
    return _Wiki(Repositories(access, tools))


class _Wiki:
    def __init__(self, repositories: Repositories) -> None:
        self._repositories = repositories

    async def read(self, address: str, service: str) -> RunbookPage:
        """The file of the wiki's repository that the page is drawn from."""
        parts = urlsplit(address)
        found = _GITLAB.fullmatch(parts.path.rstrip("/")) or _GITHUB.fullmatch(parts.path.rstrip("/"))
        if found is None:
            raise UnreadableError("the address names no page of a wiki of GitHub or GitLab")
        url = parts._replace(path=f"{found['project']}.wiki.git", query="", fragment="").geturl()
        page = unquote(found["page"] or "home")
        for ending in (*ENDINGS[:2], *ENDINGS[3:]):
            try:
                return await self._repositories.read(url, "", f"{PurePosixPath(page)}{ending}", service)
            except UnreadableError as error:
                if not str(error).startswith(GONE):
                    raise
        raise UnreadableError(f"{GONE}: the wiki has no page {page}")

    async def close(self) -> None:
        await self._repositories.close()
