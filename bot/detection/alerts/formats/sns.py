"""Amazon SNS over HTTPS: CloudWatch alarms and EventBridge events from topics.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html. The signature is inside the body, so the body is
parsed before it is trusted: with size limits, as strings only, and nothing in it has an effect before the signature is verified.
"""

import base64
import binascii
import json
import re
from typing import Literal

from pydantic import Field, ValidationError

from bot.detection.alerts import cloudwatch
from bot.detection.alerts.format import (
    Alerts,
    HookError,
    ParseContext,
    ParsedAlerts,
    PayloadModel,
    describe_errors,
    parse_body,
)
from bot.detection.alerts.formats import eventbridge

AUTH_METHODS = ("topics",)

_URL = re.compile(r"https://(sns\.([a-z]{2,4}(?:-[a-z0-9]+)+)\.amazonaws\.com(?:\.cn)?)(/[A-Za-z0-9_.-]+\.pem)")
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


class Message(PayloadModel):
    """A message as SNS posts it. Its text is kept unchanged, since the signature covers it."""

    Type: Literal["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"]
    MessageId: str = Field(max_length=200)
    TopicArn: str = Field(max_length=400)
    Message: str = Field(max_length=262_144)  # SNS' own limit for a message
    Timestamp: str = Field(max_length=40)
    SignatureVersion: Literal["1", "2"]
    Signature: str = Field(max_length=2000)
    SigningCertURL: str = Field(max_length=500)
    Subject: str | None = Field(default=None, max_length=200)
    SubscribeURL: str | None = Field(default=None, max_length=2000)
    Token: str | None = Field(default=None, max_length=2000)

    @property
    def signed(self) -> bytes:
        """The text that the signature covers: name and value of each signed field, on lines of their own."""
        values = {name: getattr(self, name) for name in _SIGNED[self.Type]}
        return "".join(f"{name}\n{value}\n" for name, value in values.items() if value is not None).encode()

    @property
    def signature(self) -> bytes:
        """The signature; empty if it is not base64."""
        try:
            return base64.b64decode(self.Signature, validate=True)
        except (binascii.Error, ValueError):
            return b""

    @property
    def region(self) -> str:
        """The region of the topic; empty if the ARN is not one."""
        return self.TopicArn.split(":")[3] if self.TopicArn.count(":") == 5 else ""

    @property
    def certificate(self) -> tuple[str, str] | None:
        """Host and path of the signing certificate; None if the address is not SNS's own in the topic's region."""
        match = _URL.fullmatch(self.SigningCertURL)
        return (match[1], match[3]) if match and match[2] == self.region else None


BODY = Message


def parse_message(body: bytes) -> Message:
    """Parse a body as a message.

    Raises:
        HookError: the body is not a message of SNS.
    """
    return parse_body(Message, body)


def read(body: bytes, context: ParseContext) -> ParsedAlerts:
    """Read a notification whose signature has been verified.

    Raises:
        HookError: the notification contains neither an alarm nor an event.
    """
    notification = parse_message(body)
    if notification.Type != "Notification":
        return ParsedAlerts(note=f"{notification.Type} of {notification.TopicArn}")
    try:
        inner = json.loads(notification.Message)
    except (ValueError, RecursionError):
        inner = None
    alerts = Alerts(context)
    try:
        if isinstance(inner, dict) and "AlarmName" in inner:
            cloudwatch.add_sns_alarm(alerts, "Message", cloudwatch.CloudWatchAlarm.model_validate(inner), context.names)
        elif isinstance(inner, dict) and "detail-type" in inner:
            eventbridge.add_event(alerts, eventbridge.Event.model_validate(inner), context)
        else:
            raise HookError("Message: is neither a CloudWatch alarm nor an EventBridge event", 422)
    except ValidationError as error:
        raise HookError(f"Message: {describe_errors(error)}", 422) from None
    return alerts.result()
