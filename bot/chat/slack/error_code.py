"""Reads Slack's own error code out of an answer: nothing else of an answer is shown to people."""

import re

_CODE = re.compile(r"[a-z_]{1,60}")


def code_of(response: object) -> str:
    """The error code of an answer as the SDK gives it, such as `token_revoked`; empty where there is none."""
    data = getattr(response, "data", None)
    error = str(data.get("error", "")) if isinstance(data, dict) else ""
    return error if _CODE.fullmatch(error) else ""
