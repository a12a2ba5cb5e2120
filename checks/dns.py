"""Every request starts with a name. On 20 October 2025 one empty DNS record took down the region behind it, and names are slow to mend.

What is cached outlives the repair, what is delegated wrongly is found late, and what expires does so on a weekend.
"""

import ipaddress
from datetime import datetime, timedelta

from checks._check import check
from checks._facts import Certificate, DnsRecord, DnsZone, known
from checks._model import Service, Severity, Verdict, failed, not_applicable, passed, unknown
from checks._words import listed

_TTL_SECONDS = 60
_TIME_TO_ACT = timedelta(days=30)


@check(
    id="DN01",
    title="Records that steer traffic live at most 60 seconds in caches",
    severity=Severity.MEDIUM,
    lesson="On 20 October 2025 the record was mended at 09:25 UTC and clients came back until 09:40: they waited for what "
    "they had cached to run out.",
    remediation="`aws route53 change-resource-record-sets` with `TTL: 60` on the records of the pair, or alias records.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/best-practices-dns.html",
)
def short_ttl(service: Service, record: DnsRecord) -> Verdict:
    """Records with a routing policy; an alias takes the time of its target."""
    if record.policy == "simple" or record.ttl is None:
        return not_applicable(f"{record.name} steers nothing, or is an alias")
    if record.ttl <= _TTL_SECONDS:
        return passed(f"{record.name} is cached for {record.ttl} s", ttl=record.ttl)
    return failed(f"Clients of {service.name} keep the old answer for {record.name} for {record.ttl} s", ttl=record.ttl)


@check(
    id="DN02",
    title="Health checks that records rely on exist",
    severity=Severity.HIGH,
    lesson="A record whose health check was deleted counts as healthy for ever, or is never answered: either way failover "
    "is gone and nothing says so.",
    remediation="`aws route53 create-health-check`, then name it in the record (`HealthCheckId`) with "
    "`aws route53 change-resource-record-sets`.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-deleting.html",
)
def health_check_exists(service: Service, record: DnsRecord) -> Verdict:
    """Records which name a health check."""
    if not record.health_check:
        return not_applicable(f"{record.name} names no health check")
    exists = known(record.health_check_exists)
    if exists is None:
        return not_applicable(f"The health check of {record.name} is kept by another product")
    if exists:
        return passed(f"The health check of {record.name} exists", health_check=record.health_check)
    return failed(
        f"{record.name} of {service.name} relies on a health check that was deleted", health_check=record.health_check
    )


def _servers(names: tuple[str, ...]) -> set[str]:
    return {name.lower().rstrip(".") for name in names}


@check(
    id="DN03",
    title="The registrar delegates to the name servers which serve the zone",
    severity=Severity.HIGH,
    lesson="A zone made anew gets other name servers; the delegation to the old ones works from caches for two days and then "
    "stops, long after whoever did it has gone home.",
    remediation="`aws route53domains update-domain-nameservers --domain-name NAME --nameservers ...` with those that "
    "`aws route53 get-hosted-zone` prints.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/domain-name-servers-glue-records.html",
)
def delegation_matches(service: Service, zone: DnsZone) -> Verdict:
    """Public zones whose delegation can be seen."""
    delegated = known(zone.delegated_to)
    if zone.private or delegated is None:
        return not_applicable(f"The delegation of {zone.name} is not seen from here")
    if not zone.name_servers:
        return unknown(f"The name servers of {zone.name} are not told")
    wrong = _servers(delegated) ^ _servers(zone.name_servers)
    if not wrong:
        return passed(f"{zone.name} is delegated to the {len(zone.name_servers)} servers which serve it")
    return failed(f"The delegation of {zone.name} of {service.name} and its name servers differ in {listed(wrong)}")


