"""Services that were found or imported -> the commented text of a backstay.yaml that loads again as it is."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.catalogue import secret_kind

SCHEMA_LINE = "# yaml-language-server: $schema=./backstay.schema.json"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
# Words that one YAML or another takes for something else than text.
_RESERVED = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


@dataclass(frozen=True, slots=True)
class Need:
    """A dependency, and why it is there; `because` empty: it was said, not guessed."""

    on: str
    because: str = ""
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """One service to be written. Each `*_because` is the reason of a guess, empty where somebody said so.

    `tags`, `stacks`, `arns` find its resources. `remarks` are comments above it.
    """

    name: str
    remarks: tuple[str, ...] = ()
    tier: int = 3
    tier_because: str = ""
    owner: str = ""
    owner_because: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    stacks: tuple[str, ...] = ()
    arns: tuple[str, ...] = ()
    resources_because: str = ""
    needs: tuple[Need, ...] = ()
    runbook: str = ""


def write(drafts: Sequence[Draft], *, source: str, organisation: str = "", notes: Sequence[str] = ()) -> str:
    """The file's text.

    Args:
        drafts: the services.
        source: where they come from, for the first comment.
        organisation: its name, empty to leave it to be filled in.
        notes: what could not be taken over, one line each.
    """
    lines = [
        SCHEMA_LINE,
        f"# Written by `backstay init` from {comment(source)}. Lines marked `guess:` were not said by anybody: check them.",
        "# `backstay schema > backstay.schema.json` lets an editor complete it, `backstay doctor` says what is wrong.",
        *(f"# not taken over: {comment(note)}" for note in notes),
        "",
        f"organisation: {scalar(organisation or 'My organisation')}",
        "currency: USD",
        "",
        *_AUDIENCES,
        "",
        *(_WORTH if drafts else ()),
        "services:" if drafts else "services: []  # nothing was found",
    ]
    for draft in drafts:
        lines += [*_service(draft), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


_AUDIENCES = (
    "# Who is told, and by which routes, tried in this order. Secrets are named, never written here.",
    "# slack: {bot_token: env:SLACK_BOT_TOKEN, signing_secret: env:SLACK_SIGNING_SECRET}",
    "# audiences:",
    "#   platform:",
    "#     timezone: Europe/Berlin",
    "#     routes:",
    '#       - slack: "#resilience"',
    "#       - webhook: {url: env:FALLBACK_URL, secret: env:FALLBACK_SECRET}",
)

_WORTH = (
    "# What a service is worth makes a what-if count people and money. Add to each that you know it of:",
    "#     users: 120000             (people who cannot work without it)",
    "#     revenue_per_hour: 42000   (what an hour without it costs)",
)


def _service(draft: Draft) -> Iterator[str]:
    for remark in draft.remarks:
        yield f"  # {comment(remark)}"
    yield f"  - name: {scalar(draft.name)}"
    yield f"    tier: {draft.tier}{_guess(draft.tier_because)}"
    if draft.owner:
        yield f"    owner: {scalar(draft.owner)}{_guess(draft.owner_because)}"
    if draft.description:
        yield f"    description: {scalar(draft.description)}"
    yield from _resources(draft)
    yield from _needs(draft.needs)
    if draft.runbook:
        yield f"    runbook: {scalar(draft.runbook)}"


def _resources(draft: Draft) -> Iterator[str]:
    if not (draft.tags or draft.stacks or draft.arns):
        yield "    # resources: {tags: {service: " + scalar(draft.name) + "}}   # how to find what it is made of"
        return
    yield f"    resources:{_guess(draft.resources_because)}"
    if draft.tags:
        yield "      tags: {" + ", ".join(f"{scalar(key)}: {scalar(value)}" for key, value in draft.tags.items()) + "}"
    for word, names in (("stacks", draft.stacks), ("arns", draft.arns)):
        if names:
            yield f"      {word}:"
            yield from (f"        - {scalar(name)}" for name in names)


def _needs(needs: Sequence[Need]) -> Iterator[str]:
    if needs:
        yield "    depends_on:"
    for need in needs:
        written = f"{{on: {scalar(need.on)}, soft: true}}" if need.soft else scalar(need.on)
        yield f"      - {written}{_guess(need.because)}"


def _guess(because: str) -> str:
    return f"  # guess: {comment(because)}" if because else ""


def scalar(text: str) -> str:
    """Text as one YAML word on one line, whatever it holds: quotes, colons, line feeds, control characters."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    code = ord(letter)
    if 0xD800 <= code <= 0xDFFF:  # half of a pair is no character at all
        return "\ufffd"
    if letter.isprintable():
        return letter
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def comment(text: str) -> str:
    """Text on one line of a comment; what looks like a secret is left out."""
    if secret_kind(text):
        return "(hidden, it looks like a secret)"
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return plain if len(plain) <= 160 else plain[:159] + "…"
