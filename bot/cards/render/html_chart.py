"""Charts within the HTML page, as inline SVG with a text alternative."""

from html import escape

from bot.cards.card import Chart, Gauge
from bot.cards.sanitise import clean, cut
from bot.cards.wording import coverage_words, grade_words, points, rounded_down

_WIDTH, _HEIGHT = 640, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 14, 18, 28
_LABELS = 6
_ROW = 26


def chart(part: Chart, number: str) -> str:
    """A chart of the page; `number` makes its ids unique on the page."""
    drawn, height = (_line(part), _HEIGHT) if part.kind == "line" else _bars(part)
    title, alt = escape(clean(part.title)), escape(clean(part.alt))
    return (
        f'<figure><svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="chart{number}-title chart{number}-desc">'
        f'<title id="chart{number}-title">{title}</title><desc id="chart{number}-desc">{alt}</desc>{drawn}</svg>'
        f"<figcaption>{title}. {alt}</figcaption></figure>"
    )


def _line(part: Chart) -> str:
    spots = _spots(part)
    drawn = [_grid(part.top, share) for share in (0.0, 0.5, 1.0)]
    if len(spots) > 1:
        drawn.append(f'<polyline class="curve" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in spots)}"/>')
    drawn += [f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in spots]
    if spots:
        x, y = spots[-1]
        drawn.append(
            f'<text class="value" x="{x:.1f}" y="{y - 8:.1f}" text-anchor="end">{rounded_down(part.points[-1][1])}</text>'
        )
    step = max(1, -(-len(spots) // _LABELS))
    for at in range(len(spots) - 1, -1, -step):
        anchor = "end" if at == len(spots) - 1 else "start" if at == 0 else "middle"
        label = escape(cut(clean(part.points[at][0]), 16))
        drawn.append(f'<text x="{spots[at][0]:.1f}" y="{_HEIGHT - 8}" text-anchor="{anchor}">{label}</text>')
    return "".join(drawn)


def _spots(part: Chart) -> list[tuple[float, float]]:
    across, up = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    gaps = max(1, len(part.points) - 1)
    return [
        (_LEFT + across * at / gaps, _TOP + up * (1 - min(1.0, max(0.0, value / part.top))))
        for at, (_, value) in enumerate(part.points)
    ]


def _grid(top: float, share: float) -> str:
    y = _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - share)
    return (
        f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{points(top * share)}</text>'
    )


def _bars(part: Chart) -> tuple[str, int]:
    drawn, names, across = [], 190, _WIDTH - 190 - 60
    for at, (name, value) in enumerate(part.points):
        y, length = at * _ROW, across * min(1.0, max(0.0, value / part.top)) if part.top else 0
        drawn.append(
            f'<text x="{names - 10}" y="{y + 17}" text-anchor="end">{escape(cut(clean(name), 28))}</text>'
            f'<rect class="track" x="{names}" y="{y + 6}" width="{across}" height="14" rx="3"/>'
            f'<rect class="proven" x="{names}" y="{y + 6}" width="{length:.1f}" height="14" rx="3"/>'
            f'<text class="value" x="{names + across + 8}" y="{y + 17}">{rounded_down(value)}</text>'
        )
    return "".join(drawn), len(part.points) * _ROW + 4


def meter(part: Gauge, number: str) -> str:
    """The score as a bar: the proven part dark, the unknown part pale."""
    words = escape(f"{grade_words(part)}, {rounded_down(part.score)} of 100. {coverage_words(part)}")
    score = min(100.0, max(0.0, part.score))
    unread = max(0.0, min(100.0, part.high) - score)
    return (
        f'<svg viewBox="0 0 100 4" preserveAspectRatio="none" style="height:12px" role="img" aria-labelledby="meter{number}">'
        f'<title id="meter{number}">{words}</title><rect class="track" width="100" height="4" rx="1"/>'
        f'<rect class="open" x="{score:.1f}" width="{unread:.1f}" height="4"/>'
        f'<rect class="proven" width="{score:.1f}" height="4" rx="1"/></svg>'
    )
