"""Attesting a practice: the form, and the confirmation with its expiry."""

from collections.abc import Mapping, Sequence

from bot.cards.card import Button, Buttons, Card, Form, FormField, Pairs, Span, text
from bot.cards.messages.form import form_card
from bot.cards.messages.score_parts import command
from bot.cards.sanitise import cut, isolated
from bot.model.records import AttestationRecord

SERVICES = 100
USAGE = "attest <service> <practice> <link>"


def attest_form(
    services: Sequence[str],
    practices: Mapping[str, str],
    *,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Card:
    """Ask for an attestation. `practices`: the keyword of each practice with its description."""
    some = 0 < len(services) <= SERVICES
    service = FormField(
        "service",
        "Service",
        "choice" if some else "text",
        options=tuple((name, name) for name in services) if some else (),
    )
    practice = FormField(
        "practice",
        "Practice",
        "choice",
        options=tuple((word, f"{what[:1].upper()}{what[1:]}") for word, what in practices.items()),
    )
    link = FormField(
        "link",
        "Link to the evidence",
        required=False,
        hint="Minutes, ticket or recording. An attestation without a link is stored but does not count.",
        max_length=1000,
    )
    form = Form("attest", (service, practice, link), USAGE, "attest", submit="Attest")
    summary = "For what backstay cannot read from the cloud. An attestation carries your name and expires."
    return form_card("Attest a practice", summary, form, values=values, errors=errors)


def attested_card(word: AttestationRecord, *, what: str) -> Card:
    """A stored attestation. `what` describes the practice."""
    pairs = [
        ("Attested by", text(isolated(word.by))),
        ("Counts until", text(Span(at=word.expires_at, day=True))),
        ("Evidence", text(Span(cut(word.link, 300), link=word.link)) if word.link else text(Span("none", "warning"))),
    ]
    blocks = [Pairs(tuple(pairs))]
    said = "It counts from the next audit of this service."
    if not word.link:
        said = "It does not count without a link. Attest it again with one."
    check = Button("Audit now", command("check", word.service), update=False)
    data = {"service": word.service, "practice": word.practice, "by": word.by, "link": word.link}
    data["expires_at"] = word.expires_at.isoformat()
    return Card(
        "attested",
        f"Attested: {what} for {isolated(word.service)}",
        said,
        (*blocks, Buttons((check,))),
        "good" if word.link else "warning",
        data,
    )
