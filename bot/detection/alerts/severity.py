"""Maps severity words of monitoring systems to severities."""

import re

from bot.model import IncidentSeverity

_WORDS = {
    IncidentSeverity.CRITICAL: "critical crit fatal emergency emerg disaster blocker page sev0 sev1 p0 p1 s1",
    IncidentSeverity.MAJOR: "major error err high severe alert sev2 p2 s2 urgent",
    IncidentSeverity.MINOR: "minor warning warn average medium moderate low degraded sev3 sev4 p3 p4 s3 s4",
    IncidentSeverity.NONE: "none info information informational notice debug ok sev5 p5 s5",
}
_KNOWN = {word: severity for severity, words in _WORDS.items() for word in words.split()}
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def severity_of_word(word: str) -> IncidentSeverity:
    """The severity that a word means. An unknown word, or none, means major: somebody configured an alert for it."""
    return _KNOWN.get(_NOT_WORD.sub("", word.lower()), IncidentSeverity.MAJOR)
