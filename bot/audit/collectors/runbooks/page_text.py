"""Extracts the text and the steps of a runbook from an HTML page or a text file."""

import html
import re
from dataclasses import dataclass

MAX_CHARACTERS = 100_000
MAX_STEPS, MAX_STEP_LENGTH = 200, 400
MAX_LINKS = 500

# Blanks and no line ends: `\s*` at the begin of a line would read all empty lines that follow, once for each of them.
_STEP = re.compile(r"^[ \t\xa0]*(?:\d+[.)][ \t\xa0]+|[-*+][ \t\xa0]*\[[ xX]\][ \t\xa0]*)(?P<step>\S.*)$", re.MULTILINE)
_BULLET = re.compile(r"^[ \t\xa0]*[-*+][ \t\xa0]+(?P<step>\S.*)$", re.MULTILINE)
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
_START = re.compile(r"<(?:!--|!\[CDATA\[|/?[a-zA-Z]|[!?])")
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z!?][\w:.-]{0,40})(?P<rest>[^<>]{0,8000})>")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'>]+))""", re.IGNORECASE)
_PASSWORD = re.compile(r"""\btype\s*=\s*["']?password\b""", re.IGNORECASE)
_UNREAD_TAGS = frozenset({"script", "style"})  # what they hold is no markup
# Controls of html.unescape: it hands these to int(), which refuses more than 4,300 digits.
_ENDLESS = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")
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
    lines = (_BLANKS.sub(" ", line).strip() for line in "".join(parser.written).splitlines())
    text = "\n".join(line for line in lines if line.strip("# "))[:MAX_CHARACTERS]
    return HtmlText(text, parser.has_password_field, tuple(dict.fromkeys(parser.links)))


def html_to_text(page: str) -> tuple[str, bool]:
    """The text of an HTML page, and whether it has a password field."""
    read = read_html(page)
    return read.text, read.asks_password


class _TextParser:
    """Collects the visible text of a page, without navigation, forms and scripts, in one pass over it.

    Not the standard library's parser, which unclosed tags keep busy for minutes.
    """

    def __init__(self) -> None:
        self.written: list[str] = []
        self.links: list[str] = []
        self.has_password_field = False
        self._skipped_depth = 0
        self._lists: list[int | None] = []

    def feed(self, page: str) -> None:
        """Read the page."""
        at = 0
        while start := _START.search(page, at):
            self._data(page[at : start.start()])
            at = self._markup(page, start)
        self._data(page[at:])

    def _markup(self, page: str, start: re.Match[str]) -> int:
        """Read what begins here; where it ends. A `<` without a `>` is text."""
        if start[0] == "<!--":
            return _after(page, "-->", start.end())
        if start[0] == "<![CDATA[":  # Confluence keeps code in them
            end = _after(page, "]]>", start.end())
            self._data(page[start.end() : end].removesuffix("]]>"), unescape=False)
            return end
        tag = _TAG.match(page, start.start())
        if tag is None:
            self._data("<", unescape=False)
            return start.start() + 1
        name = tag["name"].lower()
        if tag["end"]:
            self._end(name)
        else:
            self._start(name, tag["rest"])
            if name in _UNREAD_TAGS and not tag["rest"].endswith("/"):
                closing = re.compile(rf"</{name}\b", re.IGNORECASE).search(page, tag.end())
                return closing.start() if closing else len(page)
        return tag.end()

    def _start(self, tag: str, rest: str) -> None:
        """Start a line, a list item or a skipped part."""
        if tag == "input" and _PASSWORD.search(rest):
            self.has_password_field = True
        if tag in _SKIPPED_TAGS and not rest.endswith("/"):
            self._skipped_depth += 1
        if tag in _BLOCK_TAGS:
            self.written.append("\n")
        if tag in _HEADINGS and not self._skipped_depth:
            self.written.append(f"{'#' * _HEADINGS[tag]} ")
        if tag == "a" and not self._skipped_depth and len(self.links) < MAX_LINKS and (link := _HREF.search(rest)):
            self.links.append(html.unescape(link["double"] or link["single"] or link["bare"] or "").strip())
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

    def _end(self, tag: str) -> None:
        """End a line, a list or a skipped part."""
        if tag in _SKIPPED_TAGS:
            self._skipped_depth = max(0, self._skipped_depth - 1)
        if tag in ("ol", "ul") and self._lists:
            self._lists.pop()
        if tag in _BLOCK_TAGS - _VOID_TAGS:
            self.written.append("\n")

    def _data(self, data: str, *, unescape: bool = True) -> None:
        """Collect text; line ends in HTML are spaces."""
        if data and not self._skipped_depth:
            plain = html.unescape(_ENDLESS.sub("", data)) if unescape and "&" in data else data
            self.written.append(plain.replace("\r", " ").replace("\n", " "))


def _after(page: str, end: str, at: int) -> int:
    found = page.find(end, at)
    return found + len(end) if found >= 0 else len(page)
