"""The frameworks that come with backstay, and which controls each check is evidence for."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from bot.model.compliance import Framework
from checks import Check

FRAMEWORKS = ("dora", "nist", "iso22301", "iso27001", "soc2", "aws", "azure", "google")


@cache
def framework(name: str) -> Framework:
    """A framework by its name, one of `FRAMEWORKS`."""
    said = _read(name)
    controls = {str(control): str(title) for control, title in said["controls"].items()}
    return Framework(name, said["title"], said["version"], said["source"], said["scope"], controls)


def controls_of(check: Check, name: str) -> tuple[str, ...]:
    """The ids of the controls that a check is evidence for.

    Raises:
        KeyError: neither the check nor its family is mapped.
    """
    families, own = _mapping()
    said = own.get(check.id, {})
    if "none" in said:
        return ()
    return tuple(str(control) for control in said.get(name, families[check.family][name]))


def mapped_checks() -> frozenset[str]:
    """The ids of the checks that have a mapping of their own."""
    return frozenset(_mapping()[1])


@cache
def _mapping() -> tuple[Mapping[str, Mapping[str, list[str]]], Mapping[str, Mapping[str, list[str]]]]:
    said = _read("mapping")
    return said["families"], said["checks"]


def _read(name: str) -> Mapping[str, Any]:
    text = files("bot").joinpath("catalogue", "frameworks", f"{name}.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe ones
    return found
