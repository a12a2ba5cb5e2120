"""Extracts the text and the steps of a runbook from an HTML page or a text file."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

MAX_CHARACTERS = 100_000
MAX_STEPS, MAX_STEP_LENGTH = 200, 400
MAX_LINKS = 500

_STEP = re.compile(r"^\s*(?:\d+[.)]\s+|[-*+]\s*\[[ xX]\]\s*)(?P<step>\S.*)$", re.MULTILINE)
_BULLET = re.compile(r"^\s*[-*+]\s+(?P<step>\S.*)$", re.MULTILINE)
_BLANKS = re.compile(r"[ \t\xa0]+")
_SKIPPED_TAGS = frozenset(
    {
        "script",
        "style",
        "nav",
        "header",
        "footer",
        "noscript",
        "template",
        "svg",
        "form",
        "button",
        "title",
        "ac:parameter",
    }
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCK_TAGS = frozenset(
    {"p", "div", "br", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "article", "table"}
)
_VOID_TAGS = frozenset({"br", "input", "img", "hr", "meta", "link"})


def extract_steps(text: str) -> tuple[str, ...]:
    """The steps of a text in order, without their marks: numbered lines and checkboxes, else bullets."""
    steps = [match["step"] for match in _STEP.finditer(text)] or [match["step"] for match in _BULLET.finditer(text)]
    return tuple(_BLANKS.sub(" ", step).strip()[:MAX_STEP_LENGTH] for step in steps[:MAX_STEPS])


def step_lines(text: str) -> list[tuple[int, str]]:
    """The steps as `extract_steps` finds them, whole, each with its line (from 0)."""
    pattern = _STEP if _STEP.search(text) else _BULLET
    return [
        (at, match["step"]) for at, line in enumerate(text.splitlines()) if (match := pattern.match(line)) is not None
    ]


def count_steps(text: str) -> int:
    """The number of steps in a text."""
    return len(_STEP.findall(text)) or len(_BULLET.findall(text))


@dataclass(frozen=True, slots=True)
class HtmlText:
    """An HTML page as text: a line for each block, list items numbered, headings marked with `#`; and what it links to."""

    text: str
    asks_password: bool
    links: tuple[str, ...]


def read_html(page: str) -> HtmlText:
    """The text of an HTML page. A large page takes a second or two: call it in a thread."""
    parser = _TextParser()
    parser.feed(page)
    parser.close()
    lines = (_BLANKS.sub(" ", line).strip() for line in "".join(parser.written).splitlines())
    text = "\n".join(line for line in lines if line.strip("# "))[:MAX_CHARACTERS]
    return HtmlText(text, parser.has_password_field, tuple(dict.fromkeys(parser.links)))


def html_to_text(page: str) -> tuple[str, bool]:
    """The text of an HTML page, and whether it has a password field."""
    read = read_html(page)
    return read.text, read.asks_password


class _TextParser(HTMLParser):
    """Collects the visible text of a page, without navigation, forms and scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self.links: list[str] = []
        self.has_password_field = False
        self._skipped_depth = 0
        self._lists: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Start a line, a list item or a skipped part."""
        if tag == "input" and ("type", "password") in [(name, (value or "").lower()) for name, value in attrs]:
            self.has_password_field = True
        if tag in _SKIPPED_TAGS:
            self._skipped_depth += 1
        if tag in _BLOCK_TAGS:
            self.written.append("\n")
        if tag in _HEADINGS and not self._skipped_depth:
            self.written.append(f"{'#' * _HEADINGS[tag]} ")
        if tag == "a" and not self._skipped_depth and len(self.links) < MAX_LINKS:
            self.links += [value.strip() for name, value in attrs if name == "href" and value]
        if tag in ("ol", "ul"):
            self._lists.append(0 if tag == "ol" else None)
        if tag == "li":
            self._start_item()

    def _start_item(self) -> None:
        number = self._lists[-1] if self._lists else None
        if number is None:
            self.written.append("- ")
        else:
            self._lists[-1] = number + 1
            self.written.append(f"{number + 1}. ")

    def handle_endtag(self, tag: str) -> None:
        """End a line, a list or a skipped part."""
        if tag in _SKIPPED_TAGS:
            self._skipped_depth = max(0, self._skipped_depth - 1)
        if tag in ("ol", "ul") and self._lists:
            self._lists.pop()
        if tag in _BLOCK_TAGS - _VOID_TAGS:
            self.written.append("\n")

    def unknown_decl(self, data: str) -> None:
        """Collect the text of a CDATA section: Confluence keeps code in them."""
        if data.startswith("CDATA[") and not self._skipped_depth:
            self.written.append(data.removeprefix("CDATA["))

    def handle_data(self, data: str) -> None:
        """Collect text; line ends in HTML are spaces."""
        if not self._skipped_depth:
            self.written.append(data.replace("\r", " ").replace("\n", " "))
