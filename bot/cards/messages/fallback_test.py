"""The test message of a fallback route: it says that it is a test, why it was sent, and that no action is needed."""

from datetime import datetime

from bot.cards.card import Card, Paragraph, Span, text


def route_test_card(audience: str, route: str, at: datetime, *, asked_by: str = "") -> Card:
    """The test of one route of an audience. `asked_by` empty: the monthly one."""
    why = f"Requested by {asked_by}." if asked_by else "Each fallback route is tested once a month."
    words = text(
        "No action is needed. ",
        f"{why} Posts for {audience} arrive here when earlier routes fail. Sent at ",
        Span(f"{at:%Y-%m-%d %H:%M} UTC", at=at),
        ".",
    )
    data = {"audience": audience, "route": route, "at": at.isoformat()}
    return Card(
        "route_test",
        f"Test of {route}",
        f"This is a test: {route} reaches {audience}.",
        (Paragraph(words),),
        data=data,
    )
