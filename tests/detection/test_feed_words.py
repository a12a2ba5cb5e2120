"""States, severities and maintenance in the words of titles and texts, in the languages that status pages use."""

from datetime import UTC, datetime

import pytest

from bot.detection.feeds import parse
from bot.detection.feeds.parsing.announcement import announces_maintenance, planned_window
from bot.detection.feeds.parsing.prose import severity_in_title, state_in_prose
from bot.detection.feeds.parsing.status_words import severity_of, state_of
from bot.model import ProviderIncident


def told(title: str, text: str = "") -> ProviderIncident:
    body = (
        "<rss version='2.0'><channel><title>Lantern</title><link>https://status.lantern.example</link>"
        f"<item><title>{title}</title><guid>one</guid><description><![CDATA[<p>{text}</p>]]></description></item></channel></rss>"
    )
    [incident] = parse(body.encode()).page.incidents
    return incident


@pytest.mark.parametrize(
    ("title", "state"),
    [
        ("Login issues resolved", "resolved"),
        ("API recovered", "resolved"),
        ("Mail is back up", "resolved"),
        ("Mail delays - Monitoring", "monitoring"),
        ("[Investigating] Mail delays", "investigating"),
        ("Mail delays (identified)", "identified"),
        ("RESOLVED: Mail delays", "resolved"),
        ("Störung Mail - behoben", "resolved"),
        ("Ausfall Mail (gelöst)", "resolved"),
        ("Behoben: Ausfall Mail", "resolved"),
        ("【復旧】メール障害", "resolved"),
        ("【解消済み】メール障害", "resolved"),
        ("メール障害が復旧しました", "resolved"),
        ("【調査中】メール障害", "investigating"),
        ("Panne de messagerie - résolue", "resolved"),
        ("Interrupción del correo - Resuelto", "resolved"),
        ("Falha no e-mail - Resolvido", "resolved"),
        ("Backups cannot be restored", None),
        ("Payments not completed", None),
        ("Unresolved hosts", None),
        ("Mail outage - partially resolved", None),
        ("Störung Mail wird behoben", None),
        ("Störung Mail (teilweise behoben)", None),
        ("Mail soon to be restored", None),
        ("Mail outage has been fixed", "resolved"),
        ("Login fails - this is resolved", "resolved"),
        ("Backups fail to be restored", None),
        ("Mail ist wieder verfügbar", "resolved"),
        ("Erledigt: Ausfall Mail", "resolved"),
        ("Closed: mail delays", "resolved"),
        ("Investigating elevated errors", "investigating"),
        ("Monitoring agents lose data", None),
        ("Single Sign-On (SSO)", None),
        ("メール障害 未復旧", None),
    ],
)
def test_the_state_that_a_title_carries(title: str, state: str | None) -> None:
    assert told(title).state == state


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("The issues affecting logins have been resolved. All users may log in.", "resolved"),
        ("Traffic has been restored. This event is mitigated and resolved.", "resolved"),
        ("Once the fix was deployed, the incident was resolved.", "resolved"),
        ("Engineering is investigating reports of failures. We work to resolve this.", "investigating"),
        ("We are aware of an issue with logins.", "investigating"),
        ("We have identified the cause and are deploying a fix.", "identified"),
        ("A fix has been implemented and we are monitoring the results.", "monitoring"),
        ("We will post again once the issue has been resolved.", None),
        ("The problem is not resolved.", None),
        ("It will be resolved soon.", None),
        ("Some of the servers have been restored.", None),
        ("The issue is resolved for most customers, but some still see errors.", None),
        ("We have restored service for 80% of customers; the rest still see errors.", None),
        ("Most services have been restored.", None),
        ("We believed this was resolved, but errors have returned.", None),
        ("The issue has been resolved. However, some customers still see errors.", None),
        ("The API has recovered. Since 10:00 the errors have returned.", None),
        ("Die Störung ist für die meisten Kunden behoben.", None),
        ("復旧しましたが、一部のお客様で影響が続いています。", None),
        ("The issue has been resolved. If you still see errors, contact support.", "resolved"),
        ("The issue has been resolved. Customers who still see errors should clear their cache.", "resolved"),
        ("The issue has been resolved, and we continue to monitor.", "resolved"),
        ("Most recent update: the issue has been resolved.", "resolved"),
        ("Traffic is at 100 % and the service has been restored.", "resolved"),
        ("Service has been restored for 100% of customers.", "resolved"),
        ("We have resolved the issue.", "resolved"),
        ("The service has returned to normal.", "resolved"),
        ("We continue to work on the issue.", "investigating"),
        ("Wir haben das Problem behoben.", "resolved"),
        ("Alle Systeme laufen wieder normal.", "resolved"),
        ("現在、障害が発生しております。", "investigating"),
        ("Die Störung ist behoben.", "resolved"),
        ("Das Problem konnte vollständig behoben werden.", "resolved"),
        ("Sobald die Störung behoben ist, melden wir uns.", None),
        ("Wir untersuchen das Problem.", "investigating"),
        ("復旧いたしました。ご迷惑をおかけしました。", "resolved"),
        ("障害は解消しました。", "resolved"),
        ("現在、原因を調査中です。", "investigating"),
        ("復旧作業を行っています。", "identified"),
        ("復旧次第、お知らせします。", None),
        ("L'incident a été résolu.", "resolved"),
        ("El problema ha sido resuelto.", "resolved"),
        ("O problema foi resolvido.", "resolved"),
    ],
)
def test_the_state_that_a_text_tells(text: str, state: str | None) -> None:
    assert state_in_prose(text) == state
    assert told("Mail", text).state == state


