"""The words by which products are called in a scope: `Route 53`, `API Gateway` and `elb` beside their short names."""

import re
from collections.abc import Mapping

from bot.catalogue.product_names import PRODUCTS

KEPT_AS_TYPED: Mapping[str, tuple[str, ...]] = {
    "autoscaling": ("ec2",),
    "elasticloadbalancing": ("elb", "alb", "nlb"),
}
"""Product -> words that a scope may use instead of it and that mean more, or fewer, than the product (`checks._loss`)."""
_SHORT: Mapping[str, tuple[str, ...]] = {
    "elasticloadbalancing": ("elb", "alb", "nlb", "load balancer", "load balancing"),
    "kafka": ("msk",),
    "states": ("sfn",),
    "apigateway": ("apigw",),
    "route53": ("r53",),
    "rds": ("aurora",),
    "dynamodb": ("dynamo", "ddb"),
}
_VENDOR = re.compile(r"^(amazon|aws|azure|google cloud)\s+", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s._-]+")


def spelled(name: str) -> str:
    """A name for comparison: small letters, without spaces, dots, hyphens and underscores around or within it."""
    return _SEPARATORS.sub("", name.casefold())


def _words() -> dict[str, tuple[str, str, str]]:
    words: dict[str, tuple[str, str, str]] = {}
    for provider, products in PRODUCTS.items():
        for product, title in products.items():
            bare = _VENDOR.sub("", title)
            names = (product, title, bare, f"{provider} {bare}", f"amazon {bare}", *_SHORT.get(product, ()))
            for name in names:
                words.setdefault(spelled(name), (provider, product, title))
    return words


PRODUCT_WORDS: Mapping[str, tuple[str, str, str]] = _words()
"""How a product is called, in the spelling of `spelled` -> provider, product, proper name."""
