"""backstay.yaml's text -> one checked model of it; every mistake is told at once, each with its place."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.catalogue.names import KnownNames
from bot.catalogue.problems import ConfigError, ConfigProblem, PathSteps, did_you_mean, spell
from bot.catalogue.saas import SAAS
from bot.catalogue.schema import CatalogueFile
from bot.catalogue.secrets import quote, secret_kind
from bot.catalogue.yaml_source import Document, read_documents
from checks import DEFAULT_TIERS

File = TypeVar("File", bound=CatalogueFile)
Origins = Mapping[PathSteps, str]


def parse(
    text: str, file: str, model: type[File], overlay: Mapping[str, Any] | None = None, origins: Origins | None = None
) -> tuple[File, Document]:
    """Read and judge the text of a backstay.yaml.

    Args:
        text: the file's text; empty stands for no file.
        file: how messages call it.
        model: the shape to read it as.
        overlay: values that win over the file's, as nested mappings.
        origins: path -> what to call the origin of an overlaid value in a message.

    Raises:
        ConfigError: with every mistake found.
    """
    document = _document(text, file)
    raw = document.data if isinstance(document.data, dict) else {}
    problems = [*document.problems]
    if document.data is not None and not isinstance(document.data, dict):
        problems.append(ConfigProblem(file, 1, 1, "", f"expected keys such as services:, not {quote(document.data)}"))
    problems += _secrets(raw, document, file)
    problems += _twins(raw, document, file)
    try:
        made = model.model_validate(_overlaid(raw, overlay or {}), context=known(raw))
    except ValidationError as error:
        told = {problem.where for problem in problems}
        found = (_problem(detail, document, file, model, origins or {}) for detail in error.errors())
        problems += [problem for problem in found if problem.where not in told]
        raise ConfigError(_ordered(problems)) from None
    if problems:
        raise ConfigError(_ordered(problems))
    return made, document


def _document(text: str, file: str) -> Document:
    documents = read_documents(text, file)
    if len(documents) > 1:
        documents[0].problems.append(ConfigProblem(file, 1, 1, "", "contains several YAML documents (---); keep one"))
    return documents[0] if documents else Document()


def _ordered(problems: list[ConfigProblem]) -> list[ConfigProblem]:
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column))


def known(raw: Mapping[str, Any]) -> KnownNames:
    """Every name that the file defines, from its raw data: some of it may turn out to be wrong elsewhere."""
    providers = {name: name for name in SAAS}
    for item in _items(raw.get("providers")):
        one = item if isinstance(item, dict) else {"name": item}
        if isinstance(name := one.get("name"), str):
            aliases = one.get("aliases") or ()
            words = aliases.split(",") if isinstance(aliases, str) else aliases
            providers |= {word.strip().lower(): name for word in [name, *words] if isinstance(word, str)}
    services = (item.get("name") for item in _items(raw.get("services")) if isinstance(item, dict))
    tiers = raw.get("tiers")
    audiences = raw.get("audiences")
    return KnownNames(
        services=frozenset(name.strip() for name in services if isinstance(name, str)),
        audiences=frozenset(audiences if isinstance(audiences, dict) else ()),
        tiers=frozenset(map(str, DEFAULT_TIERS)) | frozenset(tiers if isinstance(tiers, dict) else ()),
        providers=providers,
    )


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _secrets(raw: Any, document: Document, file: str) -> Iterator[ConfigProblem]:
    for path, text in scalars(raw):
        if kind := secret_kind(text):
            _, line, column = document.place(path)
            advice = "secrets do not belong in this file; write env:NAME or file:PATH"
            yield ConfigProblem(file, line, column, spell(path), f"this looks like {kind}; {advice}")


def scalars(value: Any, path: PathSteps = ()) -> Iterator[tuple[PathSteps, str]]:
    """Every text in the data of a document, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from scalars(item, (*path, key))


def _twins(raw: Mapping[str, Any], document: Document, file: str) -> Iterator[ConfigProblem]:
    for section, key in (("services", "name"), ("providers", "name"), ("accounts", "id")):
        first: dict[str, int] = {}
        for index, item in enumerate(_items(raw.get(section))):
            name = item.get(key) if isinstance(item, dict) else item
            if not isinstance(name, str):
                continue
            path, line, column = document.place((section, index, key))
            if name in first:
                yield ConfigProblem(
                    file, line, column, spell(path), f"{quote(name)} is already defined in line {first[name]}"
                )
            first.setdefault(name, line)


def _overlaid(base: Any, over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base) if isinstance(base, dict) else {}
    for key, value in over.items():
        merged[key] = _overlaid(merged.get(key), value) if isinstance(value, Mapping) else value
    return merged


def _problem(
    detail: ErrorDetails, document: Document, file: str, model: type[BaseModel], origins: Origins
) -> ConfigProblem:
    path = tuple(step for step in detail["loc"] if step != "[key]")
    origin = origins.get(path)
    if origin:
        return ConfigProblem(origin, 0, 0, "", _said(detail, path, model))
    found, line, column = document.place(path)
    return ConfigProblem(file, line, column, spell(found), _said(detail, path, model))


_EXPECTED = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "text",
    "tuple": "a list",
    "dict": "a mapping",
}


def _said(detail: ErrorDetails, path: PathSteps, model: type[BaseModel]) -> str:
    """What pydantic found, in the words of somebody who writes the file."""
    kind, context = detail["type"], detail.get("ctx", {})
    last, written = str(path[-1]) if path else "", quote(detail["input"])
    expected = _EXPECTED.get(kind.partition("_")[0])
    match kind:
        case "backstay":
            text = str(context["text"])
        case "missing":
            text = f"{last!r} is missing"
        case "extra_forbidden":
            text = f"unknown key {quote(last)}{did_you_mean(last, _keys_at(model, path[:-1]))}"
        case "enum" | "literal_error":
            text = _not_among(str(detail["input"]), str(context["expected"]))
        case "string_pattern_mismatch":
            text = f"{written} does not have the expected form {context['pattern']}"
        case _ if expected and kind.endswith(("_type", "_parsing", "_from_float")):
            text = f"expected {expected}, not {written}"
        case _:
            text = f"{detail['msg'][0].lower()}{detail['msg'][1:]}"
    return text


def _not_among(written: str, expected: str) -> str:
    names = expected.replace("'", "").replace(" or ", ", ").split(", ")
    return f"expected one of {', '.join(names)}, not {quote(written)}{did_you_mean(written, names)}"


def _keys_at(model: Any, path: PathSteps) -> list[str]:
    """The keys that a mapping at `path` may have, found by walking the model's own annotations."""
    while get_origin(model) is Annotated:
        model = get_args(model)[0]
    if isinstance(model, type) and issubclass(model, BaseModel):
        if not path:
            return list(model.model_fields)
        # A list written for an audience, or a bare word, is lengthened before it is read; such steps name no field.
        inner = model.model_fields.get(str(path[0]))
        return _keys_at(inner.annotation, path[1:]) if inner else []
    arguments = [item for item in get_args(model) if item not in (type(None), Ellipsis)]
    if not arguments:
        return []
    if get_origin(model) in (tuple, list, dict):
        return _keys_at(arguments[-1], path[1:])
    return next((keys for item in arguments if (keys := _keys_at(item, path))), [])
