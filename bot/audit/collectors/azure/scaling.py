"""How many instances an autoscale setting of Azure Monitor allows (REST reference "Autoscale Settings - Get")."""

from bot.audit.collectors.azure.estate import AzureResource

_SETTING = "microsoft.insights/autoscalesettings"


def limits_of(resource: AzureResource, size: int | None) -> tuple[int | None, int | None]:
    """The least and the most instances: over all profiles of an enabled setting, else the size that is set."""
    settings = resource.naming_this(_SETTING, "properties.targetResourceUri")
    profiles = [
        row for found in settings if found.flag("properties.enabled") for row in found.rows("properties.profiles")
    ]
    least = [number for row in profiles if (number := row.number("capacity.minimum")) is not None]
    most = [number for row in profiles if (number := row.number("capacity.maximum")) is not None]
    return min(least, default=size), max(most, default=size)


def is_scaled(resource: AzureResource) -> bool:
    """Whether an enabled autoscale setting scales it."""
    return any(
        found.flag("properties.enabled") for found in resource.naming_this(_SETTING, "properties.targetResourceUri")
    )
