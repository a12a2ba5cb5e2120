"""Variables of the environment -> values above those of backstay.yaml: BACKSTAY_SLACK__API_URL is slack.api_url."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, get_args

from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from bot.app.settings.sections import SettingsFile
from bot.catalogue import ConfigProblem, PathSteps, Reference, Section, nearest
from bot.catalogue.secrets import is_reference

PREFIX = "BACKSTAY_"
_NOT_OVERRIDDEN = frozenset(("services", "audiences", "schedules", "providers", "accounts", "tiers"))


class _Variables(EnvSettingsSource):
    """pydantic-settings' reading of variables, from a mapping that is handed in."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        super().__init__(_Overridable, case_sensitive=False, env_prefix=PREFIX, env_nested_delimiter="__")

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._env.items() if value.strip()}


class _Overridable(BaseSettings, SettingsFile):
    # Services and audiences belong into the file: they are long, and their lines are what messages point to.
    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(enable_decoding=False, extra="ignore")


def overlay_from(env: Mapping[str, str]) -> tuple[dict[str, Any], dict[PathSteps, str]]:
    """Values from variables, and the variable that each came from. A secret's value stays where it is: by reference."""
    overlay = {key: value for key, value in _Variables(env)().items() if key not in _NOT_OVERRIDDEN}
    names = {name.lower(): name for name in env}
    origins: dict[PathSteps, str] = {}
    for steps in list(_leaves(overlay, ())):
        name = names.get(PREFIX.lower() + "__".join(steps), PREFIX + "__".join(steps).upper())
        origins[steps] = name
        section: Any = overlay
        for step in steps[:-1]:
            section = section[step]
        value = str(section[steps[-1]])
        if _is_secret(steps, value) and not is_reference(value):
            section[steps[-1]] = f"env:{name}"
    return overlay, origins


def misspelt(env: Mapping[str, str]) -> Iterator[ConfigProblem]:
    """Warn about variables that look like a mistyped setting; they would be ignored silently."""
    ours = {*SettingsFile.model_fields, "config"} - _NOT_OVERRIDDEN
    for name in env:
        first, nested, rest = name.upper().removeprefix(PREFIX).partition("__")
        if name.upper().startswith(PREFIX) and first.lower() not in ours:
            meant = nearest(first.lower(), ours)
            if meant:
                yield ConfigProblem(
                    name, 0, 0, "", f"is not a setting; did you mean {PREFIX}{meant.upper()}{nested}{rest}?"
                )


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    else:
        yield path


def _is_secret(steps: tuple[str, ...], value: str) -> bool:
    if steps == ("ledger",):
        return "@" in value  # an address with a user's name, likely with a password
    section = SettingsFile.model_fields.get(steps[0])
    inner = section.annotation if section else None
    if len(steps) != 2 or not (isinstance(inner, type) and issubclass(inner, Section)):
        return False
    written = inner.model_fields.get(steps[1])
    return written is not None and Reference in (written.annotation, *get_args(written.annotation))