@check(
    id="DN04",
    title="Domains renew themselves and have a month left at least",
    severity=Severity.HIGH,
    lesson="Domains of large firms have expired because a card had, or because the one who got the mail had left; then "
    "nothing resolves, mail included.",
    remediation="`aws route53domains enable-domain-auto-renew --domain-name NAME`; renew now with "
    "`aws route53domains renew-domain`.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/domain-renew.html",
)
def domain_renews(service: Service, zone: DnsZone, now: datetime) -> Verdict:
    """Zones whose registration can be seen."""
    renews, expires = known(zone.auto_renew), known(zone.expires_at)
    if renews is None and expires is None:
        return not_applicable(f"The registration of {zone.name} is not seen from here")
    if expires is not None and expires - now < _TIME_TO_ACT:
        return failed(f"{zone.name} of {service.name} expires on {expires:%Y-%m-%d}", expires_at=expires.isoformat())
    if renews is False:
        return failed(f"{zone.name} of {service.name} does not renew itself")
    until = f" and has time until {expires:%Y-%m-%d}" if expires else ""
    if renews is None:
        return unknown(f"Whether {zone.name} renews itself is not told{until}")
    return passed(f"{zone.name} renews itself{until}")


@check(
    id="DN05",
    title="Domains are locked against transfer",
    severity=Severity.LOW,
    lesson="A domain that can be moved away with one approved mail is a domain that somebody else can take.",
    remediation="`aws route53domains enable-domain-transfer-lock --domain-name NAME`.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/domain-lock.html",
)
def domain_locked(service: Service, zone: DnsZone) -> Verdict:
    """Zones whose registration can be seen."""
    locked = known(zone.registrar_lock)
    if locked is None:
        return not_applicable(f"The registration of {zone.name} is not seen from here")
    if locked:
        return passed(f"{zone.name} is locked against transfer")
    return failed(f"{zone.name} of {service.name} can be transferred away")


def _is_address(target: str) -> bool:
    try:
        ipaddress.ip_address(target)
    except ValueError:
        return False
    return True


@check(
    id="DN06",
    title="No name hangs on a single address",
    severity=Severity.MEDIUM,
    lesson="A name that answers with one machine's address is that machine: when it goes, somebody has to edit DNS in the "
    "middle of the outage.",
    remediation="An alias to a load balancer (`AliasTarget` in `aws route53 change-resource-record-sets`), or several "
    "multivalue records with health checks.",
    docs="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-multivalue.html",
)
def several_targets(service: Service, record: DnsRecord) -> Verdict:
    """Records of literal addresses."""
    addresses = [target for target in record.targets if _is_address(target)]
    if record.type not in ("A", "AAAA") or not addresses:
        return not_applicable(f"{record.name} names no address")
    if len(set(record.targets)) >= 2 or record.siblings >= 2:
        return passed(f"{record.name} answers with several addresses")
    return failed(f"{record.name} of {service.name} hangs on {addresses[0]} alone", target=addresses[0])


@check(
    id="DN07",
    title="Certificates in use renew themselves or are valid for a month more",
    severity=Severity.HIGH,
    lesson="On 3 February 2020 Microsoft Teams was down for hours because a certificate had run out unnoticed: the most "
    "foreseeable outage there is.",
    remediation="Ask for a certificate validated by DNS (`aws acm request-certificate --validation-method DNS`), which "
    "renews itself while its record stands; renew imported ones with `aws acm import-certificate`.",
    docs="https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html",
)
def certificate_valid(service: Service, certificate: Certificate, now: datetime) -> Verdict:
    """One that renews itself and yet has little time left is stuck, so it fails too when it has run out."""
    if not known(certificate.in_use):
        return not_applicable(f"The certificate {certificate.name} is not in use")
    expires = known(certificate.expires_at)
    if expires is None:
        return failed(f"The certificate {certificate.name} of {service.name} is in use but was never issued")
    if expires <= now:
        return failed(f"The certificate {certificate.name} of {service.name} ran out on {expires:%Y-%m-%d}")
    if known(certificate.renews_itself):
        return passed(f"The certificate {certificate.name} renews itself before {expires:%Y-%m-%d}")
    if expires - now >= _TIME_TO_ACT:
        return passed(f"The certificate {certificate.name} is valid until {expires:%Y-%m-%d}")
    return failed(f"The certificate {certificate.name} of {service.name} runs out on {expires:%Y-%m-%d}")
