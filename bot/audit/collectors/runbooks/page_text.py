"""A page or a text file -> its lines, and the steps among them: what a runbook says, without the page around it."""

import re
from html.parser import HTMLParser

MAX_CHARACTERS = 100_000
STEPS, STEP = 50, 400

_STEP = re.compile(r"^\s*(?:\d+[.)]\s+|[-*+]\s*\[[ xX]\]\s*)(?P<said>\S.*)$", re.MULTILINE)
_BULLET = re.compile(r"^\s*[-*+]\s+(?P<said>\S.*)$", re.MULTILINE)
_BLANKS = re.compile(r"[ \t\xa0]+")
_SILENT = frozenset(
    {"script", "style", "nav", "header", "footer", "noscript", "template", "svg", "form", "button", "title"}
)
_LINES = frozenset(
    {"p", "div", "br", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "article", "table"}
)
_VOID = frozenset({"br", "input", "img", "hr", "meta", "link"})


def steps(text: str) -> tuple[str, ...]:
    """The numbered or ticked lines of a text, else its bullets, without their marks, in order."""
    found = [match["said"] for match in _STEP.finditer(text)] or [match["said"] for match in _BULLET.finditer(text)]
    return tuple(_BLANKS.sub(" ", step).strip()[:STEP] for step in found[:STEPS])


def counted(text: str) -> int:
    """How many steps a text has."""
    return len(_STEP.findall(text)) or len(_BULLET.findall(text))


def of_html(page: str) -> tuple[str, bool]:
    """The text of an HTML page, a line for each block, its numbered lists numbered; and whether it asks for a password."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    lines = (_BLANKS.sub(" ", line).strip() for line in "".join(reader.written).splitlines())
    return "\n".join(line for line in lines if line)[:MAX_CHARACTERS], reader.asks_for_a_password


class _Reader(HTMLParser):
    """Collects what is read by people. A page's own navigation and code are left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self.asks_for_a_password = False
        self._silent = 0
        self._lists: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, an item, or a part that is left out."""
        if tag == "input" and ("type", "password") in [(name, (value or "").lower()) for name, value in attrs]:
            self.asks_for_a_password = True
        if tag in _SILENT:
            self._silent += 1
        if tag in _LINES:
            self.written.append("\n")
        if tag in ("ol", "ul"):
            self._lists.append(0 if tag == "ol" else None)
        if tag == "li":
            self._item()

    def _item(self) -> None:
        number = self._lists[-1] if self._lists else None
        if number is None:
            self.written.append("- ")
        else:
            self._lists[-1] = number + 1
            self.written.append(f"{number + 1}. ")

    def handle_endtag(self, tag: str) -> None:
        """End what was begun."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in ("ol", "ul") and self._lists:
            self._lists.pop()
        if tag in _LINES - _VOID:
            self.written.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep words; line ends in a page mean nothing."""
        if not self._silent:
            self.written.append(data.replace("\r", " ").replace("\n", " "))
