"""Reads the state and the severity of an incident from the words of its title and its text, in six languages.

Only a statement on the incident itself counts: `once the issue has been resolved` and `not resolved` resolve nothing.
"""

import re

from bot.detection.feeds.parsing.status_words import normalised
from bot.detection.feeds.parsing.status_words import state_of as state_of_word
from bot.model import IncidentSeverity, IncidentState

_MOST_SENTENCES = 60
_KINDS = frozenset({"maintenance", "wartung", "メンテナンス"})
"""Words that name a kind of entry before they name a state."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+|[。\n]+")
_NOT_YET = re.compile(
    r"\b(?:once|until|till|when|whenever|after|before|unless|if|as soon as|not|never|yet to|hasn't|haven't|isn't|will be|to be|being|cannot"
    r"|can't|unable|partially|partly|some of"
    r"|most(?! recent)|mostly|almost|nearly|largely|many|believed|thought|assumed|(?!100)\d+ ?(?:%|percent)|die meisten|einige|manche"
    r"|bis|sobald|wenn|falls|nicht|noch|teilweise|wird|werden|jusqu'|dès que|lorsque|pas encore|hasta"
    r"|cuando|aún no|até|assim que|ainda não)\b|次第|未復旧|まで|ましたら|見込み|予定|作業中|対応中|一部",
    re.IGNORECASE,
)
# Said behind it in the same sentence, or of what is left in a later one.
_NOT_FOR_ALL = re.compile(
    r"^\W*(?:for|in|on|to)?\s*(?:the )?(?:most|some|many|several|certain|almost all|nearly all|(?:a|the) (?:\w+ )?"
    r"(?:subset|majority|portion|part|number)|(?!100)\d+ ?(?:%|percent))\b"
    r"|^\W*(?:für|bei) (?:die meisten|einige|manche|einen teil)|\b(?:but|however|although|though|while|yet|aber|jedoch|mais|pero|mas)\b"
    r".*\b(?:still|not|return\w*|again|continu\w+|remain\w*|some|recur\w*|noch|nicht|wieder|weiterhin|encore|todavía|ainda)\b"
    r"|\b(?:remaining|the rest)\b.*\b(?:still|continu\w+|not)\b|一部|引き続き|ものの",
    re.IGNORECASE,
)
_REMAINS = re.compile(
    r"^\W*(?:however,? |but )?(?:some|several|many|others?|a (?:\w+ )?(?:subset|portion|part|number)"
    r"|the (?:rest|remaining)|(?!100)\d+ ?(?:%|percent))\b"
    r"[^.]*\b(?:still|continue to|remain)\b(?![^.]*\b(?:may|might|should|please)\b)"
    r"|\b(?:errors?|issues?|problems?|symptoms?|it) (?:has|have) (?:since |now )?(?:returned|recurred|reoccurred|come back)\b"
    r"|\b(?:has|have) (?:been )?re-?opened\b|^\W*(?:einige|manche)\b[^.]*\b(?:noch|weiterhin)\b",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"\b(?:has|have|had|is|are|was|were|been)(?: now| also| since| fully| completely| successfully| all| been){0,4} "
    r"(?:resolved|fixed|restored|recovered|completed|remediated|mitigated and resolved)\b|\bmitigated and resolved\b"
    r"|\bwe(?:'ve| have) (?:now |fully |successfully )*(?:resolved|fixed|restored)\b|\b(?:has|have) returned to normal\b"
    r"|\bfull recovery (?:has been |is |was )?(?:confirmed|achieved|observed)"
    r"|\bwir haben (?:[\w-]+ ){1,5}?(?:behoben|gelöst|wiederhergestellt)"
    r"|\blaufen (?:nun |jetzt |alle )*wieder (?:normal|störungsfrei|stabil|fehlerfrei)"
    r"|\bhas (?:now )?(?:fully )?recovered\b|^(?:fully )?(?:resolved|recovered|completed)\b"
    r"|\b(?:is|are) (?:now )?(?:back (?:up|online|to normal)|up again|operating normally|operational again|working (?:again|normally))\b"
    r"|\b(?:all )?(?:systems|services) (?:are )?(?:now )?(?:back to normal|operational|operating normally)\b"
    r"|\b(?:ist|sind|wurden?|konnten?) (?:[\w-]+ ){0,6}?(?:behoben|gelöst|beseitigt|beendet|abgeschlossen|wiederhergestellt)\b"
    r"|\b(?:a été|ont été|est|sont) (?:[\w-]+ ){0,3}?(?:résolue?s?|rétablie?s?|corrigée?s?|terminée?s?)\b"
    r"|\b(?:ha sido|han sido|fue|está|quedó|se ha|foi|foram|está) (?:[\w-]+ ){0,3}?"
    r"(?:resuelt[oa]s?|solucionad[oa]s?|restablecid[oa]s?|resolvid[oa]s?|normalizad[oa]s?|concluíd[oa]s?)\b"
    r"|(?:復旧|解消|解決|完了|終了)(?:いた|致)?(?:しました|済み|済|しております|しています|されました)|正常に(?:稼働|ご利用)",
    re.IGNORECASE,
)
_SAID = (
    (
        IncidentState.MONITORING,
        re.compile(
            r"\bwe (?:are|continue to|will continue to|'re)\s*(?:closely |currently |now )?monitor"
            r"|\b(?:fix|mitigation) (?:has been|is|was) "
            r"(?:now )?(?:implemented|deployed|applied|in place|rolled out)|\brecovering\b|\bwird (?:weiter )?(?:beobachtet|überwacht)"
            r"|監視(?:中|して)|経過(?:を)?観察",
            re.IGNORECASE,
        ),
    ),
    (
        IncidentState.IDENTIFIED,
        re.compile(
            r"\b(?:have|has|'ve) (?:now |also )?(?:identified|determined|found|isolated|narrowed down)\b"
            r"|\b(?:cause|problem|issue) (?:has been|was|is) "
            r"(?:now )?(?:identified|found)|\bworking (?:on|to) (?:a |the )?(?:fix|resol|restor|mitigat|repair)"
            r"|\bursache (?:wurde |ist )?(?:[\w-]+ ){0,3}?(?:identifiziert|gefunden)|(?:arbeiten|arbeitet) [^.]{0,60}(?:lösung|behebung)"
            r"|原因(?:を|が)?特定|復旧(?:作業|対応)",
            re.IGNORECASE,
        ),
    ),
    (
        IncidentState.INVESTIGATING,
        re.compile(
            r"\b(?:is|are|'re)\s+(?:currently |actively |still |now |continuing to |also )*(?:investigat|looking into)"
            r"|\bcontinue to investigat|\bwork(?:ing)? on (?:it|this|the (?:issue|problem|matter))\b"
            r"|\bunder investigation\b|\b(?:are|is|we're) (?:currently )?aware of\b|\bwir untersuchen\b|\bwird (?:[\w-]+ )?untersucht\b"
            r"|\b(?:nous|on) enquêt|\ben cours d['\u2019]investigation"
            r"|\bestamos investigando|\bestá(?:n)? investigando|\besta(?:mos|o) investigando"
            r"|調査(?:中|して|を)|確認して(?:おり|い)|発生して(?:おり|い)",
            re.IGNORECASE,
        ),
    ),
)
# What stands alone at the end of a title, behind a dash or in brackets: `Login fails - Resolved`, `【復旧】メール`.
_MARK = re.compile(r"[\[(【\uff08]\s*([^\])】\uff09]{2,30}?)\s*[\])】\uff09]|\s[-–—:|]\s*([^-–—:|]{2,30})$")
_LAST = re.compile(
    r"(?:^|\s)(?:is |are |has |have |was |been |now |fully )*"
    r"(resolved|recovered|completed|restored|behoben|gelöst|abgeschlossen|beendet|wiederhergestellt|résolue?|rétablie?|terminée?"
    r"|resuelt[oa]|solucionad[oa]|resolvid[oa]|concluíd[oa]|(?:has|have) been fixed|wieder (?:verfügbar|erreichbar|online)"
    r"|(?:back )?(?:up again|back up|back online|back to normal))\W*$"
    r"|(?:復旧|解消|解決|完了|終了)(?:しました|いたしました|済み|済|のお知らせ|のご報告)?\W*$",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:not|never|no|cannot|can't|unable|fail\w* to|isn't|aren't|without|until|being|to be|soon|partially|partly|mostly"
    r"|almost|nearly|wird|werden|teilweise|größtenteils|partiellement|parcialmente|nicht|kein\w*|pas|non|sin|não)\b"
    r"|未|ません|できな",
    re.IGNORECASE,
)
_GRADES = (
    (
        IncidentSeverity.CRITICAL,
        re.compile(
            r"\b(?:(?:major|full|total|complete|global|widespread|critical)(?: service| system)? (?:outages?|failure|disruption)"
            r"|totalausfall|komplettausfall|panne (?:majeure|générale|totale)|caída total|queda total)\b|全面(?:障害|停止)|大規模障害",
            re.IGNORECASE,
        ),
    ),
    (
        IncidentSeverity.MINOR,
        re.compile(
            r"\b(?:minor (?:outage|disruption|issue|incident|impact)\w*|feature (?:disruption|degradation)|teilstörung\w*)\b|軽微",
            re.IGNORECASE,
        ),
    ),
    (
        IncidentSeverity.MAJOR,
        re.compile(
            r"\b(?:outages?|(?:service|system|network) (?:disruptions?|interruptions?|failure)|major (?:incident|disruption|issue|impact)"
            r"|(?:is|are|goes|went|currently) down|down(?:time)?$|unavailab(?:le|ility)|(?:not|un)[ -]?reachable|inaccessible|offline"
            r"|(?:\w*stör|störungs)\w*ung\w*|störung\w*|\w*ausf[aä]ll\w*|nicht (?:erreichbar|verfügbar)|panne|indisponible|interrupción"
            r"|caída|caído|interrupção|indisponível|fora do ar)\b|障害|停止|ダウン|利用できない|接続できない|アクセスできない",
            re.IGNORECASE,
        ),
    ),
    (
        IncidentSeverity.MINOR,
        re.compile(
            r"\b(?:degrad\w+|slow\w*|latenc\w+|delay\w*|elevated|intermittent\w*|increased error\w*|performance (?:issue|problem)s?"
            r"|partial(?:ly)?|eingeschränkt\w*|\w*einschränkung\w*|\w*beeinträchtig\w+|verzögerung\w*|verlangsam\w+|langsam\w*|dégrad\w+"
            r"|ralenti\w*|lenteurs?|degradaci[oó]n|degradad[oa]s?|lentitud|lentidão|intermiten\w+|instabilidade|retrasos?|atrasos?)\b"
            r"|影響|遅延|不安定|つながりにくい|低下|不具合",
            re.IGNORECASE,
        ),
    ),
)


def mark_in_title(title: str) -> IncidentState | None:
    """The state that a title bears in brackets or behind a dash (`Login fails - Resolved`, `【復旧】...`); None if it bears none."""
    for match in _MARK.finditer(title):
        word = (match[1] or match[2]).strip()
        if (found := state_of_word(word)) and normalised(word) not in _KINDS:
            return found
    return None


def end_of_title(title: str) -> IncidentState | None:
    """Resolved if the last words of a title say so (`Login issues resolved`, `API recovered`); None if they do not."""
    last = _LAST.search(title)
    return IncidentState.RESOLVED if last and not _DENIED.search(title[: last.end()]) else None


def state_in_prose(text: str) -> IncidentState | None:
    """The state that a text states, else None.

    Resolved wherever it says so of everybody and no later sentence takes it back; else what its first telling sentence says.
    """
    first = None
    sentences = _SENTENCE.split(text)[:_MOST_SENTENCES]
    for number, sentence in enumerate(sentences, 1):
        over = _OVER.search(sentence)
        if over and not _NOT_YET.search(_clause(sentence, over)) and not _NOT_FOR_ALL.search(sentence[over.end() :]):
            return None if any(map(_REMAINS.search, sentences[number:])) else IncidentState.RESOLVED
        first = first or next((state for state, words in _SAID if words.search(sentence)), None)
    return first


def _clause(sentence: str, said: re.Match[str]) -> str:
    """What a sentence says up to these words, since its last comma."""
    return re.split(r"[,;、]", sentence[: said.start()])[-1] + said[0]


def severity_in_title(title: str) -> IncidentSeverity | None:
    """The severity that a title states (`Service Disruption`, `Major outage of ...`, `Störung ...`); None if it states none."""
    return next((grade for grade, words in _GRADES if words.search(title)), None)
