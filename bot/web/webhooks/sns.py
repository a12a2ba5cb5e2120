"""Amazon SNS: verifies that a message comes from a listed topic, and confirms subscriptions."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import urlencode

import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from bot.detection.alerts import HookError, parse_time
from bot.detection.alerts.formats.sns import Message, parse_message
from bot.model import Clock
from bot.web.api.authentication import Refusal
from bot.web.webhooks.sns_certificates import CertificateError, Certificates, fetch

OLDEST = timedelta(hours=2)
"""SNS retries a delivery for an hour (https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html)."""
_AHEAD = timedelta(minutes=5)
_HASHES = {"1": SHA1, "2": SHA256}
_log = structlog.get_logger(__name__)


class SnsSource:
    """Verifies SNS messages. `get` fetches a URL at AWS."""

    def __init__(
        self, certificates: Certificates, clock: Clock, *, get: Callable[[str], Awaitable[bytes]] = fetch
    ) -> None:
        self._certificates, self._clock, self._get = certificates, clock, get

    async def judge(self, body: bytes, topics: frozenset[str]) -> Message | Refusal:
        """Return the message if SNS signed it recently for a listed topic, else a refusal."""
        try:
            said = parse_message(body)
        except HookError:
            return Refusal(401, "not an SNS message")
        found = said.certificate
        if said.TopicArn not in topics or found is None or not self._lately(said):
            return Refusal(401, "the SNS message is too old or its topic is not listed")
        try:
            key = await self._certificates.key(*found)
            key.verify(said.signature, said.signed, PKCS1v15(), _HASHES[said.SignatureVersion]())
        except CertificateError as error:
            _log.warning("sns_certificate", host=found[0], problem=str(error))
            if error.passing:
                return Refusal(503, "the signing certificate could not be fetched; send the message again", 30)
            return Refusal(401, "the signing certificate is not trusted")
        except InvalidSignature:
            return Refusal(401, "the SNS signature is invalid")
        return said

    async def confirm(self, said: Message) -> Refusal | None:
        """Confirm a subscription. The URL is built from signed fields; the SubscribeURL in the message is not used."""
        host, _ = said.certificate or ("", "")
        asked = {"Action": "ConfirmSubscription", "TopicArn": said.TopicArn, "Token": said.Token or ""}
        try:
            await self._get(f"https://{host}/?{urlencode(asked)}")
        except CertificateError as error:
            _log.warning("sns_not_confirmed", topic=said.TopicArn, problem=str(error))
            return Refusal(503, "the subscription could not be confirmed; send the message again", 30)
        _log.info("sns_confirmed", topic=said.TopicArn)
        return None

    def _lately(self, said: Message) -> bool:
        at = parse_time(said.Timestamp)
        return at is not None and -_AHEAD <= self._clock() - at <= OLDEST
