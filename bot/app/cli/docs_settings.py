"""The settings reference, generated from the models of backstay.yaml: every key, its default and its meaning."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_args, get_origin

import yaml

from bot.app.cli.docs_tables import table
from bot.app.settings import SettingsFile, schema
from bot.catalogue import Section


class SettingRow(NamedTuple):
    """One key of the reference. `default` is YAML as it is typed; empty where there is none."""

    key: str
    default: str
    meaning: str


def settings() -> list[str]:
    """One table of the keys at the top of the file, then one for each section below it."""
    lines: list[str] = []
    for title, about, rows in sections():
        lines += ["", f"### {title}", "", about, ""] if title else []
        lines += table(("Setting", "Default", "Meaning"), ((_key(row), _shown(row), row.meaning) for row in rows))
    return lines


def sections() -> Iterator[tuple[str, str, list[SettingRow]]]:
    """Each section's title, its description and its keys; the title of the file's own keys is empty."""
    definitions = schema()["$defs"]
    yield "", "", list(_rows(SettingsFile, "", schema()["properties"]))
    waiting = list(_below(SettingsFile, ""))
    while waiting:
        prefix, model = waiting.pop(0)
        yield f"`{prefix}`", _about(model), list(_rows(model, _joined(prefix), _properties(definitions, model)))
        waiting = [*_below(model, _joined(prefix)), *waiting]


def _rows(model: type[Section], prefix: str, properties: Mapping[str, Any]) -> Iterator[SettingRow]:
    for name, field in model.model_fields.items():
        described = properties[name]
        default = "" if field.is_required() else _default(_shortened(field.annotation, described.get("default")))
        yield SettingRow(prefix + name, "required" if field.is_required() else default, described["description"])


def _below(model: type[Section], prefix: str) -> Iterator[tuple[str, type[Section]]]:
    """The sections that a section's keys hold, with the path of each: `services[]` for a list, `audiences.NAME` for names."""
    for name, field in model.model_fields.items():
        for suffix, found in _held(field.annotation):
            yield f"{prefix}{name}{suffix}", found


def _held(annotation: Any) -> Iterator[tuple[str, type[Section]]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield "", annotation
    origin = get_origin(annotation)
    suffix = "[]" if origin is tuple else ".NAME" if origin is dict else ""
    for inner in get_args(annotation):
        yield from ((suffix + rest, found) for rest, found in _held(inner))


def _joined(prefix: str) -> str:
    return f"{prefix}."


def _properties(definitions: Mapping[str, Any], model: type[Section]) -> Mapping[str, Any]:
    """The described keys of a section, also where a bare word may stand for it."""
    found = definitions[model.__name__]
    for form in (found, *found.get("anyOf", ())):
        if "properties" in form:
            properties: Mapping[str, Any] = form["properties"]
            return properties
    raise KeyError(model.__name__)


def _about(model: type[Section]) -> str:
    text = " ".join((model.__doc__ or "").split())
    if not model.short:
        return text
    kind = "list" if model.bare is list else "value"
    return f"{text} Short form: a bare {kind} stands for `{model.short}`."


def _shortened(annotation: Any, default: Any) -> Any:
    """A section's default as its short form: `false` for `{enabled: false, ...}`."""
    if isinstance(default, dict) and isinstance(annotation, type) and issubclass(annotation, Section):
        return default.get(annotation.short)
    return default


def _default(value: Any) -> str:
    """The default as YAML on one line; empty for what is empty."""
    if value in (None, "", [], {}) or isinstance(value, dict):
        return ""
    text: str = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True)
    return text.removesuffix("\n").removesuffix("\n...")


def _key(row: SettingRow) -> str:
    """The whole path of a key where it is short; below lists and names the last step, since the heading has the rest."""
    deep = row.key.count(".") > 1 or "[]" in row.key or "NAME" in row.key
    return f"`{row.key.rpartition('.')[2] if deep else row.key}`"


def _shown(row: SettingRow) -> str:
    return f"`{row.default}`" if row.default and row.default != "required" else row.default
