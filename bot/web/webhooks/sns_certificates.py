"""Signing certificates of SNS: fetched from SNS alone, verified up to a trusted root, and cached."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import certifi
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID, NameOID

from bot.model import Clock
from bot.net.egress import EgressPolicy, NetworkError
from bot.net.http_body import TooLargeError
from bot.net.http_client import HttpClient, HttpRequest

MOST_BYTES = 65_536
_KEPT = timedelta(hours=24)
_REFUSED_FOR = timedelta(minutes=1)
_REMEMBERED = 32
_FETCHES_A_MINUTE = 10
_LONGEST_CHAIN = 4
_TIMEOUT = timedelta(seconds=5)
# SNS serves its certificate without the intermediates; the certificate names their URLs at Amazon's authority.
# Their signatures are verified, so plain HTTP, as published, is enough.
_AUTHORITIES = (".amazontrust.com", ".digicert.com")

Fetch = Callable[[str], Awaitable[bytes]]


class CertificateError(Exception):
    """A certificate is unusable. `passing`: it could not be fetched now; otherwise it is not trusted."""

    def __init__(self, said: str, *, passing: bool = False) -> None:
        super().__init__(said)
        self.passing = passing


async def fetch(url: str) -> bytes:
    """Fetch a certificate: bounded, without redirects, from a public address.

    Raises:
        CertificateError: no answer, or an error status.
    """
    try:
        async with HttpClient(EgressPolicy()) as client:
            answer = await client.request(HttpRequest(url, most_bytes=MOST_BYTES, timeout=_TIMEOUT))
    except TooLargeError:
        raise CertificateError("the response is too large") from None
    except NetworkError as error:
        raise CertificateError(f"{urlsplit(url).hostname}: {error.reason}", passing=True) from None
    if answer.status != 200:
        raise CertificateError(f"{urlsplit(url).hostname} answers {answer.status}", passing=answer.status >= 500)
    return answer.body


class Certificates:
    """Public keys by the URL of their certificate. `roots`: trusted roots; default: those of certifi."""

    def __init__(self, clock: Clock, *, get: Fetch = fetch, roots: Sequence[x509.Certificate] | None = None) -> None:
        self._clock, self._get, self._roots = clock, get, roots
        self._kept: OrderedDict[str, tuple[datetime, RSAPublicKey | CertificateError]] = OrderedDict()
        self._turn = asyncio.Lock()
        self._fetched: list[datetime] = []

    async def key(self, host: str, path: str) -> RSAPublicKey:
        """Return the key of the certificate at `https://host/path`. The caller has checked `host`.

        Raises:
            CertificateError: it could not be fetched or is not trusted.
        """
        url = f"https://{host}{path}"
        async with self._turn:  # many messages at once fetch the certificate once
            now = self._clock()
            until, kept = self._kept.get(url, (now, None))
            if kept is None or now >= until:
                until, kept = await self._fresh(url, host, now)
                self._kept[url] = until, kept
                while len(self._kept) > _REMEMBERED:
                    self._kept.popitem(last=False)
        if isinstance(kept, CertificateError):
            raise kept
        return kept

    async def _fresh(self, url: str, host: str, now: datetime) -> tuple[datetime, RSAPublicKey | CertificateError]:
        try:
            leaf, *others = _pem(await self._fetch(url, now))
            chain = await self._chain(leaf, others, now)
            return min(now + _KEPT, leaf.not_valid_after_utc), _checked(leaf, chain, host, now)
        except CertificateError as error:
            return now + _REFUSED_FOR, error

    async def _fetch(self, url: str, now: datetime) -> bytes:
        self._fetched = [at for at in self._fetched if now - at < timedelta(minutes=1)]
        if len(self._fetched) >= _FETCHES_A_MINUTE:
            raise CertificateError("too many certificates were requested", passing=True)
        self._fetched.append(now)
        return await self._get(url)

    async def _chain(
        self, leaf: x509.Certificate, others: list[x509.Certificate], now: datetime
    ) -> list[x509.Certificate]:
        """Return the chain from the leaf's issuer up to a root. Missing intermediates are fetched from their published URL.

        Raises:
            CertificateError: it does not lead to a trusted root.
        """
        roots = self._roots if self._roots is not None else await asyncio.to_thread(_carried)
        self._roots = roots
        chain: list[x509.Certificate] = []
        current = leaf
        for _ in range(_LONGEST_CHAIN):
            if any(_issued(current, root, now) for root in roots):
                return chain
            issuer = next((other for other in others if _issued(current, other, now)), None)
            if issuer is None:
                issuer = _der(await self._fetch(_published(current), now))
                if not _issued(current, issuer, now):
                    break
            chain.append(issuer)
            current = issuer
        raise CertificateError("the certificate has no trusted issuer")


def _checked(leaf: x509.Certificate, chain: Iterable[x509.Certificate], host: str, now: datetime) -> RSAPublicKey:
    key = leaf.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        raise CertificateError("it has no RSA key of 2048 bits")
    if not _valid(leaf, now) or not all(_valid(certificate, now) for certificate in chain):
        raise CertificateError("it is not valid now")
    if not _names(leaf) & _sns(host):
        raise CertificateError("it was not issued to SNS")
    return key


def _sns(host: str) -> frozenset[str]:
    """The names that SNS of this region signs as. Which of them differs by region."""
    place = host.removeprefix("sns.")
    region, _, domain = place.partition(".")
    gov = {"sns-us-gov-west-1.amazonaws.com"} if region.startswith("us-gov-") else set()
    names = {host, f"sns-signing.{place}", f"sns-{place}", *gov}
    return frozenset(names | ({"sns.amazonaws.com"} if domain == "amazonaws.com" else set()))


def _names(leaf: x509.Certificate) -> set[str]:
    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return {name.lower() for name in extension.value.get_values_for_type(x509.DNSName)}
    except (x509.ExtensionNotFound, ValueError):
        return {str(item.value).lower() for item in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)}


def _issued(certificate: x509.Certificate, by: x509.Certificate, now: datetime) -> bool:
    """Whether `by`, which must be an authority, signed it."""
    try:
        authority = by.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        certificate.verify_directly_issued_by(by)
    except (x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError):
        return False
    return authority and _valid(by, now)


def _valid(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def _published(certificate: x509.Certificate) -> str:
    """Where the certificate of its issuer is published."""
    try:
        found = certificate.extensions.get_extension_for_oid(ExtensionOID.AUTHORITY_INFORMATION_ACCESS).value
    except (x509.ExtensionNotFound, ValueError):
        raise CertificateError("the certificate has no trusted issuer") from None
    places = [
        str(each.access_location.value)
        for each in (found if isinstance(found, x509.AuthorityInformationAccess) else ())
        if each.access_method == AuthorityInformationAccessOID.CA_ISSUERS
    ]
    for place in places[:3]:
        parts = urlsplit(place)
        plain = parts.username is None and parts.port is None and parts.scheme in ("http", "https")
        if plain and (parts.hostname or "").endswith(_AUTHORITIES):
            return place
    raise CertificateError("the certificate has no trusted issuer")


def _pem(text: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(text)[: _LONGEST_CHAIN + 1]
    except ValueError:
        raise CertificateError("it is no certificate") from None


def _der(text: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(text)
    except ValueError:
        raise CertificateError("what is published as its issuer is no certificate") from None


def _carried() -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(certifi.contents().encode())
