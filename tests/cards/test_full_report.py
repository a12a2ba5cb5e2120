"""The page of a whole audit: every link leads somewhere, failures come first with what to do, and no name acts."""

import re
from html.parser import HTMLParser

import pytest
from support.builders.moment import NOW
from support.builders.scorecards import CHECKS, DOCS, HOSTILE, MIXED, sample_estate, sample_history, sample_trend

from bot.cards.messages.full_report import full_report
from bot.cards.render import html_report
from checks import Outcome, Scorecard

_VOID = {"meta", "hr", "br", "rect", "line", "circle", "polyline"}


class _Page(HTMLParser):
    """Tags with their attributes, the links, and whether every tag is closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]

    @property
    def links(self) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag == "a"]


def _report(scorecard: Scorecard) -> str:
    return html_report.render(
        full_report(scorecard, organisation="Acme", now=NOW, trend=sample_trend(), history=sample_history())
    )


ESTATES = {
    "eight": sample_estate(8),
    "sixty": sample_estate(60),
    "hostile": sample_estate(8, lambda at: f"{at}{HOSTILE}"),
    "none": sample_estate(0),
}


@pytest.mark.parametrize("name", ESTATES)
def test_every_link_within_the_page_has_its_target(name: str) -> None:
    page = _Page(_report(ESTATES[name]))
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    places = [link["href"] for link in page.links if link["href"].startswith("#")]
    assert {place[1:] for place in places} <= set(page.ids)
    services = len(ESTATES[name].services)
    for number in range(1, services + 1):
        assert places.count(f"#service-{number}") >= 2, "in the contents and in the table of services"


@pytest.mark.parametrize("name", ESTATES)
def test_nothing_on_the_page_runs_and_no_link_tells_where_it_came_from(name: str) -> None:
    page = _Page(_report(ESTATES[name]))
    assert not {tag for tag, _ in page.tags} & {"script", "img", "iframe", "object", "link", "form", "base", "button"}
    assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on")]
    for link in page.links:
        if not link["href"].startswith("#"):
            assert link["href"] == DOCS
            assert set(link["rel"].split()) == {"noopener", "noreferrer"}


def test_a_hostile_name_is_shown_as_it_was_written() -> None:
    page = _report(ESTATES["hostile"])
    assert "0&lt;!channel&gt; *x* _y_ `z`" in page
    assert "<script" not in page
    assert "evil.example" not in "".join(link["href"] for link in _Page(page).links)


def _services(page: str) -> list[str]:
    return re.findall(r'<details class="service">.*?</section></details>', page, re.DOTALL)


def test_each_service_is_folded_under_its_grade_score_and_counts() -> None:
    estate = ESTATES["eight"]
    sections = _services(_report(estate))
    assert len(sections) == 8
    summaries = [section.partition("</summary>")[0] for section in sections]
    for score in estate.services:
        (summary,) = (summary for summary in summaries if f"<bdi>{score.service.name}</bdi>" in summary)
        assert f"tier {score.service.tier.number}" in summary
        assert (f"{int(score.score)} of 100" if score.grade else "no grade") in summary
        failed = sum(finding.outcome is Outcome.FAIL for finding in score.findings)
        assert (f"{failed} failed" in summary) == bool(failed)


def test_failed_checks_come_first_each_with_its_remediation_and_documentation() -> None:
    section = _services(_report(sample_estate(1)))[0]
    failed, _, rest = section.partition("<h4>Failed checks (2, 3 findings)</h4>")[2].partition("<h4>Unknown (1)</h4>")
    entries = failed.split('<li><p><span class="state bad">')[1:]
    failing = [check for check, outcomes in zip(CHECKS, MIXED, strict=True) if Outcome.FAIL in outcomes]
    assert len(entries) == len(failing)
    for entry, check in zip(entries, failing, strict=True):
        assert check.title in entry
        assert f'href="#check-{check.id}"' in entry
        assert '<p class="fix"><strong>Fix:</strong>' in entry
        assert f'<a class="docs" href="{DOCS}" rel="noopener noreferrer">Documentation</a>' in entry
    groups = re.findall(r'<details class="group"><summary>([^<]+)</summary>', rest)
    assert groups == ["Waived checks (1)", "Passed checks (3)", "Checks that do not apply (1)"]


def test_each_check_is_explained_once() -> None:
    page = _report(ESTATES["eight"])
    glossary = page.partition('<h2 id="checks">')[2]
    for check in CHECKS:
        explained = glossary.partition(f'<section id="check-{check.id}"')[2].partition("</section>")[0]
        assert check.lesson in explained
        assert f'href="{check.docs}"' in explained
        assert glossary.count(f'id="check-{check.id}"') == 1
