"""Reads a plan or state as `terraform show -json` writes it: UTF-8 or UTF-16, with or without a byte order mark."""

import codecs
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.model.audits import UnusableError

STDIN: Final = "-"
MOST_BYTES: Final = 256 << 20
"""Bytes of the largest file that is read. A plan of 10,000 resources has some 60 MiB."""

_SHOW: Final = "Run `terraform show -json PLAN > plan.json` (or `tofu show -json`) and pass that file"
_ENCODINGS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ZIP: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan or state as it was read. `name` is the file's name as given, `text` its decoded content."""

    name: str
    text: str
    body: Mapping[str, Any]

    @property
    def is_plan(self) -> bool:
        """Whether it is a plan; else it is a state."""
        return any(key in self.body for key in ("planned_values", "resource_changes"))


def read_plan_file(name: str) -> PlanFile:
    """Read a plan or state. `-` reads standard input.

    Raises:
        UnusableError: it cannot be read, or is something else; the message names the file.
    """
    shown = "standard input" if name == STDIN else name
    text = _decoded(_bytes_of(name, shown), shown)
    try:
        body = json.loads(text)
    except ValueError as error:
        raise UnusableError(f"{shown}: {_not_json(text, error)}", _SHOW) from None
    except RecursionError:
        raise UnusableError(f"{shown}: the JSON is nested too deeply", _SHOW) from None
    return PlanFile(shown, text, _checked(body, shown))


def _bytes_of(name: str, shown: str) -> bytes:
    try:
        if name == STDIN:
            content = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnusableError(f"{shown}: {error.strerror or error}", "Name a file that you may read") from None
    if len(content) > MOST_BYTES:
        raise UnusableError(
            f"{shown}: larger than {MOST_BYTES >> 20} MiB", "Split the configuration, or plan a part with `-target`"
        )
    return content


def _decoded(content: bytes, shown: str) -> str:
    if content.startswith(_ZIP):
        raise UnusableError(f"{shown}: a binary plan file, as `terraform plan -out` writes it", _SHOW)
    encoding = next((name for mark, name in _ENCODINGS if content.startswith(mark)), "")
    if not encoding:  # JSON begins with an ASCII character, so the zero bytes tell UTF-16 without a mark
        encoding = {b"\0": "utf-16-be"}.get(content[:1]) or ("utf-16-le" if content[1:2] == b"\0" else "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise UnusableError(f"{shown}: neither UTF-8 nor UTF-16 text", _SHOW) from None


def _not_json(text: str, error: ValueError) -> str:
    start = text.lstrip()
    if not start:
        return "the file is empty"
    if start.startswith(
        ("resource ", "terraform ", "module ", "provider ", "variable ", "data ", "locals ", "#", "//")
    ):
        return "Terraform configuration (HCL), not a plan as JSON"
    if "Terraform will perform" in text or "OpenTofu will perform" in text or "No changes." in text:
        return "a plan as text, not as JSON"
    line, column = getattr(error, "lineno", 0), getattr(error, "colno", 0)
    return f"no valid JSON: line {line}, column {column}: {getattr(error, 'msg', error)}"


def _checked(body: Any, shown: str) -> Mapping[str, Any]:
    if isinstance(body, Mapping) and "@level" in body:
        raise UnusableError(f"{shown}: the log of `terraform plan -json`, which has no resources", _SHOW)
    if not isinstance(body, Mapping):
        raise UnusableError(f"{shown}: JSON, but no plan or state of Terraform", _SHOW)
    if "format_version" not in body:
        if "lineage" in body or "tfstate" in shown or {"version", "modules"} <= body.keys():
            version = body.get("version", "unknown")
            raise UnusableError(
                f"{shown}: a state file of version {version}, not the output of `terraform show -json`",
                "Run `terraform show -json > state.json` in the folder of the configuration and pass that file"
                + ("; a state of version 3 needs Terraform 0.12 first" if version == 3 else ""),
            )
        raise UnusableError(f"{shown}: JSON without format_version, so no plan or state of Terraform", _SHOW)
    version = str(body["format_version"])
    if version.partition(".")[0] not in ("0", "1"):
        raise UnusableError(
            f"{shown}: format_version {version} is not known here (known: 0.1 to 1.x)", "Update backstay"
        )
    for key in ("planned_values", "values", "prior_state", "configuration"):
        if not isinstance(body.get(key) or {}, Mapping):
            raise UnusableError(f"{shown}: {key} is no object", _SHOW)
    return body
