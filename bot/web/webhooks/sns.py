"""Whether a message is SNS' own, of a topic that is listed; and the one word that it asks back: that we subscribe to it."""

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
"""SNS tries for an hour to hand a message over (https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html)."""
_AHEAD = timedelta(minutes=5)
_HASHES = {"1": SHA1, "2": SHA256}
_log = structlog.get_logger(__name__)


class SnsSource:
    """Judges messages. `get` fetches an address at AWS."""

    def __init__(
        self, certificates: Certificates, clock: Clock, *, get: Callable[[str], Awaitable[bytes]] = fetch
    ) -> None:
        self._certificates, self._clock, self._get = certificates, clock, get

    async def judge(self, body: bytes, topics: frozenset[str]) -> Message | Refusal:
        """The message, once it is sure that SNS signed it lately for a topic that is listed; else why not."""
        try:
            said = parse_message(body)
        except HookError:
            return Refusal(401, "it is no message of SNS")
        found = said.certificate
        if said.TopicArn not in topics or found is None or not self._lately(said):
            return Refusal(401, "it is no fresh message of SNS, or of no topic that is listed here")
        try:
            key = await self._certificates.key(*found)
            key.verify(said.signature, said.signed, PKCS1v15(), _HASHES[said.SignatureVersion]())
        except CertificateError as error:
            _log.warning("sns_certificate", host=found[0], problem=str(error))
            if error.passing:
                return Refusal(503, "the certificate cannot be fetched now; send it again", 30)
            return Refusal(401, "the certificate is not to be trusted")
        except InvalidSignature:
            return Refusal(401, "the signature is not SNS'")
        return said

    async def confirm(self, said: Message) -> Refusal | None:
        """Subscribe. The address is put together here, of what was signed: the one in the message is not gone to."""
        host, _ = said.certificate or ("", "")
        asked = {"Action": "ConfirmSubscription", "TopicArn": said.TopicArn, "Token": said.Token or ""}
        try:
            await self._get(f"https://{host}/?{urlencode(asked)}")
        except CertificateError as error:
            _log.warning("sns_not_confirmed", topic=said.TopicArn, problem=str(error))
            return Refusal(503, "the subscription could not be confirmed now; send it again", 30)
        _log.info("sns_confirmed", topic=said.TopicArn)
        return None

    def _lately(self, said: Message) -> bool:
        at = parse_time(said.Timestamp)
        return at is not None and -_AHEAD <= self._clock() - at <= OLDEST
