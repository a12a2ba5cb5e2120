"""Finds the regions that a provider's words name: ids of the big clouds, and the city codes, pods and cells of others.

A word counts only where it cannot be taken for another: `nyc1` anywhere, `IAD` in brackets beside a place or on the page of a
provider that names its sites so, `NA123` on Salesforce's page alone. `API`, `SSO` and `DNS` are no airports.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from bot.detection.feeds.parsing.places import (
    AIRPORTS,
    ALIBABA,
    AMAZON_NAMES,
    AZURE_ID,
    AZURE_NAME,
    CITIES,
    EXOSCALE,
    FAMILIES,
    FLY,
    LINODE,
    NEVER_NUMBERED,
    ORACLE,
    READ_AS_WORDS,
    UPCLOUD,
    VULTR,
)

_Found = Iterator[tuple[int, str]]

_SIDES = "(?:north|south|east|west|central)(?:east|west)?"
# Ids of AWS and Google Cloud (a zone counts as its region), Scaleway, Yandex Cloud, Oracle, Exoscale, UpCloud, Alibaba Cloud
# and Azure: nothing else is written so.
_ANYWHERE = re.compile(
    rf"(?<![a-z0-9-])((?:us|eu|ap|sa|ca|mx|af|il|me|cn|us-gov|eusc-de)-{_SIDES}-\d"
    rf"|(?:us|europe|asia|australia|northamerica|southamerica|africa|me)-{_SIDES}\d{{1,2}}"
    rf"|(?:fr-par|nl-ams|pl-waw|it-mil)(?:-\d)?|ru-central\d|kz\d|[a-z]{{2}}(?:-gov)?-(?:{ORACLE})-\d"
    rf"|{EXOSCALE}|{UPCLOUD}|{ALIBABA}|{AZURE_ID})"
    r"(?:-[a-f])?(?![0-9-])",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    rf"(?<![\w-])((?!{NEVER_NUMBERED})(?:{AIRPORTS}|{CITIES})\d{{1,2}})(?:-dc\d{{1,3}})?(?![\w])", re.IGNORECASE
)
_BRACKETED = re.compile(rf"(?<=[^\W\d_])[ ,–-]{{1,4}}\(({AIRPORTS})\d{{0,2}}\)|^({AIRPORTS}) \([^\W\d_]{{3}}")
_AMAZON = re.compile("|".join(re.escape(name) for name in AMAZON_NAMES), re.IGNORECASE)
_AZURE = re.compile(rf"(?<![\w-])(?:{AZURE_NAME})(?![\w-])")
_CODE = re.compile(rf"(?<![\w-])({AIRPORTS})(?![\w-])")


def _family(pattern: str, flags: int = 0) -> Callable[[str], _Found]:
    compiled = re.compile(rf"(?<![\w-])(?:{pattern})(?![\w])", flags)

    def find(text: str) -> _Found:
        for match in compiled.finditer(text):
            yield match.start(), match[match.lastindex or 0]

    return find


_ANY = re.IGNORECASE
_OF_FAMILY: dict[str, tuple[Callable[[str], _Found], ...]] = {
    "alibaba": (_family(r"cn-[a-z]{5,12}(?:-\d)?|(?:ap|eu|me|us)-(?:northeast|southeast|central|south|east|west)-\d", _ANY),),
    "cloudflare": (),
    "datadog": (_family(r"(?:US[135]|EU1|AP[12])(?:-FED)?"),),
    "exoscale": (),
    "fly": (_family(rf"(?:in|region|regions) `?({FLY})`?", _ANY), _family(FLY.upper())),
    "hetzner": (_family(r"(fsn|nbg|hel)1?(?:-dc\d+)?|(ash|hil|sin)-dc\d+", _ANY), _family("ASH|HIL|SIN")),
    "hubspot": (_family(r"NA[12]|EU1|AP1|CA1"),),
    "ibm": (_family(r"us-(?:south|east)|eu-(?:de|gb|es|fr2)|jp-(?:tok|osa)|au-syd|br-sao|ca-(?:tor|mon)", _ANY),),
    "linode": (_family(LINODE, _ANY),),
    "newrelic": (_family(r"US region|EU region|US data ?center|EU data ?center", _ANY),),
    "okta": (_family(r"(?:US|EU|EMEA|APAC|OK\d{1,2})[ -]?(?:Preview )?Cells? \d{1,2}|OK\d{1,2}"),),
    "oracle": (),
    "ovh": (
        _family(r"(?:GRA|SBG|RBX|BHS|WAW|ERI|LIM|SGP|SYD|VIN|HIL|YNM|PAR|MIL|P19)\d{0,2}|(?:DE|UK|CA)\d"),
        _family(r"(?:eu|ca|us|ap)-(?:west|south|east|southeast)-(?:gra|sbg|rbx|par|mil|bhs|tor|vin|lz)(?:-[a-c])?", _ANY),
    ),
    "salesforce": (
        _family(
            r"POD\d{1,4}|(?:NA|EU|AP|CS|UM|USA|GBR|DEU|FRA|AUS|CAN|BRA|SWE|ITA|CHE|KOR|SGP|IDN|ARE|ISR|POL|ZAF|IND|JPN)"
            r"\d{1,4}S?"
        ),
    ),
    "tencent": (_family(r"(?:ap|na|eu|sa)-[a-z]{5,14}(?:-\d)?", _ANY),),
    "twilio": (_family(r"(?:us|ie|au|de|jp|br|sg)1", _ANY),),
    "vultr": (_family(VULTR.upper()),),
    "zendesk": (_family(r"Pods? \d{1,3}", _ANY),),
}  # fmt: skip
_SITES = frozenset({"bunny", "cachefly", "cloudflare", "fastly", "keycdn"})
"""Providers whose pages name single sites by the code of the next airport."""
_CITY_NAMES = {
    "hetzner": {"falkenstein": "fsn1", "nuremberg": "nbg1", "nürnberg": "nbg1", "helsinki": "hel1", "ashburn": "ash",
                "hillsboro": "hil"},
    "ovh": {"gravelines": "gra", "strasbourg": "sbg", "roubaix": "rbx", "beauharnois": "bhs"},
}  # fmt: skip
_AS_WRITTEN = frozenset({"azure", "datadog", "hubspot", "okta", "salesforce", "zendesk"})
_IN_TEXT = frozenset({"alibaba", "digitalocean", "fastly", "fly", "hetzner", "linode", "okta", "oracle", "ovh", "salesforce",
                      "scaleway", "vultr", "yandex"})  # fmt: skip
_LONGEST = 20_000


@lru_cache(maxsize=512)
def family_of(provider: str) -> str:
    """Whose way of naming regions a provider follows (`Hetzner Status` -> `hetzner`); empty if it has none of its own.

    Args:
        provider: a name of the catalogue, a page's title or its host.
    """
    words = re.findall(r"[a-z0-9]+", provider.lower())
    joined = "".join(words)
    return next(
        (family for word, family in FAMILIES.items() if word in words or (len(word) > 4 and word in joined)), ""
    )


def regions_in(text: str, provider: str) -> tuple[str, ...]:
    """The regions that a text names, in order, each once: in small letters, or as written where the provider writes names.

    Args:
        text: a title, the name of a component, or prose.
        provider: a name of the catalogue, a page's title or its host; empty if it is unknown.
    """
    family = family_of(provider)
    found = sorted(_found(text[:_LONGEST], family), key=lambda match: match[0])
    return tuple(dict.fromkeys(name for _, name in found))


def regions_of(provider: str, *texts: str) -> tuple[str, ...]:
    """The regions that any of these texts names, in order, each once."""
    return tuple(dict.fromkeys(name for text in texts for name in regions_in(text, provider)))


def names_regions_in_text(provider: str) -> bool:
    """Whether the prose of this provider's page says where it happens in words that are its own."""
    return family_of(provider) in _IN_TEXT


