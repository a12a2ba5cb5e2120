"""providers.yaml, the one place that names clouds and SaaS -> what is known of each: names, status page, feed, probes."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

from bot.catalogue.provider_entry import clashes, provider_of
from bot.model.providers import KnownProvider


@cache
def known_providers() -> Mapping[str, KnownProvider]:
    """All of them by name, clouds first.

    Raises:
        ValueError: the file that came with backstay has a wrong entry.
    """
    return read_providers(files("bot").joinpath("catalogue", "providers.yaml").read_bytes())


def read_providers(text: bytes | str) -> Mapping[str, KnownProvider]:
    """The providers of such a file, by name.

    Raises:
        ValueError: an entry is wrong, or two claim the same; the text says which and what.
    """
    # LibYAML parses the file in a few milliseconds where it is installed.
    written = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe ones
    if not isinstance(written, dict):
        raise ValueError("providers.yaml is not a mapping of names")  # noqa: TRY004 - the file is wrong, not the call
    made = {str(name): provider_of(str(name), said) for name, said in written.items()}
    wrong = next(clashes(made.values()), "")
    if wrong:
        raise ValueError(f"providers.yaml: {wrong}")
    return made
