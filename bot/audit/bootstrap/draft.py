"""Writes a commented backstay.yaml from drafts of services. `backstay` loads the text as it is written."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.catalogue import secret_kind

SCHEMA_LINE = "# yaml-language-server: $schema=./backstay.schema.json"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
# Words that some YAML version reads as a boolean or null.
_RESERVED = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


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


def write_catalogue(
    drafts: Sequence[ServiceDraft], *, source: str, organisation: str = "", notes: Sequence[str] = ()
) -> str:
    """The text of a backstay.yaml.

    Args:
        drafts: the services.
        source: where they come from, named in the first comment.
        organisation: its name; empty writes a placeholder.
        notes: what was skipped, one line each.
    """
    lines = [
        SCHEMA_LINE,
        f"# Written by `backstay init` from {comment(source)}. Check the values marked `guess:`.",
        "# `backstay schema > backstay.schema.json` enables completion in editors; `backstay doctor` checks this file.",
        *(f"# skipped: {comment(note)}" for note in notes),
        "",
        f"organisation: {scalar(organisation or 'My organisation')}",
        "currency: USD",
        "",
        *_AUDIENCES,
        "",
        *(_REVENUE if drafts else ()),
        "services:" if drafts else "services: []  # no services found",
    ]
    for draft in drafts:
        lines += [*_service_lines(draft), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


_AUDIENCES = (
    "# Who is notified, by which routes, tried in this order. Reference secrets (env:NAME, file:PATH); never write them here.",
    "# slack: {bot_token: env:SLACK_BOT_TOKEN, signing_secret: env:SLACK_SIGNING_SECRET}",
    "# Who may broadcast, acknowledge and subscribe (responder), and also waive (admin): ids of people and groups. Everybody",
    "# else in your workspace or tenant may only read; guests and other organizations get no answer.",
    "# roles: {responder: [slack:U0123ABCD, slack:S0123GROUP], admin: [slack:U0456EFGH]}",
    "# audiences:",
    "#   platform:",
    "#     timezone: Europe/Berlin",
    "#     routes:",
    '#       - slack: "#resilience"',
    "#       - webhook: {url: env:FALLBACK_URL, secret: env:FALLBACK_SECRET}",
)

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


def scalar(text: str) -> str:
    """Text as a YAML scalar on one line; quotes, colons, line feeds and control characters are escaped."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    code = ord(letter)
    if 0xD800 <= code <= 0xDFFF:  # an unpaired surrogate is not a character
        return "\ufffd"
    if letter.isprintable():
        return letter
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def comment(text: str) -> str:
    """Text as one line of a comment. Text that looks like a secret is replaced."""
    if secret_kind(text):
        return "(hidden: looks like a secret)"
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return printable if len(printable) <= 160 else printable[:159] + "…"
