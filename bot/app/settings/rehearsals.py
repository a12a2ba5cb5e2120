"""The section of backstay.yaml about rehearsals: which products' records are read, and which jobs of CI may send theirs."""

from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, StringConstraints, field_validator, model_validator

from bot.catalogue import Reference, ScopeText, Section, ServiceName, anchored, quote, refuse
from checks import RehearsalKind

_URL = r"^(https?://\S+)?$"
HookName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


S = TypeVar("S", bound=Section | None)


def _moved(section: S, folder: Path, *keys: str) -> S:
    """A section whose paths, and references to files, are relative to a folder."""
    if section is None:
        return section
    values = {key: getattr(section, key) for key in keys}
    moved = {key: anchored(v, folder) for key, v in values.items() if v and (key == "path" or v.startswith("file:"))}
    return section.model_copy(update=moved)


class GremlinSettings(Section):
    """Gremlin: completed reliability tests of a team. The API key's role needs SERVICES_READ."""

    key: Reference = Field(description="API key, by reference")
    team_id: str = Field(description="the team's id", min_length=1, max_length=100)
    url: str = Field(default="https://api.gremlin.com/v1", pattern=_URL, description="address of the API")
    private: bool = Field(default=False, description="allow a private address")


class SteadybitSettings(Section):
    """Steadybit: executions of experiments. A team's API access token reads that team alone."""

    token: Reference = Field(description="API access token, by reference")
    url: str = Field(default="https://platform.steadybit.com", pattern=_URL, description="address of the platform")
    private: bool = Field(default=False, description="allow a private address")


class Journal(Section):
    """A journal of Chaos Toolkit: a file, a folder of `*.json`, or a web address."""

    short = "path"
    path: str = Field(default="", description="file or folder, from backstay.yaml's own folder")
    url: str = Field(default="", pattern=_URL, description="web address of the journal")
    token: Reference | None = Field(default=None, description="bearer token for the address")
    private: bool = Field(default=False, description="allow a private address")
    service: ServiceName = Field(
        default="", description="the tested service; default: the title or a tag names it", validate_default=False
    )
    kind: RehearsalKind = Field(default=RehearsalKind.FAULT_INJECTION, description="what was rehearsed")
    scope: ScopeText = Field(default="", description="what was lost: aws/us-east-1", validate_default=False)

    @model_validator(mode="after")
    def _either(self) -> "Journal":
        if bool(self.path) == bool(self.url):
            raise refuse("a journal has a path or a url; write one of them")
        if self.token and self.url.startswith("http://") and not self.private:
            raise refuse("a token would be sent unencrypted; use url: https://... or private: true")
        return self


class DrillHook(Section):
    """A job of CI that reports its drills by `POST /hooks/rehearsals/NAME`."""

    name: HookName = Field(description="last step of its URL, and who recorded its drills")
    secret: Reference | None = Field(default=None, description="key of its HMAC signature")
    token: Reference | None = Field(default=None, description="bearer token, where it cannot sign")
    per_minute: int = Field(default=60, ge=1, le=6000, description="maximum requests per minute")

    @model_validator(mode="after")
    def _proved(self) -> "DrillHook":
        if not (self.secret or self.token):
            raise refuse(f"{self.name} has no authentication; add secret: env:NAME or token: env:NAME")
        return self


class RehearsalSettings(Section):
    """Where rehearsals are on record beside the clouds and Kubernetes."""

    gremlin: GremlinSettings | None = Field(default=None, description="Gremlin")
    steadybit: SteadybitSettings | None = Field(default=None, description="Steadybit")
    chaos_toolkit: tuple[Journal, ...] = Field(default=(), description="journals of Chaos Toolkit")
    hooks: tuple[DrillHook, ...] = Field(
        default=(), description="jobs of CI that send their drills by POST /hooks/rehearsals/NAME"
    )
    services: dict[str, ServiceName] = Field(
        default={}, description="what these products call a service -> its name in `services`"
    )

    def beside(self, folder: Path) -> "RehearsalSettings":
        """The same settings with relative paths and `file:` references that start at this folder."""
        return self.model_copy(
            update={
                "gremlin": _moved(self.gremlin, folder, "key"),
                "steadybit": _moved(self.steadybit, folder, "token"),
                "chaos_toolkit": tuple(_moved(journal, folder, "token", "path") for journal in self.chaos_toolkit),
                "hooks": tuple(_moved(hook, folder, "token", "secret") for hook in self.hooks),
            }
        )

    @field_validator("hooks")
    @classmethod
    def _one_each(cls, value: tuple[DrillHook, ...]) -> tuple[DrillHook, ...]:
        names = [hook.name for hook in value]
        for name in names:
            if names.count(name) > 1:
                raise refuse(f"two hooks are named {quote(name)}; names must be unique")
        return value