@pytest.mark.parametrize(
    ("title", "severity"),
    [
        ("Service Disruption", "major"),
        ("Outage of the API", "major"),
        ("Major outage", "critical"),
        ("Complete service outage", "critical"),
        ("Feature Disruption", "minor"),
        ("Feature Degradation", "minor"),
        ("Service Degradation", "minor"),
        ("Degraded performance", "minor"),
        ("Partial outage", "major"),
        ("Mail is unavailable", "major"),
        ("Elevated errors", "minor"),
        ("Störung Mailserver", "major"),
        ("Netzwerkausfall", "major"),
        ("Totalausfall", "critical"),
        ("Eingeschränkte Erreichbarkeit", "minor"),
        ("メール障害", "major"),
        ("メール送信の遅延", "minor"),
        ("一部のお客様に影響", "minor"),
        ("Mail", None),
        ("Incident with Copilot", None),
    ],
)
def test_the_severity_that_a_title_carries(title: str, severity: str | None) -> None:
    assert severity_in_title(title) == severity


@pytest.mark.parametrize(
    ("title", "text", "link", "planned"),
    [
        ("Restart", "Scheduled for May 31, 2026 from 09:30 to 10:00 UTC.", "", True),
        ("Restart", "", "https://s.example/maintenance/77", True),
        ("Network", "We will be performing scheduled maintenance on the network.", "", True),
        ("Maintenance: router", "", "", True),
        ("Emergency maintenance of the API, short outage", "", "", True),
        ("Systemwartung am Samstag", "", "", True),
        ("Datenbank", "Am Samstag führen wir Wartungsarbeiten durch.", "", True),
        ("【メンテナンス】定期作業", "", "", True),
        ("データベース", "下記の日程でメンテナンスを実施します。", "", True),
        ("Mantenimiento programado", "", "", True),
        ("Manutenção programada", "", "", True),
        ("Errors after maintenance", "", "", False),
        ("Outage following scheduled maintenance", "", "", False),
        ("Störung nach Wartung", "", "", False),
        ("メンテナンス後の障害", "", "", False),
        ("API errors", "Scheduled for a fix tonight.", "", False),
        ("Failed scheduled maintenance jobs", "", "", False),
        ("API", "We postponed the scheduled maintenance.", "", False),
        ("Maintenance API returns errors", "We are investigating.", "", False),
        ("Maintenance mode cannot be switched off", "", "", False),
        ("Maintenance of disks, errors expected", "We will replace disks.", "", True),
    ],
)
def test_maintenance_is_told_from_trouble(title: str, text: str, link: str, planned: bool) -> None:
    assert announces_maintenance(title, text, link) is planned