def _found(text: str, family: str) -> _Found:
    for match in (*_ANYWHERE.finditer(text), *_NUMBERED.finditer(text)):
        yield match.start(), match[1].lower()
    for match in _AMAZON.finditer(text):
        yield match.start(), AMAZON_NAMES[match[0].lower()]
    if family == "azure" or "Azure" in text:
        yield from ((match.start(), match[0]) for match in _AZURE.finditer(text))
    yield from _airports(text, family)
    for find in _OF_FAMILY.get(family, ()):
        for at, name in find(text):
            yield at, _spelt(name, family)
    low = text.lower()
    yield from ((low.index(city), name) for city, name in _CITY_NAMES.get(family, {}).items() if city in low)


def _airports(text: str, family: str) -> _Found:
    """Sites named by airports: in brackets beside a place (`Ashburn (IAD)`), or anywhere for those that name sites so."""
    for match in _BRACKETED.finditer(text):
        code = match[1] or match[2]
        place = "," in text[: match.start()] or (family in _SITES and bool(match[2]))
        if place or code not in READ_AS_WORDS:
            yield match.start(), code.lower()
    if family in _SITES:
        yield from ((m.start(), m[1].lower()) for m in _CODE.finditer(text) if m[1] not in READ_AS_WORDS)


def _spelt(name: str, family: str) -> str:
    if family in _AS_WRITTEN:
        return name
    low = name.lower()
    return f"{low}1" if low in ("fsn", "nbg", "hel") else low
