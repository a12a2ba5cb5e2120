"""Every request starts with a name. On 20 October 2025 one empty DNS record took down a region, and DNS is slow to recover.

A cached answer outlives the repair, a wrong delegation is found days later, and an expired domain takes everything
with it.
"""

import ipaddress
from datetime import datetime, timedelta

from checks._check import check
from checks._facts import Certificate, DnsRecord, DnsZone, Unread, known
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._nouns import named, subject
from checks._words import listed

_TTL_SECONDS = 60
_TIME_TO_ACT = timedelta(days=30)


@check(
    id="DN01",
    title="Routing records have a TTL of 60 s or less",
    severity=Severity.MEDIUM,
    lesson="On 20 October 2025 the record was fixed at 09:25 UTC, but clients recovered only by 09:40: they waited "
    "for cached answers to expire.",
    remediation="Set `TTL: 60` on the routing records with `aws route53 change-resource-record-sets`, or use alias "
    "records.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/best-practices-dns.html",
)
def short_ttl(service: Service, record: DnsRecord) -> Verdict:
    """Apply to records with a routing policy; an alias takes the TTL of its target."""
    if record.policy == "simple" or record.ttl is None:
        return not_applicable(f"{subject(record)} has no routing policy, or is an alias")
    if record.ttl <= _TTL_SECONDS:
        return passed(f"{subject(record)} has a TTL of {record.ttl} s", ttl=record.ttl)
    return failed(
        f"{subject(record)} has a TTL of {record.ttl} s; clients of {service.name} keep the old answer that long after a "
        "failover",
        ttl=record.ttl,
    )


@check(
    id="DN02",
    title="Health checks used by records exist",
    severity=Severity.HIGH,
    lesson="A record whose health check was deleted counts as healthy forever, or is never returned: failover is "
    "gone and nothing shows it.",
    remediation="Create a health check (`aws route53 create-health-check`) and set it as `HealthCheckId` in the "
    "record with `aws route53 change-resource-record-sets`.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-deleting.html",
)
def health_check_exists(_: Service, record: DnsRecord) -> Verdict:
    """Apply to records with a health check."""
    if not record.health_check:
        return not_applicable(f"{subject(record)} has no health check")
    exists = known(record.health_check_exists)
    if exists is None:
        return not_applicable(f"Health check of {named(record)} belongs to another product")
    if exists:
        return passed(f"Health check of {named(record)} exists", health_check=record.health_check)
    return failed(f"{subject(record)} uses a health check that was deleted", health_check=record.health_check)


def _normalised(names: tuple[str, ...]) -> set[str]:
    return {name.lower().rstrip(".") for name in names}


@check(
    id="DN03",
    title="Registrar delegates to the zone's name servers",
    severity=Severity.HIGH,
    lesson="A recreated zone gets new name servers; the delegation to the old ones works from caches for two days "
    "and then stops.",
    remediation="Run `aws route53domains update-domain-nameservers --domain-name NAME --nameservers ...` with the "
    "name servers that `aws route53 get-hosted-zone` prints.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/domain-name-servers-glue-records.html",
)
def delegation_matches(_: Service, zone: DnsZone) -> Verdict:
    """Apply to public zones whose delegation is visible."""
    delegated = None if zone.private else known(zone.delegated_to)
    if delegated is None:
        return not_applicable(f"{subject(zone)} is private, or its delegation is not visible in this account")
    if not zone.name_servers:
        return unknown(f"Name servers of {named(zone)} are unknown")
    wrong = _normalised(delegated) ^ _normalised(zone.name_servers)
    if not wrong:
        return passed(f"{subject(zone)} is delegated to its {len(zone.name_servers)} name servers")
    return failed(f"Delegation of {named(zone)} does not match its name servers; they differ in {listed(wrong)}")


@check(
    id="DN04",
    title="Domain has auto-renew on and at least 30 days left",
    severity=Severity.HIGH,
    lesson="Domains of large companies have expired because a credit card had, or because the person who got the "
    "mail had left. Then nothing resolves, mail included.",
    remediation="Run `aws route53domains enable-domain-auto-renew --domain-name NAME`; renew now with `aws "
    "route53domains renew-domain`.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/domain-renew.html",
)
def domain_renews(_: Service, zone: DnsZone, now: datetime) -> Verdict:
    """Apply to zones whose domain registration is visible."""
    end = zone.expires_at
    if end is not None and not isinstance(end, Unread) and end - now < _TIME_TO_ACT:
        return failed(f"Domain {zone.name} expires on {end:%Y-%m-%d}", expires_at=end.isoformat())
    if zone.auto_renew is False:
        return failed(f"Domain {zone.name} has auto-renew off")
    renews, expires = known(zone.auto_renew), known(end)
    if renews is None and expires is None:
        return not_applicable(f"Registration of {zone.name} is not visible in this account")
    until = f" (expires on {expires:%Y-%m-%d})" if expires else ""
    if renews is None:
        return unknown(f"Auto-renew of domain {zone.name} is unknown{until}")
    return passed(f"Domain {zone.name} has auto-renew on{until}")


