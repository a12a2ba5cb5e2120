"""Whether a service has the time to wait until a lost replica has started on another node."""

from datetime import timedelta

from checks._model import Service

_LONGER_THAN = timedelta(hours=4)
"""A lost replica runs elsewhere within 10 min where there is room; above this RTO that is a valid plan."""
_TIERS_WITHOUT_TARGET = 2


def restart_is_enough(service: Service) -> bool:
    """Whether the RTO is above 4 h; without an RTO, whether the tier is 3 or lower."""
    target = service.rto_target
    return service.tier.number > _TIERS_WITHOUT_TARGET if target is None else target > _LONGER_THAN
