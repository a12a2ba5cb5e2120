"""Reads Backstage's catalog-info.yaml: components, APIs, resources and systems become drafts of services."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.audit.bootstrap.contacts import NOBODY, Contacts
from bot.audit.bootstrap.draft import DraftDependency, Remarks, ServiceDraft, write_catalogue
from bot.catalogue import ConfigError, ConfigProblem, Document, did_you_mean, read_documents, secret_kind, spell

_SERVICE_KINDS = ("component", "resource", "api", "system")
_KNOWN_KINDS = ("Component", "API", "Resource", "System", "Group", "User", "Domain", "Location", "Template")
_LIVE = {"production": 2, "deprecated": 3, "experimental": 4}
_TIER_LABELS = ("tier", "criticality", "service-tier")
_TIER_WORDS = {"critical": 1, "high": 2, "medium": 3, "low": 4} | {str(number): number for number in range(1, 5)}
_TAG_ANNOTATIONS = ("aws.amazon.com/amazon-ecs-service-tags", "aws.amazon.com/cost-insights-tags")
_NOT_RUNNING = ("library", "documentation")
_RUNBOOK_WORDS = ("runbook", "run book", "playbook", "on-call", "oncall")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
Key = tuple[str, str, str]
Names = Mapping[Key, str]


@dataclass(frozen=True, slots=True)
class _Entity:
    """One entity of the file, with the document that it was read from."""

    kind: str
    namespace: str
    name: str
    body: Mapping[str, Any]
    document: Document

    @property
    def key(self) -> Key:
        return self.kind.lower(), self.namespace.lower(), self.name.lower()

    def at(self, *path: str) -> Any:
        """The value at a path, None where there is none."""
        value: Any = self.body
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        return value

    def text(self, *path: str) -> str:
        value = self.at(*path)
        return value.strip() if isinstance(value, str) else ""

    def line(self, *path: str | int) -> tuple[str, int, int]:
        """The place of a path in the file: the path as text, line, column."""
        place, line, column = self.document.place(path)
        return spell(place), line, column


def catalogue_from_backstage(
    text: str, path: str = "catalog-info.yaml", *, organisation: str = "", who: Contacts = NOBODY
) -> str:
    """The text of a backstay.yaml with the entities of a catalog-info.yaml (one document or many).

    Components become services; resources, APIs and systems do if another entity depends on them. Other kinds are
    skipped, and a comment names each of them.

    Raises:
        ConfigError: the text is not YAML, or an entity has no kind or no name.
    """
    return _catalogue(read_documents(text, path), path, organisation, who)


def catalogue_from_entities(
    entities: Iterable[Mapping[str, Any]], source: str, *, organisation: str = "", who: Contacts = NOBODY
) -> str:
    """The same from entities as Backstage's API gives them. `source`: its address.

    Raises:
        ConfigError: an entity has no kind or no name, or there is none.
    """
    documents = (document for entity in entities for document in read_documents(json.dumps(entity), source))
    return _catalogue(documents, source, organisation, who)


def entity_owners(entities: Iterable[Mapping[str, Any]], source: str) -> dict[str, str]:
    """The services among entities, by the name that the catalogue gives them, with the owner of each."""
    documents = (document for entity in entities for document in read_documents(json.dumps(entity), source))
    services = _services(list(_entities(documents, source, [], [])))
    names = _unique_names(services)
    return {
        names[entity.key]: entity.text("spec", "owner").rpartition("/")[2].rpartition(":")[2] for entity in services
    }


def _catalogue(documents: Iterable[Document], path: str, organisation: str, who: Contacts) -> str:
    problems: list[ConfigProblem] = []
    notes: list[str] = []
    entities = list(_entities(documents, path, problems, notes))
    if problems:
        raise ConfigError(problems)
    if not entities and not notes:
        raise ConfigError(
            [ConfigProblem(path, 0, 0, "", "contains no Backstage entity (apiVersion, kind, metadata, spec)")]
        )
    services = _services(entities)
    names = _unique_names(services)
    names |= _provider_names(services, names)
    drafts = [_draft(entity, names, path, notes) for entity in services]
    source, remarks = f"the Backstage catalogue {path}", Remarks(skipped=notes)
    return write_catalogue(drafts, source=source, organisation=organisation, who=who, remarks=remarks)


def _entities(
    documents: Iterable[Document], path: str, problems: list[ConfigProblem], notes: list[str]
) -> Iterator[_Entity]:
    seen: dict[Key, int] = {}
    for document in documents:
        problems += document.problems
        line, column = document.places.get((), (0, 0))
        body = document.data
        if document.problems or body is None:
            continue
        entity = _entity(body, document)
        if entity is None:
            problems.append(
                ConfigProblem(path, line, column, "", "entity lacks kind or metadata.name (both must be text)")
            )
        elif not _NAME.fullmatch(entity.name):
            where = entity.line("metadata", "name")
            problems.append(
                ConfigProblem(
                    path, where[1], where[2], where[0], "invalid name; use letters, digits, - _ and . (at most 100)"
                )
            )
        elif entity.kind.lower() not in _SERVICE_KINDS:
            hint = did_you_mean(entity.kind, _KNOWN_KINDS) if entity.kind not in _KNOWN_KINDS else ""
            notes.append(f"{path}:{line}: {entity.kind} {entity.name}: this kind is not a service{hint}")
        elif entity.text("spec", "type").lower() in _NOT_RUNNING:
            notes.append(f"{path}:{line}: {entity.name}: a {entity.text('spec', 'type')} does not run by itself")
        elif entity.key in seen:
            text = f"{entity.kind} {entity.name!r} is already defined in line {seen[entity.key]}"
            problems.append(ConfigProblem(path, line, column, "", text))
        else:
            seen[entity.key] = line
            yield entity


def _entity(body: Any, document: Document) -> _Entity | None:
    metadata = body.get("metadata") if isinstance(body, dict) else None
    kind = body.get("kind") if isinstance(body, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not (isinstance(kind, str) and isinstance(name, str) and kind.strip() and name.strip()):
        return None
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    return _Entity(kind.strip(), namespace if isinstance(namespace, str) else "default", name.strip(), body, document)


def _services(entities: Sequence[_Entity]) -> list[_Entity]:
    """Components, and other entities that something depends on; an API with a provider is represented by its component."""
    used = {key for entity in entities for _, key in _references(entity)}
    used -= {key for entity in entities for key in _provided_apis(entity)}
    return [entity for entity in entities if entity.kind.lower() == "component" or entity.key in used]


def _provided_apis(entity: _Entity) -> Iterator[Key]:
    references = entity.at("spec", "providesApis")
    for reference in references if isinstance(references, list) else ():
        if isinstance(reference, str) and reference.strip():
            yield _key(reference, "api", entity.namespace)


def _provider_names(entities: Sequence[_Entity], names: Names) -> dict[Key, str]:
    """The name of the component that provides each API: a consumer of the API depends on that component."""
    return {key: names[entity.key] for entity in entities for key in _provided_apis(entity)}


def _unique_names(entities: Sequence[_Entity]) -> dict[Key, str]:
    """The service name of each entity; kind and namespace are added where two entities share a name."""
    uses = Counter(entity.name.lower() for entity in entities)
    kinds = Counter((entity.name.lower(), entity.kind.lower()) for entity in entities)
    names = {}
    for entity in entities:
        name = entity.name
        if uses[name.lower()] > 1 and entity.kind.lower() != "component":
            name += f" ({entity.kind.lower()})"
        if kinds[entity.name.lower(), entity.kind.lower()] > 1 and entity.namespace.lower() != "default":
            name = f"{entity.namespace}-{name}"
        names[entity.key] = name
    return names


def _references(entity: _Entity) -> Iterator[tuple[str, Key]]:
    """The entities that it depends on or consumes: each reference as written, and its key."""
    for field, kind in (("dependsOn", "component"), ("consumesApis", "api")):
        references = entity.at("spec", field)
        for reference in references if isinstance(references, list) else ():
            if isinstance(reference, str) and reference.strip():
                yield reference, _key(reference, kind, entity.namespace)


def _key(reference: str, kind: str, namespace: str) -> Key:
    """The key of `[kind:][namespace/]name`, in lower case as Backstage compares references."""
    written_kind, colon, rest = reference.strip().lower().rpartition(":")
    written_namespace, slash, name = rest.rpartition("/")
    return written_kind if colon else kind, written_namespace if slash else namespace.lower(), name


def _draft(entity: _Entity, names: Names, path: str, notes: list[str]) -> ServiceDraft:
    tier, tier_reason = _tier(entity)
    name = names[entity.key]
    owner = entity.text("spec", "owner").rpartition(":")[2].rpartition("/")[2]
    tags = _tags(entity)
    return ServiceDraft(
        name=name,
        remarks=(f"Backstage system: {system}",) if (system := entity.text("spec", "system")) else (),
        tier=tier,
        tier_reason=tier_reason,
        owner="" if secret_kind(owner) else owner,
        description=_without_secrets(entity.text("metadata", "description") or entity.text("metadata", "title")),
        tags=tags or {"service": entity.name},
        resources_reason="" if tags else "no tag annotation; backstay expects this tag on its resources",
        dependencies=tuple(_dependencies(entity, names, path, notes)),
        runbook=_runbook(entity),
    )


def _tier(entity: _Entity) -> tuple[int, str]:
    for section in ("labels", "annotations"):
        labels = entity.at("metadata", section)
        for key, value in labels.items() if isinstance(labels, Mapping) else ():
            level = str(value).lower().replace("tier", "").strip(" -_")
            if key.rpartition("/")[2].lower() in _TIER_LABELS and level in _TIER_WORDS:
                return _TIER_WORDS[level], ""
    lifecycle = entity.text("spec", "lifecycle")
    if lifecycle.lower() in _LIVE:
        return _LIVE[lifecycle.lower()], f"lifecycle is {lifecycle}"
    return 3, "no tier label and no known lifecycle"


def _dependencies(entity: _Entity, names: Names, path: str, notes: list[str]) -> Iterator[DraftDependency]:
    seen = {names[entity.key]}
    for reference, key in _references(entity):
        name = names.get(key)
        if name is None:
            _, line, _ = entity.line("spec", "dependsOn")
            notes.append(f"{path}:{line}: {entity.name} depends on {reference}, which is not in this file")
        elif name not in seen:
            seen.add(name)
            yield DraftDependency(name)


def _tags(entity: _Entity) -> dict[str, str]:
    """The tags of AWS's Backstage plugins that select an entity's resources: `component=shop,env=prod`."""
    for annotation in _TAG_ANNOTATIONS:
        pairs = (pair.partition("=") for pair in entity.text("metadata", "annotations", annotation).split(","))
        tags = {key.strip(): value.strip() for key, equals, value in pairs if equals and key.strip() and value.strip()}
        if tags and not any(map(secret_kind, (*tags, *tags.values()))):
            return tags
    return {}


def _runbook(entity: _Entity) -> str:
    links = entity.at("metadata", "links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, Mapping) and isinstance(url := link.get("url"), str):
            text = " ".join(str(link.get(key) or "") for key in ("title", "type", "icon")) + " " + url
            if any(word in text.lower() for word in _RUNBOOK_WORDS):
                return _without_secrets(url)
    return ""


def _without_secrets(text: str) -> str:
    return "" if secret_kind(text) else text[:4000]
