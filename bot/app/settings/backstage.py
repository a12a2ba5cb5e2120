"""Backstage as the catalogue that backstay.yaml is compared with. Off without this section.

Least privilege: a static token of `backend.auth.externalAccess` with the access restriction `plugin: catalog`
(https://backstage.io/docs/auth/service-to-service-auth).
"""

from pydantic import Field

from bot.catalogue import Section
from bot.catalogue.types import Reference


class BackstageSettings(Section):
    """One Backstage."""

    url: str = Field(
        default="", pattern=r"^(https?://\S+)?$", description="base address, such as https://backstage.example.com"
    )
    token: Reference | None = Field(default=None, description="token that may read the catalogue, by reference")
    private: bool = Field(default=False, description="allow a private address")
