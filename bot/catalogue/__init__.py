"""backstay.yaml and providers.yaml, read and checked.

It takes YAML text and the environment, and gives services, audiences, routes, accounts and providers, or every mistake
at once with its line and a fix. It never reads the network, resolves a secret or starts anything.
"""

from dataclasses import replace
from pathlib import Path

from bot.catalogue.model import (
    Account,
    Catalogue,
    CatalogueEntry,
    Declared,
    DeclaredAttestation,
    DeclaredDeployment,
    DeclaredDrill,
    DeclaredRunbook,
    Selector,
)
from bot.catalogue.problems import ConfigError, ConfigProblem, PathSteps, did_you_mean, nearest, spell
from bot.catalogue.providers import known_providers
from bot.catalogue.read import known, parse
from bot.catalogue.resolve import anchored, resolve
from bot.catalogue.saas import AWS_REGIONS
from bot.catalogue.schema import CatalogueFile
from bot.catalogue.secrets import quote, refuse, secret_kind
from bot.catalogue.section import Section
from bot.catalogue.types import (
    AudienceName,
    Cron,
    Duration,
    Reference,
    Regions,
    ScopeText,
    ServiceName,
    StringList,
    Target,
    TimeZone,
    duration,
)
from bot.catalogue.warnings import cycles, warnings
from bot.catalogue.yaml_source import MAX_BYTES, Document, read_documents
from bot.model.providers import KnownProvider

__all__ = [
    "AWS_REGIONS",
    "MAX_BYTES",
    "Account",
    "AudienceName",
    "Catalogue",
    "CatalogueEntry",
    "CatalogueFile",
    "ConfigError",
    "ConfigProblem",
    "Cron",
    "Declared",
    "DeclaredAttestation",
    "DeclaredDeployment",
    "DeclaredDrill",
    "DeclaredRunbook",
    "Document",
    "Duration",
    "KnownProvider",
    "PathSteps",
    "Reference",
    "Regions",
    "ScopeText",
    "Section",
    "Selector",
    "ServiceName",
    "StringList",
    "Target",
    "TimeZone",
    "anchored",
    "cycles",
    "did_you_mean",
    "duration",
    "known",
    "known_providers",
    "nearest",
    "parse",
    "quote",
    "read",
    "read_documents",
    "refuse",
    "resolve",
    "secret_kind",
    "spell",
    "warnings",
]


def read(text: str, file: str = "backstay.yaml", beside: Path | None = None) -> Catalogue:
    """A catalogue from the text of a backstay.yaml that holds nothing else.

    Raises:
        ConfigError: with every mistake found.
    """
    made, document = parse(text, file, CatalogueFile)
    catalogue = resolve(made, known(document.data or {}), beside or Path())
    return replace(catalogue, warnings=warnings(catalogue, document, file))
