"""The moment and the place that built facts are of, and how any one of them is built."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from checks import DEFAULT_TIERS, Fact, Gap, Seen, Service

F = TypeVar("F", bound=Fact)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ACCOUNT = "111122223333"
HOME, AWAY = "us-east-1", "us-west-2"
ZONES = ("use1-az1", "use1-az2", "use1-az4")


def days_ago(days: float) -> datetime:
    """That many days before NOW."""
    return NOW - timedelta(days=days)


def service(name: str = "checkout", *, tier: int = 1, **fields: Any) -> Service:
    """A service of tier 1 with an owner, an audience and known figures."""
    sound: dict[str, Any] = {
        "owner": "payments",
        "audience": "payments",
        "users": 120_000,
        "revenue_per_hour": 42_000.0,
        "revenue_as_of": date(2026, 11, 1),
    }
    return Service(name, DEFAULT_TIERS[tier], **sound | fields)


def seen(*facts: Fact, of: Service | None = None, gaps: tuple[Gap, ...] = ()) -> Seen:
    """What is known of one service."""
    return Seen(of or service(), facts, gaps)


def gap(*kinds: type[Fact], **fields: Any) -> Gap:
    """A listing that was denied: facts of these kinds may be missing."""
    sound: dict[str, Any] = {
        "source": "aws_test",
        "provider": "aws",
        "account": ACCOUNT,
        "region": HOME,
        "reason": "AccessDenied",
        "action": "test:List",
    }
    return Gap(kinds=kinds, **sound | fields)


def fact(kind: type[F], name: str, fields: dict[str, Any], /, **sound: Any) -> F:
    """A fact of any kind: `fields` win over `sound`, what neither names is a resource of us-east-1 read now."""
    region = fields.get("region", sound.get("region", HOME))
    product = fields.get("product", sound.get("product", "test"))
    identity: dict[str, Any] = {
        "resource": f"arn:aws:{product}:{region}:{ACCOUNT}:{kind.__name__.lower()}/{name}",
        "name": name,
        "provider": "aws",
        "account": ACCOUNT,
        "region": HOME,
        "product": product,
        "source": "test",
        "observed_at": NOW,
    }
    return kind(**identity | sound | fields)
