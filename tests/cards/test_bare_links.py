"""A link or markup that somebody plants in a name or a reason is shown and can be followed nowhere."""

import html as standard
import json
import re
from datetime import UTC, datetime

import pytest

from bot.cards.bare_links import without_bare_links
from bot.cards.card import Block, Button, Buttons, Card, Heading, Items, Pairs, Paragraph, Span, Table, text
from bot.cards.render import html, slack, teams
from bot.cards.render import text as plain
from bot.net.markdown import inert
from bot.net.web_addresses import BREAK, unlinked

AT = Span(at=datetime(2026, 11, 23, tzinfo=UTC))
PLANTED = [
    "Ann <https://evil.example>",
    "Ann [click](https://evil.example)",
    "Ann <https://evil.example|click>",
    "Ann <a href='https://evil.example'>click</a>",
    "Ann https://evil.example/?a=1&b=2",
    "Ann www.evil.example",
    "<mailto:ann@evil.example>",
    "<b>Ann</b> <script>",
    "Ann &lt;b&gt; &amp; &#42;",
    "<!channel> <@U1> <at>everyone</at>",
    "**Ann** _Bob_ ~~Eve~~ a*b*c `code`",
]


def planted(words: str) -> Card:
    """A card with these words wherever a name or a reason may be."""
    blocks: tuple[Block, ...] = (
        Heading(words),
        Paragraph(text("Owner: ", words)),
        Paragraph(text(words), quiet=True),
        Paragraph(text(AT, f" by {words}")),
        Pairs((("Owner", text(words)), ("Muted", text(AT, f" by {words}")))),
        Items((text(words),)),
        Table(("Person", "Reason"), ((text(words), text(words)),)),
        Paragraph(text(Span("Runbook", link="https://wiki.example/runbook"))),
        Buttons((Button("Details", "scorecard"),)),
    )
    return Card("alert", words, words, blocks)


def strings(part: object, key: str = "") -> list[tuple[dict[str, object], str, str]]:
    """Every string of a payload with its object and its key."""
    found: list[tuple[dict[str, object], str, str]] = []
    for name, value in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
        if isinstance(value, str) and isinstance(part, dict):
            found.append((part, str(name), value))
        found += strings(value, str(name))
    return found


def seen(text: str) -> str:
    """What a reader sees: no marks without width, twins as what they look like."""
    return re.sub("[\u2060\u200c\u2068\u2069]", "", text).translate(str.maketrans("∗ˍ∼ˋ›", "*_~`>"))


@pytest.mark.parametrize("words", PLANTED)
def test_in_slack(words: str) -> None:
    said = slack.render(planted(words))
    for part, key, value in strings(said):
        parsed = part.get("type") == "mrkdwn" or (key == "text" and "blocks" in part)
        assert part.get("type") != "link" or part["url"] == "https://wiki.example/runbook"
        if parsed:
            assert "://evil" not in value
            assert not re.search(r"<(?!!date\^)", value), value
    assert seen(words) in seen(json.dumps(said, ensure_ascii=False)).replace('\\"', '"')


@pytest.mark.parametrize("words", PLANTED)
def test_in_teams(words: str) -> None:
    said = teams.render(planted(words))
    for part, key, value in strings(said):
        assert part.get("type") != "Action.OpenUrl" or part["url"] == "https://wiki.example/runbook"
        if (part.get("type") == "TextBlock" and key == "text") or key == "value":  # markdown
            assert not re.search(r"\w://evil|<[a-zA-Z/!]|\]\(|www\.|&#?\w+;|\*", value), value
    assert seen(words) in seen(json.dumps(said, ensure_ascii=False))


@pytest.mark.parametrize("words", PLANTED)
def test_on_a_page(words: str) -> None:
    page = html.render(planted(words))
    assert re.findall(r'href="([^"]*)"', page.partition("<body")[2] or page) == ["https://wiki.example/runbook"]
    assert standard.escape(words) in page


@pytest.mark.parametrize("words", PLANTED)
def test_in_mail(words: str) -> None:
    inert = without_bare_links(planted(words))
    for said in (plain.render(inert, 500), html.render(inert)):
        assert "://evil" not in said
        assert "www.evil" not in said
        assert "https://wiki.example/runbook" in said
    assert seen(words) in seen(plain.render(inert, 500))


@pytest.mark.parametrize("words", PLANTED)
def test_in_markdown(words: str) -> None:
    """Of a post-mortem or a pull request, whose readers turn bare addresses into links."""
    assert not re.search(r"\w://evil|www\.evil|(?<!\\)[<\[]|@(?!\u200b)", inert(words))


def test_code_and_links_of_our_own_stay_as_they_are() -> None:
    words = text(Span("curl https://api.example", "code"), Span("https://a.example", link="https://a.example"))
    card = Card("x", "t", "s", (Paragraph(words), Buttons((Button("Open", link="https://b.example"),))))
    assert without_bare_links(card) == card


def test_a_link_of_our_own_beside_a_name_can_be_followed_on_every_platform() -> None:
    said = text(Span("prod: 12 % of requests fail", link="https://prom.example/graph?g0=(a)"), ", since 2 probes")
    pairs = Pairs((("Failing now", text("dynamodb")), ("We see", said), ("Owner", text("nobody"))))
    card = Card("alert", "t", "s", (pairs,))
    assert "<https://prom.example/graph?g0=(a)|prod: 12 % of requests fail>" in str(slack.render(card))
    drawn = strings(teams.render(card))
    assert [value for part, key, value in drawn if part.get("type") == "Action.OpenUrl" and key == "url"] == [
        "https://prom.example/graph?g0=(a)"
    ]
    words = [value for _, key, value in drawn if key in ("text", "title", "value")]
    assert [name in " ".join(words) for name in ("Failing now", "We see: ", "prod: 12 %", "since 2", "Owner")] == [
        True
    ] * 5
    assert 'href="https://prom.example/graph?g0=(a)"' in html.render(card)


@pytest.mark.parametrize(
    ("written", "broken"),
    [
        ("https://a.example", f"https:{BREAK}//a.example"),
        ("WWW.a.example", f"WWW{BREAK}.a.example"),
        ("mailto:a@b.example", f"mailto:{BREAK}a@b.example"),
        ("aws/us-east-1: 12:30", "aws/us-east-1: 12:30"),
        ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket"),
    ],
)
def test_an_address_is_broken_after_its_scheme(written: str, broken: str) -> None:
    assert unlinked(written) == broken
