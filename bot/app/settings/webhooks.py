"""The section of backstay.yaml about hooks: HTTP API for operators, also when chat is down, and whose alerts are listened to."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, field_validator, model_validator

from bot.catalogue import Reference, Section, StringList, Target, did_you_mean, quote, refuse
from bot.detection.alerts import format_names, format_of

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html; a topic's name as SNS' CreateTopic takes it.
TOPIC = re.compile(
    r"arn:(aws|aws-cn|aws-us-gov|aws-eusc):sns:([a-z]{2,4}(?:-[a-z0-9]+)+):\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?"
)


def _format(value: Any) -> str:
    if not isinstance(value, str) or value not in format_names():
        hint = did_you_mean(value, format_names()) if isinstance(value, str) else ""
        raise refuse(f"unknown format {quote(value)}" + (hint or f"; known: {', '.join(format_names())}"))
    return value


FormatName = Annotated[str, BeforeValidator(_format), WithJsonSchema({"type": "string", "enum": list(format_names())})]
HookName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class HookSource(Section):
    """A monitoring system whose alerts arrive by `POST /hooks/in/NAME`."""

    name: HookName = Field(description="last step of its URL, and the name shown with its alerts")
    format: FormatName = Field(description="format of its alerts")
    token: Reference | None = Field(default=None, description="bearer token, basic auth password or X-Backstay-Token")
    secret: Reference | None = Field(default=None, description="key of its HMAC signature")
    topics: StringList = Field(default=(), description="ARNs of SNS topics; messages of other topics are refused")
    about: Target | None = Field(default=None, description="service or scope of alerts that do not name one")
    per_minute: int = Field(default=600, ge=1, le=60_000, description="maximum requests per minute")

    @field_validator("topics")
    @classmethod
    def _topics(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for topic in value:
            if not TOPIC.fullmatch(topic):
                raise refuse(f"{quote(topic)} is not an SNS topic; write arn:aws:sns:us-east-1:123456789012:name")
        return value

    @model_validator(mode="after")
    def _proved(self) -> "HookSource":
        """Nobody comes in without a proof, and only by one that its format knows."""
        taken = format_of(self.format).AUTH_METHODS
        given = [name for name in ("token", "secret", "topics") if getattr(self, name)]
        for name in given:
            if name not in taken:
                raise refuse(f"{self.format} cannot authenticate with {name}; use {' or '.join(taken)}")
        if not given:
            wanted = " or ".join(_SHOWN[name] for name in taken)
            raise refuse(f"{self.name} has no authentication; add {wanted}")
        return self


_SHOWN = {
    "token": "token: env:NAME",
    "secret": "secret: env:NAME",
    "topics": "topics: [arn:aws:sns:us-east-1:123456789012:name]",
}


class WebhookSettings(Section):
    """The HTTP API for operators, with a bearer token or signed requests. Without either it is off."""

    token: Reference | None = Field(default=None, description="bearer token of the API")
    secret: Reference | None = Field(default=None, description="key of signed requests (HMAC)")
    per_minute: int = Field(default=60, ge=1, le=6000, description="maximum requests per minute")
    sources: tuple[HookSource, ...] = Field(
        default=(), description="monitoring systems whose alerts arrive by POST /hooks/in/NAME"
    )

    @property
    def enabled(self) -> bool:
        """Whether anybody may ask or broadcast."""
        return self.token is not None or self.secret is not None

    @field_validator("sources")
    @classmethod
    def _one_each(cls, value: tuple[HookSource, ...]) -> tuple[HookSource, ...]:
        seen: set[str] = set()
        for source in value:
            if source.name in seen:
                raise refuse(f"two sources are named {source.name!r}; names must be unique")
            seen.add(source.name)
        return value