@pytest.mark.parametrize(
    ("title", "text", "state"),
    [
        ("Maintenance: disks", "We will replace disks.", "scheduled"),
        ("Maintenance: disks", "The maintenance is in progress.", "in_progress"),
        ("Maintenance: disks", "The maintenance has been completed.", "resolved"),
        ("Maintenance completed", "", "resolved"),
        ("Maintenance cancelled", "", "resolved"),
        ("Maintenance: disks", "The maintenance planned for Sunday has been cancelled.", "resolved"),
        ("Maintenance: disks", "Running jobs are cancelled when it begins.", "scheduled"),
        ("Wartung: Platten", "Die Wartung ist abgeschlossen.", "resolved"),
        ("【メンテナンス】ディスク", "メンテナンスは終了しました。", "resolved"),
    ],
)
def test_the_state_of_a_maintenance(title: str, text: str, state: str) -> None:
    incident = told(title, text)
    assert (incident.state, incident.severity) == (state, "maintenance")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Scheduled for May 31, 2026 from 09:30 to 10:00 UTC.", "2026-05-31T09:30", "2026-05-31T10:00"),
        ("Scheduled for Jun 2, 2026 at 11:00 PM - 1:00 AM PDT", "2026-06-03T06:00", "2026-06-03T08:00"),
        ("THIS IS A SCHEDULED EVENT Jul 3, 03:00 - 05:30 UTC", "2026-07-03T03:00", "2026-07-03T05:30"),
        ("THIS WAS A SCHEDULED EVENT Dec 31, 23:00 - Jan 1, 01:00 UTC", "2025-12-31T23:00", "2026-01-01T01:00"),
        (
            "Start: 22.08.2026 02:00 UTC. End: 22.08.2026 04:00 UTC. Location nbg1.",
            "2026-08-22T02:00",
            "2026-08-22T04:00",
        ),
        ("Beginn: 22.08.2026 02:00 Uhr MESZ\nEnde: 22.08.2026 04:00 Uhr MESZ", "2026-08-22T00:00", "2026-08-22T02:00"),
        ("Von 22.08.2026 22:00 bis 02:00 Uhr", "2026-08-22T22:00", "2026-08-23T02:00"),
        ("maintenance on 2026-07-03 between 03:00 and 05:30 UTC", "2026-07-03T03:00", "2026-07-03T05:30"),
        ("日時: 2026年8月22日(土) 02:00 \uff5e 04:00 JST", "2026-08-21T17:00", "2026-08-21T19:00"),
        ("開始日時: 2026/08/22 02:00 JST", "2026-08-21T17:00", None),
        ("From 30 Nov 2026 02:00 UTC to 30 Nov 2026 04:00 UTC", "2026-11-30T02:00", "2026-11-30T04:00"),
        ("Window: 2026-11-30T02:00:00Z - 2026-11-30T04:00:00Z", "2026-11-30T02:00", "2026-11-30T04:00"),
        ("From 30 Nov 2026 04:00 UTC to 30 Nov 2026 02:00 UTC", None, None),
        ("We will tell you when.", None, None),
    ],
)
def test_when_a_maintenance_is_to_be(text: str, start: str | None, end: str | None) -> None:
    window = planned_window(text, datetime(2026, 3, 1, tzinfo=UTC))
    assert tuple(moment and moment.strftime("%Y-%m-%dT%H:%M") for moment in window) == (start, end)


def test_status_words_alone_in_a_field() -> None:
    words = {"Gelöst": "resolved", "解決済み": "resolved", "調査中": "investigating", "En cours d'investigation": "investigating",
             "Reopened": "investigating", "Geplant": "scheduled", "進行中": "in_progress", "In Progress": "in_progress"}  # fmt: skip
    assert {word: state_of(word) for word in words} == words
    assert severity_of("Teilausfall") == "major"
    assert severity_of("全面障害") == "critical"
    assert state_of("Purpur") is None
