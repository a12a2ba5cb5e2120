"""Developer portals that get scores and failed checks after each audit. Off without this section.

Least privilege. Backstage: a static token of `backend.auth.externalAccess`, restricted to the plugin that takes the facts. Port: client
credentials of a machine user that may edit entities of one blueprint. OpsLevel: the address of a custom event integration. Cortex: an API
key with `Edit entities`.
"""

from typing import Literal

from pydantic import Field, model_validator

from bot.catalogue import Section
from bot.catalogue.secrets import refuse
from bot.catalogue.types import Reference

_URLS = {"port": "https://api.port.io", "cortex": "https://api.getcortexapp.com"}


class PortalSettings(Section):
    """One portal."""

    kind: Literal["backstage", "port", "opslevel", "cortex"] = Field(description="the product")
    url: str = Field(
        default="",
        pattern=r"^(https?://\S+)?$",
        description="address of its API; of Backstage the route of your backend that takes facts",
    )
    user: str = Field(default="", description="client ID (Port)")
    token: Reference = Field(
        description="token, client secret (Port) or address of the integration (OpsLevel), by reference"
    )
    blueprint: str = Field(default="service", description="blueprint whose entities are updated (Port)")
    namespace: str = Field(default="default", description="namespace of the components (Backstage)")
    names: dict[str, str] = Field(default={}, description="service: name or tag of its entity, where they differ")
    private: bool = Field(default=False, description="allow a private address")

    @model_validator(mode="after")
    def _whole(self) -> "PortalSettings":
        if self.kind == "backstage" and not self.url:
            raise refuse("Backstage needs `url:`, the route of your backend that takes facts")
        if self.kind == "port" and not self.user:
            raise refuse("Port needs `user:`, the client ID")
        return self

    @property
    def address(self) -> str:
        """The address of the API's root."""
        return self.url or _URLS.get(self.kind, "")
