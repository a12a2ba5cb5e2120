"""A ticket's body as Markdown, in which nothing of what was read is markup, a link or a mention."""

from collections.abc import Iterator

from bot.audit.tickets.issue import KEY, BodyLine, WantedTicket
from bot.net.markdown import inert


def markdown_body(ticket: WantedTicket) -> str:
    """The body; trackers keep some 30,000 characters and more."""
    return "\n".join(_lines(ticket)).strip()[:30_000]


def _lines(ticket: WantedTicket) -> Iterator[str]:
    before = ""
    for line in ticket.body:
        if line.kind != before or line.kind != "item":
            yield ""
        yield _line(line)
        before = line.kind


def _line(line: BodyLine) -> str:
    words = line.text if line.own or line.text.startswith(KEY) else inert(line.text)
    match line.kind:
        case "heading":
            return f"### {words}"
        case "item":
            return f"- {words}"
        case "link":
            return f"<{line.text}>"
        case "text":
            return words
