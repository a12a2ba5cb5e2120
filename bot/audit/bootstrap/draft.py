"""Writes a commented backstay.yaml from drafts of services. `backstay` loads the text as it is written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.audit.bootstrap.contacts import NOBODY, Contacts, contact_lines
from bot.audit.bootstrap.yaml_text import comment, comment_lines, scalar

SCHEMA_LINE = "# yaml-language-server: $schema=./backstay.schema.json"


@dataclass(frozen=True, slots=True)
class DraftDependency:
    """A dependency of a drafted service. `reason` is why it was guessed, empty where the source states it."""

    target: str
    reason: str = ""
    soft: bool = False


@dataclass(frozen=True, slots=True)
class ServiceDraft:
    """One service to be written. Each `*_reason` is why a value was guessed, empty where the source states it.

    `tags`, `stacks` and `arns` select its resources. `remarks` become comments above it.
    """

    name: str
    remarks: tuple[str, ...] = ()
    tier: int = 3
    tier_reason: str = ""
    owner: str = ""
    owner_reason: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    stacks: tuple[str, ...] = ()
    arns: tuple[str, ...] = ()
    resources_reason: str = ""
    dependencies: tuple[DraftDependency, ...] = ()
    runbook: str = ""


@dataclass(frozen=True, slots=True)
class Remarks:
    """What a reader has to know beside the services, one line each.

    `skipped`: entities that are no services; `unread`: failed reads; `doubts`: what was not guessed, and why;
    `unclaimed`: lines of comment about resources that belong to no service, at the end of the file.
    """

    skipped: Sequence[str] = ()
    unread: Sequence[str] = ()
    doubts: Sequence[str] = ()
    unclaimed: Sequence[str] = ()


_NO_REMARKS = Remarks()


def write_catalogue(  # noqa: PLR0913 - each is a part of the file
    drafts: Sequence[ServiceDraft],
    *,
    source: str,
    organisation: str = "",
    who: Contacts = NOBODY,
    remarks: Remarks = _NO_REMARKS,
    accounts: Sequence[str] = (),
) -> str:
    """The text of a backstay.yaml.

    Args:
        drafts: the services.
        source: where they come from, named in the first comment.
        organisation: its name; empty writes a placeholder.
        who: the first audience and the responders.
        remarks: comments about what is not in the file.
        accounts: ids of the accounts to read; none are written where it is empty.
    """
    lines = [
        SCHEMA_LINE,
        f"# Written by `backstay init` from {comment(source)}. Check the values marked `guess:`.",
        "# `backstay schema > backstay.schema.json` enables completion in editors; `backstay doctor` checks this file.",
        *_remark_lines(remarks),
        "",
        f"organisation: {scalar(organisation or 'My organisation')}",
        "currency: USD",
        *(["accounts:", *(f"  - {scalar(account)}" for account in accounts)] if accounts else ()),
        "",
        *contact_lines(who),
        "",
        *(_REVENUE if drafts else ()),
        "services:" if drafts else "services: []  # no services found",
    ]
    for draft in drafts:
        lines += [*_service_lines(draft), ""]
    lines += ["", *remarks.unclaimed] if remarks.unclaimed and not drafts else remarks.unclaimed
    return "\n".join(lines).rstrip("\n") + "\n"


def _remark_lines(remarks: Remarks) -> Iterator[str]:
    for name, notes in (("skipped", remarks.skipped), ("not read", remarks.unread), ("doubt", remarks.doubts)):
        for note in notes:
            yield from comment_lines(f"{name}: {note}")


_REVENUE = (
    "# With these two figures a what-if counts affected users and lost revenue. Add them to the services below:",
    "#     users: 120000             (users who depend on the service)",
    "#     revenue_per_hour: 42000   (revenue lost per hour of outage)",
)


def _service_lines(draft: ServiceDraft) -> Iterator[str]:
    for remark in draft.remarks:
        yield f"  # {comment(remark)}"
    yield f"  - name: {scalar(draft.name)}"
    yield f"    tier: {draft.tier}{_guess(draft.tier_reason)}"
    if draft.owner:
        yield f"    owner: {scalar(draft.owner)}{_guess(draft.owner_reason)}"
    if draft.description:
        yield f"    description: {scalar(draft.description)}"
    yield from _resource_lines(draft)
    yield from _dependency_lines(draft.dependencies)
    if draft.runbook:
        yield f"    runbook: {scalar(draft.runbook)}"


def _resource_lines(draft: ServiceDraft) -> Iterator[str]:
    if not (draft.tags or draft.stacks or draft.arns):
        yield "    # resources: {tags: {service: " + scalar(draft.name) + "}}   # how backstay finds its resources"
        return
    yield f"    resources:{_guess(draft.resources_reason)}"
    if draft.tags:
        yield "      tags: {" + ", ".join(f"{scalar(key)}: {scalar(value)}" for key, value in draft.tags.items()) + "}"
    for key, values in (("stacks", draft.stacks), ("arns", draft.arns)):
        if values:
            yield f"      {key}:"
            yield from (f"        - {scalar(value)}" for value in values)


def _dependency_lines(dependencies: Sequence[DraftDependency]) -> Iterator[str]:
    if dependencies:
        yield "    depends_on:"
    for dependency in dependencies:
        target = scalar(dependency.target)
        entry = f"{{on: {target}, soft: true}}" if dependency.soft else target
        yield f"      - {entry}{_guess(dependency.reason)}"


def _guess(reason: str) -> str:
    return f"  # guess: {comment(reason)}" if reason else ""
