"""providers.yaml, the one place that names clouds and SaaS -> what is known of each: names, status page, feed, footing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True, slots=True)
class KnownProvider:
    """A cloud or SaaS. Empty: nothing dependable is known.

    `feed` is what a machine reads and `format` how it is written; `runs_on` are the clouds or scopes whose loss it has
    followed, `basis` who says so. `private`: the feed may stand at a private address.
    `headers` it is asked with; those that prove something are references to secrets.
    """

    name: str
    title: str = ""
    page: str = ""
    feed: str = ""
    format: str = ""
    runs_on: tuple[str, ...] = ()
    basis: str = ""
    aliases: tuple[str, ...] = ()
    cloud: bool = False
    private: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)


@cache
def known_providers() -> Mapping[str, KnownProvider]:
    """All of them by name, clouds first."""
    # LibYAML parses the file in 5 ms where it is installed.
    text = files("bot").joinpath("catalogue", "providers.yaml").read_bytes()
    written = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe ones
    return {name: _one(name, said) for name, said in written.items()}


def _one(name: str, said: Mapping[str, object]) -> KnownProvider:
    def word(key: str) -> str:
        return str(said.get(key, ""))

    def words(key: str) -> tuple[str, ...]:
        value = said.get(key, ())
        return tuple(str(one) for one in value) if isinstance(value, list) else ()

    return KnownProvider(
        name=name,
        title=word("title") or name,
        page=word("page"),
        feed=word("feed"),
        format=word("format"),
        runs_on=words("runs_on"),
        basis=word("basis"),
        aliases=words("aliases"),
        cloud=said.get("cloud") is True,
    )
