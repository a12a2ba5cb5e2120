"""Finds out which parts a runbook has, by its headings in the wordings that people use.

The parts are those that an answer to an outage goes through: https://sre.google/sre-book/managing-incidents/ and
https://docs.aws.amazon.com/whitepapers/latest/disaster-recovery-workloads-on-aws/testing-disaster-recovery.html.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DETECT, DECIDE, FAIL_OVER, COMMUNICATE, ROLL_BACK = "detect", "decide", "fail_over", "communicate", "roll_back"
SECTIONS = (DETECT, DECIDE, FAIL_OVER, COMMUNICATE, ROLL_BACK)

# Longest first within a heading: `fail back` is no `fail over`, `how to decide to fail over` is a decision.
_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        ROLL_BACK,
        re.compile(
            r"roll(?:ing|ed)?[ -]?back|fail(?:ing|ed)?[ -]?back|switch(?:ing)?[ -]?back|back[ -]?out|\bundo\b|\brevert"
            r"|return(?:ing)? to (?:normal|the primary|primary|service)|move (?:traffic )?back|back to (?:normal|the primary|primary)"
            r"|restor\w+ (?:the )?(?:original|primary|normal)|after the (?:outage|incident)|clean[ -]?up",
            re.IGNORECASE,
        ),
    ),
    (
        DECIDE,
        re.compile(
            r"\bdecid|\bdecision|when (?:to|do|should)\b.*(?:fail|switch|declare|invoke|escalate|use)|\bcriteria|go[ /-]+no[ -]?go"
            r"|\bauthori[sz]|\bapproval|who (?:decides|approves|can declare)|\bdeclar|\bescalat|\bthreshold|\binvocation|\binvok"
            r"|\bseverity|\bassess|\btrigger|\btriage|point of no return|when to use",
            re.IGNORECASE,
        ),
    ),
    (
        COMMUNICATE,
        re.compile(
            r"\bcommunicat|\bcomms\b|\bnotif(?:y|ication|ying)|\bstakeholder|status[ -]?page|\bannounc|\binform(?:ing)?\b"
            r"|who (?:to|do (?:we|i|you)) (?:call|tell|contact|inform|page|notify)|\bcontacts?\b|tell (?:people|customers|users|the)"
            r"|customer (?:message|update)|call tree|war[ -]?room|incident channel",
            re.IGNORECASE,
        ),
    ),
    (
        DETECT,
        re.compile(
            r"\bdetect|\bsymptom|\balert|\balarm|how (?:do|can|will) (?:we|i|you) (?:know|notice|tell)"
            r"|how to (?:notice|recogni[sz]e|tell|spot)"
            r"|\bidentif|\bdiagnos|\bverif(?:y|ication)|\bmonitor|\bdashboard|\bindicat|\bimpact\b"
            r"|is (?:it|this) (?:really )?(?:down|broken)"
            r"|confirm(?:ing)? (?:the|that|it)|\binvestigat|what (?:you|users|customers|we) (?:will )?see"
            r"|\bsigns?\b|health check|first look",
            re.IGNORECASE,
        ),
    ),
    (
        FAIL_OVER,
        re.compile(
            r"fail(?:ing|ed)?[ -]?over|switch(?:ing)?[ -]?over|switch(?:ing)? (?:to|traffic|region)|\bevacuat|\bpromot|disaster recovery"
            r"|\bmitigat|\brecover(?:y|ing)?\b|\bremediat|\brestor(?:e|ing)\b|\bresolution|\bworkaround|\bprocedure"
            r"|(?:shift|move|moving|drain|redirect|reroute)\w* (?:the )?(?:traffic|requests|users|load)|how to fix|^fix(?:es)?$"
            r"|^(?:the )?(?:steps|actions?|what to do|response|instructions)$|second(?:ary)? region|\bstandby",
            re.IGNORECASE,
        ),
    ),
)
_MARKED = re.compile(r"^(?:#{1,6}\s+|={1,6}\s+|\*{1,3}(?=[A-Za-z]))(?P<words>.+?)\s*(?:#+|=+|\*{1,3}:?)?\s*$")
_WIKI = re.compile(r"^h[1-6]\.\s+(?P<words>.+)$")
_UNDERLINE = re.compile(r"^(?:={3,}|-{3,}|~{3,}|\^{3,})\s*$")
_LABEL = re.compile(r"^(?P<words>[A-Z][A-Za-z /&,'()-]{2,60}):\s*$")
_NUMBER = re.compile(r"^(?:step\s+)?(?:\d+|[ivx]+)(?:\.\d+)*[.):]?\s+", re.IGNORECASE)
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class SectionHeading:
    """A heading: its line (from 0), its words, and which part it begins, empty where it begins none of ours."""

    line: int
    words: str
    section: str


def headings(text: str) -> Sequence[SectionHeading]:
    """The headings of a text, as Markdown, AsciiDoc, reStructuredText, wiki markup and plain text mark them."""
    return [SectionHeading(line, words, section_of(words)) for line, words in _found(text.splitlines())]


def sections(text: str) -> tuple[str, ...]:
    """Which of the parts a text has, in the order of `SECTIONS`."""
    found = {heading.section for heading in headings(text)}
    return tuple(section for section in SECTIONS if section in found)


def section_of(words: str) -> str:
    """The part that a heading begins; empty for none."""
    plain = _NUMBER.sub("", words.strip().strip("*_`#: ")).strip()
    return next((section for section, pattern in _WORDS if pattern.search(plain)), "")


def _found(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    fenced = False
    for at, raw in enumerate(lines):
        line = raw.strip()
        if line.startswith(("```", "~~~")) and not _UNDERLINE.match(line):
            fenced = not fenced
        if fenced or not line or len(line) > _LONGEST:
            continue
        following = lines[at + 1].strip() if at + 1 < len(lines) else ""
        match = _MARKED.match(line) or _WIKI.match(line) or _LABEL.match(line)
        if match and not _is_emphasis(line):
            yield at, match["words"]
        elif _UNDERLINE.match(following) and not _UNDERLINE.match(line) and len(following) + 3 >= len(line):
            yield at, line


def _is_emphasis(line: str) -> bool:
    """A line that begins in bold and goes on in plain text is a sentence: `**Note** do not ...`."""
    if not line.startswith("*"):
        return False
    marks = "*" * (len(line) - len(line.lstrip("*")))
    return not line.rstrip(":").endswith(marks)
