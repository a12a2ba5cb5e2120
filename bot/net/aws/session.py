"""botocore sessions that load service descriptions without their documentation, which saves a third of the memory."""

import gzip
import json
from pathlib import Path
from typing import Any

import botocore.session
from botocore.loaders import JSONFileLoader, Loader

_DOCUMENTATION = ("documentation", "documentationUrl")


class _WithoutDocumentation(JSONFileLoader):
    def load_file(self, file_path: str) -> Any:
        """Read `file_path` plus `.json` or `.json.gz`; None where there is neither."""
        plain, packed = Path(f"{file_path}.json"), Path(f"{file_path}.json.gz")
        if plain.is_file():
            return json.loads(plain.read_bytes(), object_pairs_hook=_lean)
        if packed.is_file():
            return json.loads(gzip.decompress(packed.read_bytes()), object_pairs_hook=_lean)
        return None


def lean_session(profile: str = "") -> botocore.session.Session:
    """Create a session whose clients hold no documentation. AWS's usual environment variables and files apply."""
    session = botocore.session.Session(profile=profile or None)
    paths = session.get_config_variable("data_path")
    extra = [path for path in (paths or "").split(":") if path]
    session.register_component("data_loader", Loader(extra_search_paths=extra, file_loader=_WithoutDocumentation()))
    return session


def _lean(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: "" if key in _DOCUMENTATION and isinstance(value, str) else value for key, value in pairs}
