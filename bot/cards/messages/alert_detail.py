"""What stands in the thread of an alert: evidence, the providers' words, the timeline and every service that is hit."""

from collections.abc import Iterator, Sequence

from bot.cards.card import Block, Card, Heading, Items, Pairs, Paragraph, Span, Text, text
from bot.cards.messages.incident_parts import PHASES, SEVERITIES, affected_table, incident_data, names, worst_first
from bot.cards.sanitise import cut, isolated
from bot.cards.wording import FATES, count
from bot.model.incidents import Affected, Incident, ProviderStatement
from checks import Fate

EVIDENCE, WORDS, TIMELINE, SERVICES, SCOPES = 12, 6, 20, 8, 12
_LINE, _NAME, _WORST = 240, 80, 4
# Letters of names for each fate: four of them, a table and a timeline fit into one message of Slack.
_NAMES = 1_050


def detail_card(incident: Incident) -> Card:
    """Everything that is known of it, kept up to date like the alert above. No clock: it changes only with the incident."""
    blocks = (_state(incident), *evidence(incident), *words(incident), *timeline(incident), *services(incident))
    title = f"Details: {isolated(cut(incident.title, 110))}"
    return Card("alert_detail", title, _summary(incident), blocks, "neutral", incident_data(incident))


def evidence(incident: Incident) -> list[Block]:
    """What we see ourselves, and what stands behind it."""
    blocks: list[Block] = []
    if incident.cause is not None:
        why = f": {cut(incident.cause_why, _LINE)}" if incident.cause_why else "."
        blocks.append(Paragraph(text("Behind it all stands ", Span(str(incident.cause), "bold"), why)))
    elif incident.cause_why:
        blocks.append(Paragraph(text(cut(incident.cause_why, _LINE), ".")))
    if incident.evidence:
        lines = tuple(text(cut(one, _LINE)) for one in incident.evidence[:EVIDENCE])
        blocks += [Heading("What we see"), Items(lines, left_out=max(0, len(incident.evidence) - EVIDENCE))]
    return blocks


def timeline(incident: Incident, at_most: int = TIMELINE) -> list[Block]:
    """What happened, newest first."""
    if not incident.timeline:
        return []
    newest = sorted(incident.timeline, key=lambda one: one.at, reverse=True)
    lines = tuple(text(Span(at=one.at), f" {cut(one.text, _LINE)}") for one in newest[:at_most])
    return [Heading("What happened, newest first"), Items(lines, left_out=max(0, len(newest) - at_most))]


def services(incident: Incident) -> list[Block]:
    """The worst services with the reason, then every one that is, or may be, hit by its name, by what is expected of it."""
    if not incident.touches_us:
        return []
    heading = "Our services" if incident.open else "Our services, as it was expected"
    hit = worst_first(incident.affected)
    if len(hit) <= SERVICES:
        return [Heading(heading), affected_table(hit, at_most=SERVICES)]
    return [Heading(heading), affected_table(hit[:_WORST], at_most=_WORST), *_by_fate(hit, incident.id)]


def _by_fate(hit: Sequence[Affected], incident: str) -> Iterator[Block]:
    yield Heading("All of them")
    by_fate, cut_short = dict[Fate, list[str]](), False
    for one in hit:
        by_fate.setdefault(one.fate, []).append(isolated(cut(one.service, _NAME)))
    for fate, those in by_fate.items():
        shown, room = [], _NAMES
        for name in those:
            room -= len(name) + 2
            if room < 0:
                break
            shown.append(name)
        cut_short = cut_short or len(shown) < len(those)
        more = f" and {len(those) - len(shown):,} more" if len(shown) < len(those) else ""
        yield Paragraph(text(FATES[fate], f" ({len(those):,}): {', '.join(shown)}{more}"))
    if cut_short:
        line = f"backstay incidents {incident} --format md"
        yield Paragraph(text("The whole list: ", Span(line, "code")), quiet=True)


def _summary(incident: Incident) -> str:
    hit = len(worst_first(incident.affected))
    ours = (
        f"{count(hit, 'service')} of ours {'is' if hit == 1 else 'are'}, or may be, hit"
        if hit
        else "None of ours is hit"
    )
    return f"{ours}. Broken: {names([str(scope) for scope in incident.scopes], SCOPES) or 'not known'}."


def _state(incident: Incident) -> Pairs:
    state: list[str | Span] = [PHASES[incident.phase]]
    state += [f", wave {incident.wave}"] if incident.wave > 1 else []
    state += [", comes and goes"] if incident.flapping else []
    pairs: list[tuple[str, Text]] = [("State", text(*state)), ("Incident", text(Span(incident.id, "code")))]
    if incident.handling.escalated_to:
        pairs.append(("Told beside its own teams", text(names(incident.handling.escalated_to, WORDS))))
    return Pairs(tuple(pairs))


def words(incident: Incident) -> list[Block]:
    """What the providers say of it."""
    if not incident.words:
        return [Paragraph(text("No provider has said anything of it yet."))] if incident.open else []
    lines = tuple(_word(one) for one in sorted(incident.words, key=lambda one: one.since)[:WORDS])
    return [Heading("What providers say"), Items(lines, left_out=max(0, len(incident.words) - WORDS))]


def _word(one: ProviderStatement) -> Text:
    said = Span(cut(one.title, _LINE) or "nothing more", link=one.url)
    state = "" if one.open else ", now says that it is over"
    return text(f"{one.provider} ", SEVERITIES[one.severity], " since ", Span(at=one.since), ": ", said, state)
