"""One entry of providers.yaml, as it is written -> what is known of that provider. Nothing is taken on trust.

A mistake in this file would be told as an outage, or would hide one, so a wrong entry stops the start with a sentence.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from urllib.parse import urlsplit

from bot.model.providers import KnownProvider, ProviderProbe

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
_HOST = re.compile(r"(?=.{4,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+")
_KEYS = frozenset(
    ["title", "page", "feed", "format", "runs_on", "basis", "as_of", "aliases", "cloud", "probes", "zone", "known_good"]
)
_PROBE_KEYS = frozenset(["url", "part", "regions", "status", "body", "method", "alone"])
_SCHEMES = ("http", "https", "tcp", "tls", "dns")
_UNREACHABLE = (".local", ".localhost", ".internal", ".test", ".invalid", ".lan", ".example")


def provider_of(name: str, said: object) -> KnownProvider:
    """The provider that an entry describes.

    Raises:
        ValueError: the entry is wrong; the text names it and says what is wrong.
    """
    try:
        return _provider(name, said)
    except ValueError as error:
        raise ValueError(f"providers.yaml, {name}: {error}") from None


def clashes(providers: Iterable[KnownProvider]) -> Iterator[str]:
    """What two entries claim at once: a name or an alias, or a feed. A sentence for each; none where all is well."""
    names: dict[str, str] = {}
    feeds: dict[str, str] = {}
    for provider in providers:
        for word in (provider.name, *provider.aliases):
            if word in names:
                yield f"{word} means both {names[word]} and {provider.name}"
            names[word] = provider.name
        if provider.feed:
            if provider.feed in feeds:
                yield f"{feeds[provider.feed]} and {provider.name} have the same feed"
            feeds[provider.feed] = provider.name


def good_on(known_good: str) -> date:
    """The day with which `known_good` begins.

    Raises:
        ValueError: it does not begin with a day, or does not say from where that is known.
    """
    day, _, source = known_good.partition(" ")
    if not source.strip():
        raise ValueError(
            f"known_good is {known_good!r}; write a day and where it is known from: 2026-10-06 github.com/…"
        )
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise ValueError(f"known_good begins with {day!r}, not with a day such as 2026-10-06") from None


def _provider(name: str, said: object) -> KnownProvider:
    if not _NAME.fullmatch(name):
        raise ValueError("a name has small letters, digits, dots and hyphens only")
    entry = _entry(said, _KEYS)
    made = KnownProvider(
        name=name,
        title=_text(entry, "title") or name,
        page=_address(_text(entry, "page"), "page"),
        feed=_address(_text(entry, "feed"), "feed"),
        format=_text(entry, "format"),
        runs_on=_texts(entry, "runs_on"),
        basis=_text(entry, "basis"),
        as_of=_day(_text(entry, "as_of")),
        aliases=_texts(entry, "aliases"),
        cloud=_flag(entry, "cloud", default=False),
        probes=tuple(_probe(probe) for probe in _list(entry, "probes")),
        zone=_text(entry, "zone"),
        known_good=_text(entry, "known_good"),
    )
    if bool(made.feed) != bool(made.format):
        raise ValueError("a feed and its format are given together")
    if bool(made.feed) != bool(made.known_good):
        raise ValueError("a feed has known_good, and only a feed has")
    if bool(made.runs_on) != bool(made.basis):
        raise ValueError("runs_on has a basis, and only runs_on has")
    if bool(made.runs_on) != (made.as_of is not None):
        raise ValueError("runs_on has as_of, the day that its basis is from, and only runs_on has")
    if made.known_good:
        good_on(made.known_good)
    if made.zone:
        _public(made.zone, "zone")
    wrong = [alias for alias in made.aliases if not _NAME.fullmatch(alias)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is not an alias in small letters")
    if len(set(made.probes)) != len(made.probes):
        raise ValueError("a probe is listed twice")
    return made


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise ValueError(f"as_of is {written!r}, not a day such as 2025-10-20") from None


def _probe(said: object) -> ProviderProbe:
    entry = _entry(said, _PROBE_KEYS)
    url = _text(entry, "url")
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise ValueError(f"{url!r} cannot be probed; write http, https, tcp, tls or dns before ://")
    if parts.username or parts.password or parts.fragment:
        raise ValueError(f"{url!r} must not have a user, a password or a fragment")
    _public(parts.hostname or "", url)
    if parts.scheme == "tcp" and not parts.port:
        raise ValueError(f"{url!r} needs a port")
    status = tuple(_code(code) for code in _list(entry, "status"))
    body = _text(entry, "body")
    method = _text(entry, "method") or "GET"
    if method not in ("GET", "HEAD"):
        raise ValueError(f"{url!r} is probed with GET or HEAD, not with {method!r}")
    if (status or body or method == "HEAD") and not parts.scheme.startswith("http"):
        raise ValueError(f"{url!r} is no web address, and has no status, body or method")
    if body and method == "HEAD":
        raise ValueError(f"{url!r} expects a body of HEAD, which has none")
    return ProviderProbe(
        url=url,
        part=_text(entry, "part"),
        regions=_texts(entry, "regions"),
        status=status,
        body=body,
        method="HEAD" if method == "HEAD" else "GET",
        alone=_flag(entry, "alone", default=True),
    )


def _entry(said: object, keys: frozenset[str]) -> Mapping[str, object]:
    if not isinstance(said, dict):
        raise ValueError(f"{said!r} is not a mapping")  # noqa: TRY004 - the file is wrong, not the call
    unknown = sorted(str(key) for key in said if key not in keys)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}; known are {', '.join(sorted(keys))}")
    return said


def _text(entry: Mapping[str, object], key: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str) or value != value.strip():
        raise ValueError(f"{key} is not text without spaces around it: {value!r}")
    return value


def _list(entry: Mapping[str, object], key: str) -> list[object]:
    value = entry.get(key, [])
    if not isinstance(value, list):
        raise ValueError(f"{key} is not a list: {value!r}")  # noqa: TRY004 - the file is wrong, not the call
    return value


def _texts(entry: Mapping[str, object], key: str) -> tuple[str, ...]:
    found = tuple(item for item in _list(entry, key) if isinstance(item, str) and item)
    if len(found) != len(_list(entry, key)) or len(set(found)) != len(found):
        raise ValueError(f"{key} is not a list of different words: {entry[key]!r}")
    return found


def _flag(entry: Mapping[str, object], key: str, *, default: bool) -> bool:
    value = entry.get(key, default)
    if not isinstance(value, bool):
        raise ValueError(f"{key} is not true or false: {value!r}")  # noqa: TRY004 - the file is wrong, not the call
    return value


def _code(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 100 <= value <= 599:
        raise ValueError(f"{value!r} is not an HTTP status")
    return value


def _address(url: str, key: str) -> str:
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme != "https" or set(url) & set(" <>\"'") or parts.username or parts.password:
        raise ValueError(f"{key} is not an address of https: {url!r}")
    _public(parts.hostname or "", url)
    return url


def _public(host: str, what: str) -> None:
    try:
        private = not ipaddress.ip_address(host).is_global
    except ValueError:
        private = not _HOST.fullmatch(host) or host.endswith(_UNREACHABLE)
    if private:
        raise ValueError(f"{what!r} is not on a public host")
