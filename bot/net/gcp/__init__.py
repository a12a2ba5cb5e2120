"""Signs in to Google Cloud, with google-auth where it is installed."""

from importlib.util import find_spec
from typing import Final

FIX: Final = "pip install 'backstay[google]'"


def is_installed() -> bool:
    """Whether google-auth is installed."""
    try:
        return find_spec("google.auth") is not None
    except ModuleNotFoundError:  # nothing of Google is
        return False
