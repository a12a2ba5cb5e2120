"""Extracts the text and the steps of a runbook from an HTML page or a text file."""

import re
from html.parser import HTMLParser

MAX_CHARACTERS = 100_000
MAX_STEPS, MAX_STEP_LENGTH = 50, 400

_STEP = re.compile(r"^\s*(?:\d+[.)]\s+|[-*+]\s*\[[ xX]\]\s*)(?P<step>\S.*)$", re.MULTILINE)
_BULLET = re.compile(r"^\s*[-*+]\s+(?P<step>\S.*)$", re.MULTILINE)
_BLANKS = re.compile(r"[ \t\xa0]+")
_SKIPPED_TAGS = frozenset(
    {"script", "style", "nav", "header", "footer", "noscript", "template", "svg", "form", "button", "title"}
)
_BLOCK_TAGS = frozenset(
    {"p", "div", "br", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "article", "table"}
)
_VOID_TAGS = frozenset({"br", "input", "img", "hr", "meta", "link"})


def extract_steps(text: str) -> tuple[str, ...]:
    """The steps of a text in order, without their marks: numbered lines and checkboxes, else bullets."""
    steps = [match["step"] for match in _STEP.finditer(text)] or [match["step"] for match in _BULLET.finditer(text)]
    return tuple(_BLANKS.sub(" ", step).strip()[:MAX_STEP_LENGTH] for step in steps[:MAX_STEPS])


def count_steps(text: str) -> int:
    """The number of steps in a text."""
    return len(_STEP.findall(text)) or len(_BULLET.findall(text))


def html_to_text(page: str) -> tuple[str, bool]:
    """The text of an HTML page (one line per block, list items numbered), and whether it has a password field."""
    parser = _TextParser()
    parser.feed(page)
    parser.close()
    lines = (_BLANKS.sub(" ", line).strip() for line in "".join(parser.written).splitlines())
    return "\n".join(line for line in lines if line)[:MAX_CHARACTERS], parser.has_password_field


class _TextParser(HTMLParser):
    """Collects the visible text of a page, without navigation, forms and scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
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

    def handle_data(self, data: str) -> None:
        """Collect text; line ends in HTML are spaces."""
        if not self._skipped_depth:
            self.written.append(data.replace("\r", " ").replace("\n", " "))
