"""ACM certificates: expiry, renewal and use."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from bot.audit.collectors.aws.guarded import ItemIdentity, facts_of
from bot.audit.collectors.aws.reader import Reader
from bot.audit.collectors.aws.source import Source
from checks import Certificate, Fact, Maybe, Unread

# Without this filter ACM lists only certificates with RSA 2048 keys.
KEY_TYPES: Final = (
    "RSA_1024 RSA_2048 RSA_3072 RSA_4096 EC_prime256v1 EC_secp384r1 EC_secp521r1".split()  # noqa: SIM905 - reads as a list
)


def read(aws: Reader) -> Iterator[Fact]:
    """Yield one Certificate per certificate, from the listing alone."""
    listed = aws.list(
        "acm", "ListCertificates", "CertificateSummaryList", Includes={"keyTypes": KEY_TYPES}, MaxItems=1000
    )
    identity = ItemIdentity[dict[str, Any]]("acm:ListCertificates", lambda found: found["CertificateArn"])
    yield from facts_of(aws, lambda found: _certificate(aws, found), listed, identity, calls=False)


def _certificate(aws: Reader, found: dict[str, Any]) -> Fact:
    return aws.fact(
        Certificate,
        resource=found["CertificateArn"],
        name=found.get("DomainName", found["CertificateArn"]),
        product="acm",
        status=found.get("Status", ""),
        expires_at=_expires_at(found),
        renews_itself=_renews_itself(found),
        in_use=found.get("InUse", Unread("ListCertificates returned no InUse field")),
    )


def _expires_at(found: dict[str, Any]) -> Maybe[datetime | None]:
    """The end of a certificate; None for one that was never issued."""
    issued = found.get("Status") == "ISSUED" or found.get("IssuedAt") or found.get("ImportedAt")
    untold = Unread("ListCertificates returned no NotAfter field") if issued else None
    end: Maybe[datetime | None] = found.get("NotAfter", untold)
    return end


def _renews_itself(found: dict[str, Any]) -> Maybe[bool]:
    """Whether ACM renews the certificate: it renews certificates it issued while they are in use (`ELIGIBLE`)."""
    if found.get("Type") == "IMPORTED":
        return False
    eligible = found.get("RenewalEligibility")
    if eligible is None:
        return Unread("ListCertificates returned no RenewalEligibility field")
    return bool(eligible == "ELIGIBLE")


SOURCE = Source(name="aws_certificates", facts=(Certificate,), actions=("acm:ListCertificates",), read=read)
