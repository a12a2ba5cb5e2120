"""`attest <service> <practice> [link]`: records a person's statement that a practice was carried out."""

import re
from collections.abc import AsyncGenerator, Mapping, Sequence

from bot.cards.card import Card
from bot.cards.messages.attest import attest_form, attested_card
from bot.chat.command import Call, command
from bot.chat.form_values import actor, display_name, field_errors
from bot.chat.suggestions import find, nearest
from bot.model import Caller, Role
from bot.model.backend import Backend
from bot.model.records import AttestationRecord
from checks import DEFAULT_TIERS, Promise, Service, vouchable

_LINK = re.compile(r"https?://[^\s<>|\"'`{}\\^]{3,990}")
_ANY = Service("", DEFAULT_TIERS[1])


@command(
    word="attest",
    usage="<service> <practice> [link]",
    summary="Attest a practice that no API shows: a failover test, a game day, training.",
    example="attest checkout game_day https://wiki.example/game-day",
    role=Role.RESPONDER,
    form=True,
)
async def attest(call: Call, backend: Backend) -> AsyncGenerator[Card, None]:
    """Store the caller's attestation until it expires; nobody attests for a service that they own."""
    services = {service.name: service for service in await backend.audits.services()}
    practices = {name: promise.what for name, promise in vouchable(_ANY).items()}
    given = dict(call.fields) or _typed(call.words, practices)
    if not given:
        yield attest_form(tuple(services), practices)
        return
    errors, service, promise = _checked(given, services, call.caller)
    if service is None or promise is None or errors:
        raise field_errors(call, errors, attest_form(tuple(services), practices, values=given, errors=errors))
    by = display_name(call.caller)
    record = AttestationRecord(
        service.name, promise.practice, by, call.now, call.now + promise.period, given.get("link", "").strip()
    )
    await backend.records.attest(record, actor(call.caller))
    yield attested_card(record, what=promise.what)


def _typed(words: Sequence[str], practices: Mapping[str, str]) -> dict[str, str]:
    """The fields of a typed line: the service, then the practice in one word or several, then a link."""
    if not words:
        return {}
    link = words[-1] if "://" in words[-1] else ""
    rest = list(words[:-1] if link else words)
    for length in (3, 2, 1):
        practice = _spelled("_".join(rest[-length:]))
        if len(rest) > length and practice in practices:
            return {"service": " ".join(rest[:-length]), "practice": practice, "link": link}
    service, last = (rest, "") if len(rest) == 1 else (rest[:-1], rest[-1])
    return {"service": " ".join(service), "practice": last, "link": link}


def _spelled(practice: str) -> str:
    return practice.strip().lower().replace("-", "_").replace(" ", "_")


def _checked(
    given: Mapping[str, str], services: Mapping[str, Service], caller: Caller
) -> tuple[dict[str, str], Service | None, Promise | None]:
    errors: dict[str, str] = {}
    name = find(given.get("service", ""), services)
    service = services[name] if name else None
    if service is None:
        errors["service"] = _unknown("service", given.get("service", ""), services)
    elif _owns(caller, service):
        errors["service"] = f"You own {service.name}: ask a person outside {service.owner} to attest it."
    promises = vouchable(service or _ANY)
    promise = promises.get(_spelled(given.get("practice", "")))
    if promise is None:
        errors["practice"] = _unknown("practice", given.get("practice", ""), promises)
    link = given.get("link", "").strip()
    if link and not _LINK.fullmatch(link):
        errors["link"] = "This is not a link. It must begin with https:// and contain no spaces."
    return errors, service, promise


def _unknown(kind: str, name: str, known: Mapping[str, object]) -> str:
    near = nearest(name, known, at_most=1) if name else ()
    if near:
        return f"No {kind} is called {name!r}; did you mean {near[0]}?"
    problem = f"No {kind} is called {name!r}." if name else f"Enter a {kind}."
    return f"{problem} Known: {', '.join(list(known)[:12])}." if known else f"{problem} No {kind} is known yet."


def _owns(caller: Caller, service: Service) -> bool:
    names = {caller.user, actor(caller), caller.name, *caller.groups} - {""}
    return service.owner.casefold() in {name.casefold() for name in names}
