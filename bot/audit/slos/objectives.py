"""Finds the objectives of services in the OpenSLO files that they list. Reads files."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.audit.slos.documents import Documents, OpenSloError, documents_of
from bot.audit.slos.openslo import service_of, slos_of
from bot.model.entries import CatalogueEntry
from bot.model.slos import DeclaredSlo, Slo


@dataclass(frozen=True, slots=True)
class SloProblem:
    """An objective or a whole file that cannot be used, with the reason."""

    service: str
    name: str
    reason: str


def objectives_of(entries: Iterable[CatalogueEntry]) -> list[Slo | SloProblem]:
    """The objectives of all listed files, and what cannot be used. Blocks: run it in a thread."""
    documents, files = Documents(), dict[str, str]()
    for path in dict.fromkeys(declared.path for entry in entries for declared in entry.declared.slos):
        try:
            documents.add(documents_of(path.name, path.read_text(encoding="utf-8"), str(path)))
        except OpenSloError as error:
            files[str(path)] = str(error)
        except (OSError, UnicodeError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not text in UTF-8"
            files[str(path)] = f"{path.name} cannot be read: {why.lower()}"
    found: list[Slo | SloProblem] = []
    for entry in entries:
        for declared in entry.declared.slos:
            name = entry.service.name
            if problem := files.get(str(declared.path)):
                found.append(SloProblem(name, declared.path.name, problem))
            else:
                found += _of_service(name, declared, documents)
    return found


def _of_service(service: str, declared: DeclaredSlo, documents: Documents) -> list[Slo | SloProblem]:
    """The objectives of a file that are a service's: those named, else those that name the service, else all of one service."""
    here = [document for document in documents.slos if document.path == str(declared.path)]
    chosen = [document for document in here if document.name in declared.only]
    if missing := set(declared.only) - {document.name for document in chosen}:
        return [SloProblem(service, declared.path.name, f"{declared.path.name} has no SLO {min(missing)}")]
    names = {_plain(service_of(document)) for document in here}
    if not declared.only:
        chosen = [document for document in here if _plain(service_of(document)) == _plain(service)]
        if not chosen and len(names) == 1:
            chosen = here
    if not chosen:
        others = ", ".join(sorted(names)) or "no service"
        reason = f"{declared.path.name} has no SLO of {service} (it has those of {others}); list names under only:"
        return [SloProblem(service, declared.path.name, reason)]
    found: list[Slo | SloProblem] = []
    for document in chosen:
        try:
            slos = slos_of(document, documents, service)
            found += [replace(slo, monitor=declared.monitor) for slo in slos]
        except OpenSloError as error:
            found.append(SloProblem(service, document.name, str(error)))
    return found


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "-")
