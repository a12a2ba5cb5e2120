"""providers.yaml, the one place that names clouds and SaaS -> what is known of each: names, status page, feed, footing."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

from bot.model.providers import KnownProvider


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
        return tuple(str(item) for item in value) if isinstance(value, list) else ()

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
