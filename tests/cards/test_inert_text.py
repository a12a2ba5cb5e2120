"""Whatever text comes from outside: it is shown, it is not obeyed, and no platform refuses it."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.limits.slack_blocks import Message
from support.limits.teams_limits import check_teams

from bot.cards.card import (
    Button,
    Buttons,
    Card,
    Chart,
    Heading,
    Items,
    Pairs,
    Paragraph,
    Span,
    Table,
    text,
)
from bot.cards.render import html as to_html
from bot.cards.render import slack as to_slack
from bot.cards.render import teams as to_teams
from bot.cards.render import terminal as to_terminal
from bot.cards.render import text as to_text
from bot.cards.render.slack_text import escaped, mrkdwn
from bot.cards.render.teams_text import unmarked
from bot.cards.sanitise import clean, cut, isolated, secure

NASTY = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="<!@#>&|*_~`{}$[]()\\/-+ \n\tax1:.", max_size=120),
    st.sampled_from(
        [
            "<!channel>",
            "<@U012ABC>",
            "<https://evil.example|https://good.example>",
            "&lt;!here&gt;",
            "</script><script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "{{DATE(2026-01-01T00:00:00Z, SHORT)}}",
            "${secret}",
            "[good](https://evil.example)",
            "<at>Everyone</at>",
            "\x1b[2J\x1b]0;owned\x07",
            "\u202egnp.exe",
            "\ud83d",
            "\u202e",
            " ",
            "👩‍👩‍👧‍👦" * 60,
            "x" * 5000,
        ]
    ),
)


def card_of(words: str) -> Card:
    """The same words in every place that a card has."""
    span = Span(words)
    return Card(
        "sample",
        words or "title",
        words or "summary",
        (
            Heading(words or "heading"),
            Paragraph(text(span, Span(words, "bold"), Span(words, "code"), Span(words, "bad"))),
            Paragraph((span, Span(words, link="https://docs.example/x?a=1&b=2")), quiet=True),
            Pairs(((words or "name", (span,)),)),
            Items(((span,), (Span(words, "warning"),)), numbered=True),
            Table((words or "column", "b"), (((span,), (Span(words, "code"),)),)),
            Chart(words or "chart", ((words, 1.0), ("b", 2.0)), words or "alt"),
            Buttons((Button(words or "button", "scorecard"), Button("link", link=words))),
        ),
    )


SLOWER = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOWER
@given(NASTY)
def test_slack_takes_any_text_and_nothing_in_it_acts(words: str) -> None:
    Message.model_validate(to_slack.render(card_of(words)))


@SLOWER
@given(NASTY)
def test_teams_takes_any_text_and_nothing_in_it_acts(words: str) -> None:
    for interactive in (True, False):
        check_teams(to_teams.render(card_of(words), interactive=interactive), interactive=interactive)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


@SLOWER
@given(NASTY)
def test_a_page_has_no_script_no_handler_and_only_https_links(words: str) -> None:
    page = _Page()
    page.feed(to_html.render(card_of(words)))
    assert not page.tags & {"script", "img", "iframe", "object", "link", "form", "base"}
    assert not [name for name in page.attributes if name.startswith("on")]
    assert all(link.startswith("https://") for link in page.links)


@SLOWER
@given(NASTY)
def test_no_control_character_reaches_a_terminal(words: str) -> None:
    for shown in (to_text.render(card_of(words)), to_terminal.render(card_of(words), width=80, colour=False)):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
        shown.encode()


@given(NASTY)
def test_cleaning_twice_changes_nothing_more(words: str) -> None:
    assert clean(clean(words)) == clean(words)
    assert isolated(isolated(words)) == isolated(words)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("a & b", "a &amp; b"),
        ("my_table_name", "my_table_name"),
        ("*all* of _it_ ~now~", "∗all∗ of ˍitˍ ∼now∼"),
        ("`rm -rf`", "ˋrm -rfˋ"),
        ("> quoted", "› quoted"),
        ("two\nlines", "two lines"),
    ],
)
def test_mrkdwn_shows_what_was_written(words: str, shown: str) -> None:
    assert escaped(words) == shown


def test_a_name_in_code_stays_as_it_can_be_copied() -> None:
    assert mrkdwn((Span("orders_*_v2", "code"),), 100) == "`orders_*_v2`"


def test_mrkdwn_is_never_cut_within_an_entity() -> None:
    made = mrkdwn((Span("&" * 400),), 100)
    assert len(made) <= 100
    assert re.fullmatch(r"(&amp;)+…+", made)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("[a](https://evil.example)", "[a]\u2060(https:\u200c//evil.example)"),
        ("<https://evil.example>", "<\u2060https:\u200c//evil.example>"),
        ("<b>a</b> &lt;", "<\u2060b>a<\u2060/b> &\u2060lt;"),
        ("- item", "\u2060- item"),
        ("1. item", "\u20601. item"),
        ("{{TIME(x)}}", "{\u2060{TIME(x)}}"),
        ("a\\b", "a\\\\b"),
    ],
)
def test_markdown_in_teams_shows_what_was_written(words: str, shown: str) -> None:
    assert unmarked(words) == shown


@pytest.mark.parametrize(
    "link",
    ["http://a.example", "javascript:alert(1)", "https://a.example/<x>", "https://a b.example", "https://x|y", ""],
)
def test_only_plain_https_is_a_link(link: str) -> None:
    assert secure(link) == ""


def test_a_cut_closes_the_isolate_that_it_opened() -> None:
    made = cut(isolated("שלום שלום"), 5)
    assert len(made) == 5
    assert made == clean(made)
    assert made.endswith("\u2069…")
