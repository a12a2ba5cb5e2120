"""What Slack refuses in a message, a modal or an App Home, as the fake Slack checks everything that is sent to it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError
from support.limits.slack_blocks import Message
from support.limits.slack_views import Home, Modal

_TEXT = 40_000
_BLOCKS = 50
_PAYLOAD = 13_200
_BY_BLOCK = {"header": 150, "section": 3_000}


def violations(message: dict[str, Any]) -> list[str]:
    """Every limit that a message breaks, in words."""
    blocks: list[dict[str, Any]] = message.get("blocks") or []
    found = []
    if len(message.get("text") or "") > _TEXT:
        found.append("text over 40,000 characters")
    if not message.get("text") and not blocks and not message.get("attachments"):
        found.append("no_text")
    if len(blocks) > _BLOCKS:
        found.append(f"{len(blocks)} blocks")
    if sum(len(text) for text in _strings(blocks)) > _PAYLOAD:
        found.append("blocks too long")
    for block in blocks:
        found.extend(_in_block(block))
    found.extend(_twice(blocks))
    if blocks:
        found.extend(_unlike(Message, {"text": message.get("text"), "blocks": blocks}))
    return found


def view_violations(view: Any) -> list[str]:
    """Every limit that a modal or an App Home breaks, in words."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["a view is a modal or a home"]
    found = [wrong for block in view.get("blocks", ()) for wrong in _in_block(block)]
    return [*found, *_twice(view.get("blocks", [])), *_unlike(Modal if view["type"] == "modal" else Home, view)]


def _unlike(model: type[BaseModel], payload: dict[str, Any]) -> list[str]:
    try:
        model.model_validate(payload)
    except ValidationError as error:
        return [
            f"{'.'.join(map(str, each_error['loc']))}: {each_error['msg']}"
            for each_error in error.errors(include_url=False)
        ]
    return []


def _in_block(block: dict[str, Any]) -> Iterator[str]:
    kind = block.get("type", "")
    limit = _BY_BLOCK.get(kind)
    written = (block.get("text") or {}).get("text", "")
    if limit is not None and len(written) > limit:
        yield f"{kind} text of {len(written)}"
    if kind in ("header", "section") and not written and not block.get("fields"):
        yield f"empty {kind}"
    if len(block.get("fields", ())) > 10 or any(len(field["text"]) > 2_000 for field in block.get("fields", ())):
        yield "section fields over 10 or over 2,000 characters"
    if len(block.get("elements", ())) > {"context": 10, "actions": 25}.get(kind, 1_000):
        yield f"{kind} with {len(block['elements'])} elements"
    if kind == "table" and (len(block["rows"]) > 100 or any(len(row) > 20 for row in block["rows"])):
        yield "table over 100 x 20"


def _twice(blocks: list[dict[str, Any]]) -> Iterator[str]:
    actions = [element.get("action_id") for block in blocks for element in block.get("elements", ())]
    for action, times in Counter(action for action in actions if action).items():
        if times > 1:
            yield f"action_id {action} {times} times"
    if sum(block.get("type") == "table" for block in blocks) > 1:
        yield "more than one table"


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                if key != "type":
                    yield from _strings(inner)
        case list():
            for inner in value:
                yield from _strings(inner)
