"""What people wrote in a feed -> plain text: markup is dropped, entities are resolved, nothing of it can act any more."""

import html
import re
from html.parser import HTMLParser

TITLE = 300
TEXT = 20_000

_BLOCKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "hr"})
_SILENT = frozenset({"script", "style", "template", "head", "noscript", "iframe"})
_MARKUP = re.compile(r"<[a-zA-Z!/?]")
# Controls, and marks that turn the direction of the text around them (Unicode bidirectional overrides and isolates).
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class _Stripper(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs  # no address, no style, no handler survives
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def plain(text: str, most: int = TEXT) -> str:
    """HTML or plain text as plain text: paragraphs are lines, runs of spaces are one; at most `most` characters."""
    text = text[: 4 * most]
    if _MARKUP.search(text):
        stripper = _Stripper()
        stripper.feed(text)
        stripper.close()
        text = "".join(stripper.parts)
    elif "&" in text:
        text = html.unescape(text)
    text = _UNSEEN.sub("", text.replace("\r", "\n"))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)[:most].rstrip()


def line(text: str, most: int = TITLE) -> str:
    """The same on one line, for titles and names."""
    return " ".join(plain(text, most).split())
