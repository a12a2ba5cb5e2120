"""The command line: `backstay`, `python -m backstay` and `python -m bot`."""

import sys
import traceback

from bot.app.cli.app import app
from bot.app.cli.streams import accept_every_character

BROKE = 70
"""Exit code of a defect in backstay (EX_SOFTWARE of sysexits.h), so that no pipeline mistakes it for a low score."""


def main() -> None:
    """Run the command line."""
    accept_every_character()
    try:
        app()
    except Exception:  # noqa: BLE001 - the last line of defence; every error that users can fix ended before
        traceback.print_exc()
        sys.exit(BROKE)


if __name__ == "__main__":
    main()
