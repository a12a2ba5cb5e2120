"""Backstage's catalog-info.yaml -> drafts: components and their systems, APIs and resources, owners and links."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.audit.bootstrap.draft import Draft, Need, write
from bot.catalogue import ConfigError, ConfigProblem, Document, did_you_mean, read_documents, secret_kind, spell

_SERVICES = ("component", "resource", "api", "system")
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
    """One entity: what it is, and where it stands in the file."""

    kind: str
    namespace: str
    name: str
    body: Mapping[str, Any]
    document: Document

    @property
    def key(self) -> Key:
        return self.kind.lower(), self.namespace.lower(), self.name.lower()

    def at(self, *path: str) -> Any:
        """A value inside it, None where there is none."""
        value: Any = self.body
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        return value

    def text(self, *path: str) -> str:
        value = self.at(*path)
        return value.strip() if isinstance(value, str) else ""

    def line(self, *path: str | int) -> tuple[str, int, int]:
        """Where a path of it stands: path in words, line, column."""
        found, line, column = self.document.place(path)
        return spell(found), line, column


def from_backstage(text: str, path: str = "catalog-info.yaml", *, organisation: str = "") -> str:
    """The text of a backstay.yaml for the entities of a catalog-info.yaml (one document or many).

    Components become services; resources, APIs and systems do where something depends on them. Other kinds are left
    out, and the text says so.

    Raises:
        ConfigError: it is not YAML, or an entity says neither what it is nor how it is called.
    """
    problems: list[ConfigProblem] = []
    notes: list[str] = []
    entities = list(_entities(text, path, problems, notes))
    if problems:
        raise ConfigError(problems)
    if not entities and not notes:
        raise ConfigError(
            [ConfigProblem(path, 0, 0, "", "holds no Backstage entity (apiVersion, kind, metadata, spec)")]
        )
    wanted = _wanted(entities)
    names = _names(wanted) | _provided(wanted, _names(wanted))
    drafts = [_draft(entity, names, path, notes) for entity in wanted]
    return write(drafts, source=f"Backstage's {path}", organisation=organisation, notes=notes)


def _entities(text: str, path: str, problems: list[ConfigProblem], notes: list[str]) -> Iterator[_Entity]:
    seen: dict[Key, int] = {}
    for document in read_documents(text, path):
        problems += document.problems
        line, column = document.places.get((), (0, 0))
        body = document.data
        if document.problems or body is None:
            continue
        entity = _entity(body, document)
        if entity is None:
            problems.append(ConfigProblem(path, line, column, "", "an entity needs kind and metadata.name, both text"))
        elif not _NAME.fullmatch(entity.name):
            where = entity.line("metadata", "name")
            problems.append(
                ConfigProblem(path, where[1], where[2], where[0], "a name is letters, digits, - _ . and no more")
            )
        elif entity.kind.lower() not in _SERVICES:
            hint = did_you_mean(entity.kind, _KNOWN_KINDS) if entity.kind not in _KNOWN_KINDS else ""
            notes.append(f"{path}:{line}: {entity.kind} {entity.name}, a kind that is no service{hint}")
        elif entity.text("spec", "type").lower() in _NOT_RUNNING:
            notes.append(f"{path}:{line}: {entity.name}, a {entity.text('spec', 'type')}, which does not run by itself")
        elif entity.key in seen:
            text = f"{entity.kind} {entity.name!r} is already taken in line {seen[entity.key]}"
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
    space = metadata.get("namespace") if isinstance(metadata, dict) else None
    return _Entity(kind.strip(), space if isinstance(space, str) else "default", name.strip(), body, document)


def _wanted(entities: Sequence[_Entity]) -> list[_Entity]:
    """Components, and whatever else is depended on, but no API which a component provides: that component it is."""
    used = {key for entity in entities for _, key in _references(entity)}
    used -= {key for entity in entities for key in _provides(entity)}
    return [entity for entity in entities if entity.kind.lower() == "component" or entity.key in used]


def _provides(entity: _Entity) -> Iterator[Key]:
    listed = entity.at("spec", "providesApis")
    for written in listed if isinstance(listed, list) else ():
        if isinstance(written, str) and written.strip():
            yield _key(written, "api", entity.namespace)


def _provided(entities: Sequence[_Entity], names: Names) -> dict[Key, str]:
    """API -> the name of the component that provides it: who consumes the one needs the other."""
    return {key: names[entity.key] for entity in entities for key in _provides(entity)}


def _names(entities: Sequence[_Entity]) -> dict[Key, str]:
    """What each is called here: its name, with its kind where two kinds share it, with its namespace likewise."""
    bare = Counter(entity.name.lower() for entity in entities)
    kinds = Counter((entity.name.lower(), entity.kind.lower()) for entity in entities)
    names = {}
    for entity in entities:
        name = entity.name
        if bare[name.lower()] > 1 and entity.kind.lower() != "component":
            name += f" ({entity.kind.lower()})"
        if kinds[entity.name.lower(), entity.kind.lower()] > 1 and entity.namespace.lower() != "default":
            name = f"{entity.namespace}-{name}"
        names[entity.key] = name
    return names


def _references(entity: _Entity) -> Iterator[tuple[str, Key]]:
    """What it depends on or consumes: as written, and the key of the entity that is meant."""
    for field, kind in (("dependsOn", "component"), ("consumesApis", "api")):
        listed = entity.at("spec", field)
        for written in listed if isinstance(listed, list) else ():
            if isinstance(written, str) and written.strip():
                yield written, _key(written, kind, entity.namespace)


def _key(reference: str, kind: str, namespace: str) -> Key:
    """`[kind:][namespace/]name`, in small letters as Backstage compares them."""
    before, colon, rest = reference.strip().lower().rpartition(":")
    space, slash, name = rest.rpartition("/")
    return before if colon else kind, space if slash else namespace.lower(), name


def _draft(entity: _Entity, names: Names, path: str, notes: list[str]) -> Draft:
    number, because = _tier(entity)
    name = names[entity.key]
    owner = entity.text("spec", "owner").rpartition(":")[2].rpartition("/")[2]
    tags = _tags(entity)
    return Draft(
        name=name,
        remarks=(f"part of the system {system}",) if (system := entity.text("spec", "system")) else (),
        tier=number,
        tier_because=because,
        owner="" if secret_kind(owner) else owner,
        description=_sayable(entity.text("metadata", "description") or entity.text("metadata", "title")),
        tags=tags or {"service": entity.name},
        resources_because="" if tags else "that its resources carry this tag",
        needs=tuple(_needs(entity, names, path, notes)),
        runbook=_runbook(entity),
    )


def _tier(entity: _Entity) -> tuple[int, str]:
    for where in ("labels", "annotations"):
        words = entity.at("metadata", where)
        for key, value in words.items() if isinstance(words, Mapping) else ():
            word = str(value).lower().replace("tier", "").strip(" -_")
            if key.rpartition("/")[2].lower() in _TIER_LABELS and word in _TIER_WORDS:
                return _TIER_WORDS[word], ""
    lifecycle = entity.text("spec", "lifecycle")
    if lifecycle.lower() in _LIVE:
        return _LIVE[lifecycle.lower()], f"its lifecycle is {lifecycle}"
    return 3, "nothing tells how important it is"


def _needs(entity: _Entity, names: Names, path: str, notes: list[str]) -> Iterator[Need]:
    told = {names[entity.key]}
    for written, key in _references(entity):
        name = names.get(key)
        if name is None:
            _, line, _ = entity.line("spec", "dependsOn")
            notes.append(f"{path}:{line}: {entity.name} depends on {written}, which is not in this file")
        elif name not in told:
            told.add(name)
            yield Need(name)


def _tags(entity: _Entity) -> dict[str, str]:
    """The tags by which AWS's own plugins for Backstage find an entity's resources: `component=shop,env=prod`."""
    for annotation in _TAG_ANNOTATIONS:
        pairs = (pair.partition("=") for pair in entity.text("metadata", "annotations", annotation).split(","))
        tags = {key.strip(): value.strip() for key, equals, value in pairs if equals and key.strip() and value.strip()}
        if tags and not any(map(secret_kind, (*tags, *tags.values()))):
            return tags
    return {}


def _runbook(entity: _Entity) -> str:
    links = entity.at("metadata", "links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, Mapping) and isinstance(address := link.get("url"), str):
            words = " ".join(str(link.get(key) or "") for key in ("title", "type", "icon")) + " " + address
            if any(word in words.lower() for word in _RUNBOOK_WORDS):
                return _sayable(address)
    return ""


def _sayable(text: str) -> str:
    return "" if secret_kind(text) else text[:4000]
