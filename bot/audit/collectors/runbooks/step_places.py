"""Finds the steps of a runbook that need something in a place: a host, a console or the region that a command is sent to.

Only what such a place must answer for the step counts; a region that is merely mentioned does not. Steps under headings on
detecting and rolling back name the lost place by nature and are left out.
"""

import re
from collections.abc import Iterator

from bot.audit.collectors.runbooks.page_text import MAX_STEPS, step_lines
from bot.audit.collectors.runbooks.sections import DETECT, ROLL_BACK, headings

_SIDES = "north|south|east|west|central|northeast|northwest|southeast|southwest"
_AWS = rf"(?:us|eu|ap|sa|ca|me|af|il|mx|cn)-(?:gov-|iso[a-z]?-)?(?:{_SIDES})-\d"
_GOOGLE = rf"(?:us|europe|asia|australia|southamerica|northamerica|me|africa)-(?:{_SIDES})\d{{1,2}}"
_AZURE = (
    r"(?:east|west|central|northcentral|southcentral|westcentral)us\d?|(?:north|west)europe|uk(?:south|west)|france(?:central|south)"
    r"|germany(?:westcentral|north)|swedencentral|switzerland(?:north|west)|norway(?:east|west)|polandcentral|italynorth|spaincentral"
    r"|(?:east|southeast)asia|japan(?:east|west)|korea(?:central|south)|australia(?:east|southeast|central)|canada(?:central|east)"
    r"|brazil(?:south|southeast)|(?:central|south|west)india|uae(?:north|central)|southafrica(?:north|west)|qatarcentral|israelcentral"
)
_REGIONS = (("aws", _AWS), ("gcp", _GOOGLE), ("azure", _AZURE))
_HOST = re.compile(r"(?<![\w.@-])(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,8}[a-z]{2,24}(?![\w-])", re.IGNORECASE)
_OPTION = re.compile(
    r"(?:--(?:region|location|zone|source-region|context|cluster)[ =]|\bAWS_(?:DEFAULT_)?REGION=|[?&]region=|\bregion=)"
    r"[\"']?(?P<value>[\w:/.@-]{3,120})",
    re.IGNORECASE,
)
_GLOBAL_CONSOLE = "console.aws.amazon.com"
"""Without a region before it: its sign-in and its first page are served from us-east-1
(https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html)."""
_ENDINGS_OF_FILES = (".md", ".sh", ".py", ".yaml", ".yml", ".json", ".txt", ".sql", ".tf", ".log", ".conf", ".html")


def step_needs(text: str) -> tuple[str, ...]:
    """What the steps need, each as `place|number of the step|what`: `aws/us-east-1|4|bastion.us-east-1.example.com`."""
    left_out = _left_out(text)
    found = [
        f"{place}|{number}|{what}"
        for number, (line, step) in enumerate(step_lines(text)[:MAX_STEPS], 1)
        if line not in left_out
        for place, what in needs_of(step)
    ]
    return tuple(dict.fromkeys(found))


def needs_of(step: str) -> Iterator[tuple[str, str]]:
    """The places that one step needs, each with what needs it."""
    for option in _OPTION.finditer(step):
        if place := _place_in(option["value"]):
            yield place, option[0].strip()[:120]
    for host in _HOST.finditer(step):
        name = host[0].lower()
        if name.endswith(_ENDINGS_OF_FILES):
            continue
        place = _place_in(name) or ("aws/us-east-1" if name == _GLOBAL_CONSOLE else "")
        if place:
            yield place, host[0][:120]


def _place_in(word: str) -> str:
    for provider, pattern in _REGIONS:
        found = re.search(rf"(?<![a-z0-9]){pattern}(?![0-9])", word, re.IGNORECASE)
        if found:
            return f"{provider}/{found[0].lower()}"
    return ""


def _left_out(text: str) -> frozenset[int]:
    """The lines under headings on detecting and rolling back."""
    marks = headings(text)
    lines = len(text.splitlines())
    ends = [*(mark.line for mark in marks[1:]), lines]
    return frozenset(
        line
        for mark, end in zip(marks, ends, strict=False)
        if mark.section in (DETECT, ROLL_BACK)
        for line in range(mark.line, end)
    )
