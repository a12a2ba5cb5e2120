"""An SNS with certificates of its own: messages signed as the real one signs them, and an AWS that serves what it fetches."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from support.builders.posts import START

from bot.detection.alerts import format_of
from bot.web.webhooks.sns_certificates import CertificateError

TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
HOST = "sns.us-east-1.amazonaws.com"
CERTIFICATE = f"https://{HOST}/SimpleNotificationService-0123456789abcdef.pem"
ISSUER = "http://crt.r2m01.amazontrust.com/r2m01.cer"


def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@dataclass
class Authority:
    """Somebody who issues certificates."""

    name: str
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @classmethod
    def root(cls, name: str = "Amazon Root CA 1", at: datetime = START) -> "Authority":
        own = key()
        return cls(name, own, made(name, own, name, own, at=at, authority=True))

    def authority(self, name: str, at: datetime = START) -> "Authority":
        own = key()
        return Authority(name, own, made(name, own, self.name, self.key, at=at, authority=True))


def made(
    name: str,
    own: rsa.RSAPrivateKey,
    issuer: str,
    signs: rsa.RSAPrivateKey,
    *,
    at: datetime = START,
    authority: bool = False,
    names: tuple[str, ...] = (),
    published: str = "",
    lasts: timedelta = timedelta(days=200),
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=100))
        .not_valid_after(at + lasts)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(each_name) for each_name in names]), critical=False
        )
    if published:
        place = x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(published)
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
    return builder.sign(signs, SHA256())


@dataclass
class FakeSns:
    """Signs, and answers `get`; `fetched` is what was asked for. `leaf_names` are what its certificate says."""

    leaf_names: tuple[str, ...] = ("sns.amazonaws.com",)
    published: str = ISSUER
    lasts: timedelta = timedelta(days=200)
    down: bool = False
    fetched: list[str] = field(default_factory=list)
    root: Authority = field(default_factory=Authority.root)

    def __post_init__(self) -> None:
        between = self.root.authority("Amazon RSA 2048 M01")
        self.key = key()
        leaf = made(
            self.leaf_names[0], self.key, between.name, between.key,
            names=self.leaf_names, published=self.published, lasts=self.lasts,
        )  # fmt: skip
        self.pages: dict[str, bytes] = {
            CERTIFICATE: leaf.public_bytes(Encoding.PEM),
            ISSUER: between.certificate.public_bytes(Encoding.DER),
        }

    async def get(self, url: str) -> bytes:
        self.fetched.append(url)
        if self.down:
            raise CertificateError("no answer", passing=True)
        if "?Action=ConfirmSubscription" in url:
            return b"<ConfirmSubscriptionResponse/>"
        if url not in self.pages:
            raise CertificateError("404")
        return self.pages[url]

    def message(self, inner: Any, *, version: str = "2", at: datetime | None = None, **fields: Any) -> dict[str, Any]:
        """A signed message."""
        said: dict[str, Any] = {
            "Type": "Notification",
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": TOPIC,
            "Subject": "ALARM: dynamodb-system-errors",
            "Message": inner if isinstance(inner, str) else json.dumps(inner),
            "Timestamp": (at or START).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "SignatureVersion": version,
            "Signature": "",
            "SigningCertURL": CERTIFICATE,
            "UnsubscribeURL": f"https://{HOST}/?Action=Unsubscribe",
        } | fields
        return said | {"Signature": self.signature(said)}

    def subscription(self, **fields: Any) -> dict[str, Any]:
        """What SNS asks before it sends anything."""
        url = f"https://{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37fb"
        asked = {"Type": "SubscriptionConfirmation", "Token": "2336412f37fb", "SubscribeURL": url, "Subject": None}
        return self.message("You have chosen to subscribe to the topic.", **asked | fields)

    def signature(self, said: Mapping[str, Any]) -> str:
        sns: Any = format_of("sns")
        over = sns.Message.model_validate(said).signed
        algorithm = SHA1() if said["SignatureVersion"] == "1" else SHA256()  # noqa: S303 - version 1 is SNS' own
        return base64.b64encode(self.key.sign(over, PKCS1v15(), algorithm)).decode()
