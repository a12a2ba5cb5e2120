"""The words that pages use for states and severities, alone in a field or before a dash, in six languages."""

import re
import unicodedata
from functools import lru_cache

from bot.model import IncidentSeverity, IncidentState

_STATE_WORDS = {
    IncidentState.INVESTIGATING: """
        investigating investigation reopened ongoing
        untersuchung inuntersuchung wirduntersucht inanalyse analyse
        enquête encoursd'analyse encoursdinvestigation
        investigando eninvestigación investigación eminvestigação eminvestigacao analisando
        調査中 確認中 発生中
    """,
    IncidentState.IDENTIFIED: """
        identified fixing mitigating
        identifiziert ursacheidentifiziert inbearbeitung identifié identificado identificada
        原因特定 特定済み 原因を特定 特定 対応中 復旧作業中 復旧対応中
    """,
    IncidentState.MONITORING: """
        mitigated monitoring watching recovering
        überwachung unterbeobachtung beobachtung wirdüberwacht
        surveillance soussurveillance monitoreando enobservación monitorando monitoramento emobservação
        監視中 経過観察中 経過観察 モニタリング モニタリング中 監視
    """,
    IncidentState.RESOLVED: """
        resolved postmortem fixed closed completed cancelled canceled maintenancecomplete maintenancecompleted recovered
        restored
        behoben gelöst abgeschlossen beendet erledigt geschlossen wiederhergestellt
        résolu résolue terminé terminée rétabli corrigé resuelto resuelta solucionado solucionada completado completada
        finalizado finalizada resolvido resolvida concluído concluída concluido normalizado
        解決済み 解決 復旧 復旧済み 復旧済 復旧しました 解消 解消済み 完了 終了 事後報告
    """,
    IncidentState.SCHEDULED: """
        scheduled planned upcoming notstartedyet maintenancescheduled
        geplant angekündigt planifié planifiée programado programada planificado agendado agendada planejado
        予定 計画 計画済み
    """,
    IncidentState.IN_PROGRESS: """
        inprogress maintenanceinprogress verifying maintenance
        indurchführung laufend wirddurchgeführt wartung encours maintenanceencours encurso enprogreso
        ementandamento emandamento
        進行中 実施中 作業中 検証中 メンテナンス中 メンテナンス
    """,
}
_SEVERITY_WORDS = {
    IncidentSeverity.NONE: "none operational ok up available",
    IncidentSeverity.MAINTENANCE: "maintenance undermaintenance wartung メンテナンス",
    IncidentSeverity.MINOR: """
        minor low degraded degradedperformance degradation featuredegradation featuredisruption servicedegradation
        performanceissue performanceissues eingeschränkt einschränkung beeinträchtigung teilstörung gering niedrig
        dégradé dégradée mineur degradado degradada menor 一部影響 遅延 性能低下 軽微
    """,
    IncidentSeverity.MAJOR: """
        partialoutage medium major servicedisruption disruption serviceinterruption
        störung ausfall teilausfall panne majeur interrupción interrupção 障害 一部障害
    """,
    IncidentSeverity.CRITICAL: """
        critical high majoroutage fulloutage outage down unavailable downtime serviceoutage
        totalausfall komplettausfall kritisch schwerwiegend critique crítico crítica 全面障害 重大 停止中
    """,
}


@lru_cache(maxsize=2_048)
def normalised(word: str) -> str:
    """A status word in small letters, without spaces and marks; letters of any script stay."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", word).lower())


STATES = {normalised(word): state for state, words in _STATE_WORDS.items() for word in words.split()}
SEVERITIES = {normalised(word): severity for severity, words in _SEVERITY_WORDS.items() for word in words.split()}


def state_of(word: str) -> IncidentState | None:
    """The state that a status word means; None if it is unknown."""
    return STATES.get(normalised(word))


def severity_of(word: str) -> IncidentSeverity | None:
    """The severity that a status word means; None if it is unknown."""
    return SEVERITIES.get(normalised(word))