@check(
    id="DN05",
    title="Domain has a transfer lock",
    severity=Severity.LOW,
    lesson="Without a transfer lock one approved e-mail is enough to move a domain to another registrar, and with it "
    "all traffic.",
    remediation="Run `aws route53domains enable-domain-transfer-lock --domain-name NAME`.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/domain-lock.html",
)
def domain_locked(_: Service, zone: DnsZone) -> Verdict:
    """Apply to zones whose domain registration is visible."""
    locked = known(zone.registrar_lock)
    if locked is None:
        return not_applicable(f"Registration of {zone.name} is not visible in this account")
    if locked:
        return passed(f"Domain {zone.name} has a transfer lock")
    return failed(f"Domain {zone.name} has no transfer lock and can be moved to another registrar")


def _is_address(target: str) -> bool:
    try:
        ipaddress.ip_address(target)
    except ValueError:
        return False
    return True


@check(
    id="DN06",
    title="Name does not depend on a single IP address",
    severity=Severity.MEDIUM,
    lesson="A name with one IP address fails with that machine: a person has to edit DNS in the middle of the outage. In a "
    "private zone such a record is the name of one host, and what the host's loss costs is judged at the host.",
    remediation="Use an alias to a load balancer (`AliasTarget` in `aws route53 change-resource-record-sets`), or "
    "several multivalue records with health checks.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-multivalue.html",
)
def several_targets(_: Service, record: DnsRecord) -> Verdict:
    """Apply to records of literal IP addresses."""
    addresses = [target for target in record.targets if _is_address(target)]
    if record.type not in ("A", "AAAA") or not addresses:
        return not_applicable(f"{subject(record)} holds no IP address")
    if len(set(record.targets)) >= 2 or record.siblings >= 2:
        return passed(f"{subject(record)} resolves to several addresses")
    if record.private_zone:
        return not_applicable(f"{subject(record)} names one host in a private zone")
    return failed(
        f"{subject(record)} resolves only to {addresses[0]}; the name fails with that machine", target=addresses[0]
    )


@check(
    id="DN07",
    title="Certificate in use has at least 30 days left",
    severity=Severity.HIGH,
    lesson="On 3 February 2020 Microsoft Teams was down for hours because a certificate had expired unnoticed.",
    remediation="Request a certificate with DNS validation (`aws acm request-certificate --validation-method DNS`), "
    "which renews automatically while its DNS record exists: restore that record where a renewal is stuck (`aws acm "
    "describe-certificate`); renew imported ones with `aws acm import-certificate`.",
    docs="https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html",
)
def certificate_valid(_: Service, certificate: Certificate, now: datetime) -> Verdict:
    """Fail a certificate near its end also where it renews automatically: then its renewal is stuck.

    Issuers renew well before (ACM 60 days: user guide, "Managed certificate renewal"), so in the last 30 days it is late.
    """
    if not known(certificate.in_use):
        return not_applicable(f"{subject(certificate)} is not in use")
    expires = known(certificate.expires_at)
    if expires is None:
        return failed(f"{subject(certificate)} is in use but was never issued")
    if expires <= now:
        return failed(f"{subject(certificate)} expired on {expires:%Y-%m-%d}")
    renews = certificate.renews_itself is True  # where this could not be read, the date alone decides
    if expires - now >= _TIME_TO_ACT:
        how = "renews automatically before" if renews else "is valid until"
        return passed(f"{subject(certificate)} {how} {expires:%Y-%m-%d}")
    if renews:
        return failed(
            f"{subject(certificate)} expires on {expires:%Y-%m-%d}; its automatic renewal is late, so it is stuck"
        )
    manual = " and does not renew automatically" if certificate.renews_itself is False else ""
    return failed(f"{subject(certificate)} expires on {expires:%Y-%m-%d}{manual}")
