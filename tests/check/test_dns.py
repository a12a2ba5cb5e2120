from datetime import timedelta

import pytest
from support.builders.facts import NOW, certificate, days_ago, dns_record, dns_zone, gap
from support.harness.tables import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, Case, case

from checks import Certificate, DnsRecord, DnsZone, Unread

UNREAD = Unread("access denied to route53domains:GetDomainDetail")
SOON = NOW + timedelta(days=10)

ONE_HOST = dns_record("db-1.internal", policy="simple", siblings=1, targets=("10.0.0.5",), private_zone=True)

CASES = [
    case("DN01", PASS, dns_record()),
    case("DN01", FAIL, dns_record(ttl=300), says="300 s"),
    case("DN01", NOT_APPLICABLE, dns_record(policy="simple", ttl=3600)),
    case("DN01", NOT_APPLICABLE, dns_record(ttl=None)),
    case("DN01", UNKNOWN, gaps=(gap(DnsRecord),)),
    case("DN02", PASS, dns_record()),
    case("DN02", FAIL, dns_record(health_check_exists=False), says="deleted"),
    case("DN02", NOT_APPLICABLE, dns_record(health_check="")),
    case("DN02", NOT_APPLICABLE, dns_record(health_check_exists=None)),
    case("DN02", UNKNOWN, dns_record(health_check_exists=UNREAD)),
    case("DN03", PASS, dns_zone()),
    case("DN03", PASS, dns_zone(delegated_to=("NS-1.example.net.", "ns-2.example.org"))),
    case("DN03", FAIL, dns_zone(delegated_to=("ns-1.example.net", "ns-9.example.org")), says="ns-2.example.org"),
    case("DN03", NOT_APPLICABLE, dns_zone(private=True, delegated_to=())),
    case("DN03", NOT_APPLICABLE, dns_zone(delegated_to=None)),
    case("DN03", UNKNOWN, dns_zone(delegated_to=UNREAD), says="access denied"),
    case("DN03", UNKNOWN, dns_zone(name_servers=())),
    case("DN04", PASS, dns_zone()),
    case("DN04", PASS, dns_zone(expires_at=None)),
    case("DN04", FAIL, dns_zone(auto_renew=False), says="auto-renew off"),
    case("DN04", FAIL, dns_zone(expires_at=SOON), says="2026-12-03"),
    case("DN04", NOT_APPLICABLE, dns_zone(auto_renew=None, expires_at=None)),
    case("DN04", UNKNOWN, dns_zone(auto_renew=None)),
    case("DN04", UNKNOWN, dns_zone(auto_renew=UNREAD)),
    case("DN04", UNKNOWN, gaps=(gap(DnsZone),)),
    case("DN05", PASS, dns_zone()),
    case("DN05", FAIL, dns_zone(registrar_lock=False)),
    case("DN05", NOT_APPLICABLE, dns_zone(registrar_lock=None)),
    case("DN05", UNKNOWN, dns_zone(registrar_lock=UNREAD)),
    case("DN06", PASS, dns_record()),
    case("DN06", PASS, dns_record(policy="simple", siblings=1, targets=("192.0.2.1", "192.0.2.2"))),
    case(
        "DN06",
        FAIL,
        dns_record(policy="simple", siblings=1),
        says="DNS record www.example.com resolves only to 192.0.2.1",
    ),
    case("DN06", FAIL, dns_record(policy="simple", siblings=1, type="AAAA", targets=("2001:db8::1",))),
    case("DN06", NOT_APPLICABLE, dns_record(policy="simple", siblings=1, targets=("front.elb.amazonaws.com",))),
    case("DN06", NOT_APPLICABLE, dns_record(policy="simple", siblings=1, type="CNAME", targets=("a.example.com",))),
    case("DN06", NOT_APPLICABLE, ONE_HOST, says="names one host in a private zone"),
    case("DN06", FAIL, dns_record(policy="simple", siblings=1, private_zone=False)),
    case("DN06", UNKNOWN, gaps=(gap(DnsRecord),)),
    case("DN07", PASS, certificate()),
    case("DN07", FAIL, certificate(expires_at=SOON), says="2026-12-03; its automatic renewal is late"),
    case("DN07", PASS, certificate(expires_at=NOW + timedelta(days=30))),
    case("DN07", PASS, certificate(renews_itself=False)),
    case("DN07", FAIL, certificate(renews_itself=False, expires_at=SOON), says="2026-12-03"),
    case("DN07", FAIL, certificate(expires_at=days_ago(1)), says="expired on"),
    case("DN07", FAIL, certificate(expires_at=None), says="never issued"),
    case("DN07", NOT_APPLICABLE, certificate(in_use=False, expires_at=days_ago(1))),
    case("DN07", UNKNOWN, certificate(expires_at=UNREAD)),
    case("DN07", PASS, certificate(renews_itself=UNREAD)),
    case("DN07", FAIL, certificate(renews_itself=UNREAD, expires_at=SOON), says="expires on 2026-12-03"),
    case("DN07", UNKNOWN, certificate(in_use=UNREAD)),
    case("DN07", UNKNOWN, gaps=(gap(Certificate),)),
    case("DN01", FAIL, dns_record(ttl=61)),
    case("DN04", PASS, dns_zone(expires_at=NOW + timedelta(days=30))),
    case("DN04", FAIL, dns_zone(expires_at=NOW + timedelta(days=29))),
    case("DN07", PASS, certificate(renews_itself=False, expires_at=NOW + timedelta(days=30))),
    case("DN07", FAIL, certificate(renews_itself=False, expires_at=NOW + timedelta(days=29))),
    case("DN07", FAIL, certificate(expires_at=NOW), says="expired on"),
]


@pytest.mark.parametrize("row", CASES, ids=str)
def test_dns(row: Case) -> None:
    row.hold()
