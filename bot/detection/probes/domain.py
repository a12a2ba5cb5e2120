"""Says which domain a host is registered under, and which domains show only that a name is for sale."""

_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "go", "gob", "gov", "ne", "net", "nom", "or", "org"})
"""Labels below a country's domain under which names are registered (co.uk, com.au, or.jp)."""

_PARKING = frozenset(
    {"above.com", "afternic.com", "bodis.com", "dan.com", "domainmarket.com", "hugedomains.com", "parkingcrew.net"}
    | {
        "parklogic.com",
        "sedo.com",
        "sedoparking.com",
        "uniregistry.com",
        "undeveloped.com",
        "domaincntrol.com",
        "ztomy.com",
    }
)
"""Services that answer for domains which are parked, expired or for sale."""


def registrable(host: str) -> str:
    """The domain that a host is registered under: `api.shop.co.uk` -> `shop.co.uk`. An IP address is its own."""
    host = host.lower().rstrip(".")
    labels = host.split(".")
    if ":" in host or labels[-1].isdigit() or len(labels) < 3:
        return host
    wide = len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3 if wide else -2 :])


def is_parking(host: str) -> bool:
    """Whether a host belongs to a service that parks domains."""
    return registrable(host) in _PARKING
