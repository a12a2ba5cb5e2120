"""The section of backstay.yaml about hooks: the way in when chat is dead, and whose alerts are listened to."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, field_validator, model_validator

from bot.catalogue import Reference, Section, StringList, Target, did_you_mean, quote, refuse
from bot.detection.alerts import format_of, names

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html; a topic's name as SNS' CreateTopic takes it.
TOPIC = re.compile(
    r"arn:(aws|aws-cn|aws-us-gov|aws-eusc):sns:([a-z]{2,4}(?:-[a-z0-9]+)+):\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?"
)


def _format(value: Any) -> str:
    if not isinstance(value, str) or value not in names():
        hint = did_you_mean(value, names()) if isinstance(value, str) else ""
        raise refuse(f"no format is called {quote(value)}" + (hint or f"; there are {', '.join(names())}"))
    return value


FormatName = Annotated[str, BeforeValidator(_format), WithJsonSchema({"type": "string", "enum": list(names())})]
HookName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class HookSource(Section):
    """Monitoring of yours whose alerts come in by `POST /hooks/in/NAME`."""

    name: HookName = Field(description="last step of its address, and what its alerts are told by")
    format: FormatName = Field(description="what it sends")
    token: Reference | None = Field(
        default=None, description="bearer token, basic password or X-Backstay-Token that it comes with"
    )
    secret: Reference | None = Field(default=None, description="key that it signs with (HMAC)")
    topics: StringList = Field(default=(), description="SNS topics by ARN; nothing of any other is read or confirmed")
    about: Target | None = Field(
        default=None, description="service or scope of what its alerts do not place themselves"
    )
    per_minute: int = Field(default=600, ge=1, le=60_000, description="requests taken in a minute")

    @field_validator("topics")
    @classmethod
    def _topics(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for topic in value:
            if not TOPIC.fullmatch(topic):
                raise refuse(f"{quote(topic)} is no SNS topic; write arn:aws:sns:us-east-1:123456789012:name")
        return value

    @model_validator(mode="after")
    def _proved(self) -> "HookSource":
        """Nobody comes in without a proof, and only by one that its format knows."""
        taken = format_of(self.format).PROOFS
        given = [name for name in ("token", "secret", "topics") if getattr(self, name)]
        for name in given:
            if name not in taken:
                raise refuse(f"{self.format} is not let in by {name}; it takes {' or '.join(taken)}")
        if not given:
            wanted = " or ".join(_SHOWN[name] for name in taken)
            raise refuse(f"{self.name} lets anybody in; add {wanted}")
        return self


_SHOWN = {
    "token": "token: env:NAME",
    "secret": "secret: env:NAME",
    "topics": "topics: [arn:aws:sns:us-east-1:123456789012:name]",
}


class WebhookSettings(Section):
    """The way in when chat is dead: HTTP, with a bearer token or signed. Without either there is none."""

    token: Reference | None = Field(default=None, description="bearer token of the hooks")
    secret: Reference | None = Field(default=None, description="key of signed requests (HMAC)")
    per_minute: int = Field(default=60, ge=1, le=6000, description="requests taken in a minute")
    sources: tuple[HookSource, ...] = Field(default=(), description="whose alerts come in, by POST /hooks/in/NAME")

    @property
    def enabled(self) -> bool:
        """Whether anybody may ask or broadcast."""
        return self.token is not None or self.secret is not None

    @field_validator("sources")
    @classmethod
    def _one_each(cls, value: tuple[HookSource, ...]) -> tuple[HookSource, ...]:
        seen: set[str] = set()
        for one in value:
            if one.name in seen:
                raise refuse(f"two sources are called {one.name!r}; each needs a name of its own")
            seen.add(one.name)
        return value
