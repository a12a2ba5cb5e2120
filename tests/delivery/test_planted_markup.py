"""What a person planted in a name or a reason has no effect where other services show our text: webhooks, PagerDuty, Apprise."""

import re
from typing import Any

import pytest
from support.builders.posts import ManualClock, context, message
from support.fakes.receivers import Receiver

from bot.cards.card import Card, Pairs, Paragraph, Span, text
from bot.delivery.routing.registry import build
from bot.model import RouteSpec, Sent

OURS = "https://wiki.example/runbook"
PLANTED = (
    "Ann <https://evil.example>",
    "Ann <https://evil.example|click>",
    "[click](https://evil.example)",
    "[click](//evil.example)",
    "<!channel> <@U1> @everyone @here",
    "<a href='https://evil.example'>click</a>",
    "www.evil.example",
)
LIVE = re.compile(r"://evil|www\.evil|\]\(|<[!@#]|<https?:|@(?:everyone|here)")


def planted() -> dict[str, Any]:
    """A card with all of it in its title, its summary and its blocks, and a link of our own."""
    words = " ".join(PLANTED)
    blocks = (
        Pairs((("Owner", text(words)),)),
        Paragraph(text("Reason: ", words)),
        Paragraph(text(Span("Runbook", link=OURS))),
    )
    return dict(Card("alert", words, words, blocks).dump())


async def sent_by(kind: str, hook: Receiver, **options: Any) -> Any:
    """What the receiver gets of the card."""
    around = context(secret=lambda name: {"env:KEY": "k3y", "env:URL": hook.url}.get(name, name), clock=ManualClock())
    route = build(RouteSpec(kind, f"{kind}:it", options), around)
    assert isinstance(await route.send(message(card=planted()), 1), Sent)
    return hook.received[-1].json


async def test_a_webhook_gets_text_that_leads_nowhere_and_the_card_as_it_is() -> None:
    async with Receiver().running() as hook:
        said = await sent_by("webhook", hook, url=hook.url)
    assert not LIVE.search(said["title"] + said["text"].replace(f"<{OURS}>", ""))
    assert f"Runbook <{OURS}>" in said["text"]
    assert "<https://evil.example|click>" in said["card"]["title"]


async def test_pagerduty_gets_text_that_leads_nowhere() -> None:
    async with Receiver().running() as hook:
        said = await sent_by("pagerduty", hook, routing_key="env:KEY", url=hook.url)
    shown = said["payload"]["summary"] + said["payload"]["custom_details"]["text"]
    assert not re.search(r"://evil|www\.evil", shown)
    assert OURS in shown


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("taken", ["text", "html", "markdown"])
async def test_a_service_behind_apprise_gets_text_whatever_markup_it_takes(taken: str) -> None:
    async with Receiver().running() as hook:
        address = f"{hook.url.replace('http', 'json')}?format={taken}"
        route = build(
            RouteSpec("apprise", "apprise:it", {"url": "env:URL"}), context(secret={"env:URL": address}.__getitem__)
        )
        assert isinstance(await route.send(message(card=planted()), 1), Sent)
        shown = hook.received[-1].json["message"]
    assert not LIVE.search(shown.replace(f"<{OURS}>", ""))
    assert OURS in shown
    assert (taken == "html") == ("<a href" not in shown)
