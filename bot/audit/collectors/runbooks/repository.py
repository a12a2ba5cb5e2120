"""Reads runbooks out of Git repositories: which file is meant, its text, and when it was last changed. Each repository is fetched once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bot.audit.collectors.runbooks.page_text import MAX_CHARACTERS, read_html
from bot.audit.collectors.runbooks.source import (
    GONE,
    MAX_BYTES,
    RunbookPage,
    SourceAccess,
    SourceTools,
    UnreadableError,
)
from bot.net.git_repository import DEPTH, GitAccess, GitError, GitRepository, NoSuchFileError

ENDINGS = (".md", ".markdown", ".txt", ".adoc", ".asciidoc", ".rst", ".org", ".mediawiki", ".html")
"""Endings of files that are read as runbooks, the likeliest first."""


@dataclass(slots=True)
class Repositories:
    """The repositories of one source, during one run."""

    access: SourceAccess
    tools: SourceTools
    _fetched: dict[tuple[str, str], "asyncio.Task[GitRepository]"] = field(default_factory=dict)

    async def read(self, url: str, ref: str, path: str, service: str) -> RunbookPage:
        """A file of a repository; of a folder, the file that is called after the service, else its README.

        Raises:
            UnreadableError: it cannot be fetched or read.
        """
        try:
            repository = await self._repository(url, ref)
            found = await _file_in(repository, path, service)
            body = await repository.read(found, MAX_BYTES)
            change = await repository.last_change(found)
        except NoSuchFileError as error:
            raise UnreadableError(f"{GONE}: {error}") from None
        except GitError as error:
            raise UnreadableError(f"Git: {error}") from None
        text, links = await asyncio.to_thread(text_of_file, found, body)
        if change is None or change.before:
            since = f" ({change.at:%Y-%m-%d} and later)" if change else ""
            unread = {"changed_at": f"the file is not among the last {DEPTH} changes of the repository{since}"}
            return RunbookPage(text, links=links, unread=unread)
        return RunbookPage(text, change.at, change.by, links=links)

    async def close(self) -> None:
        """Remove what was fetched."""
        for task in self._fetched.values():
            task.cancel()
        for fetched in await asyncio.gather(*self._fetched.values(), return_exceptions=True):
            if isinstance(fetched, GitRepository):
                await fetched.close()

    async def _repository(self, url: str, ref: str) -> GitRepository:
        task = self._fetched.get((url, ref))
        if task is None:
            access = GitAccess(self.access.user, self.access.token, self.access.key, self.access.known_hosts)
            fetch = GitRepository.fetch(
                url,
                ref=ref,
                access=access,
                policy=self.tools.policy,
                resolver=self.tools.resolver,
                patience=self.tools.clone_timeout,
            )
            task = self._fetched[url, ref] = asyncio.create_task(fetch)
        return await asyncio.shield(task)


async def _file_in(repository: GitRepository, path: str, service: str) -> str:
    """The path itself, the same with an ending, or the file of a folder that is meant for the service."""
    inner = PurePosixPath(path.strip("/"))
    if path.strip("/") and not await _is_folder(repository, str(inner)):
        return str(inner)
    names = await repository.names(str(inner) if path.strip("/") else "")
    chosen = choose_file(names, service)
    if chosen is None:
        raise NoSuchFileError(f"the folder {path or '/'} has no file called after {service}, and no README")
    return str(inner / chosen) if path.strip("/") else chosen


async def _is_folder(repository: GitRepository, path: str) -> bool:
    return await repository.is_folder(path)


def choose_file(names: Sequence[str], service: str) -> str | None:
    """The file of a folder that is meant for a service: called after it, else its README; None where there is none."""
    for stem in (service, service.replace(" ", "-"), service.replace(" ", "_"), "README", "index"):
        found = match_stem(names, stem)
        if found:
            return found
    return None


def match_stem(names: Sequence[str], stem: str) -> str | None:
    """The file with this name before its ending, whatever its case; None where there is none."""
    by_name: Mapping[str, str] = {name.casefold(): name for name in names}
    return next((by_name[key] for ending in ENDINGS if (key := f"{stem}{ending}".casefold()) in by_name), None)


def text_of_file(name: str, body: bytes) -> tuple[str, Sequence[str]]:
    """A file as text, and the links that are not in it.

    Raises:
        UnreadableError: it is not UTF-8 text.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableError(f"{PurePosixPath(name).name} is not a text file") from None
    if "\0" in text:
        raise UnreadableError(f"{PurePosixPath(name).name} is not a text file")
    if name.lower().endswith((".html", ".htm")):
        read = read_html(text)
        return read.text, read.links
    return text[:MAX_CHARACTERS], ()
