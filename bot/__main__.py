"""The command line: `backstay` and `python -m bot`."""

import sys
import traceback

from bot.app.cli.app import app

BROKE = 70
"""Exit code of a defect of ours (EX_SOFTWARE of sysexits.h), so that no pipeline takes it for a low score."""


def main() -> None:
    """Run the command line."""
    try:
        app()
    except Exception:  # noqa: BLE001 - the last line of defence; everything that users can mend ended before
        traceback.print_exc()
        sys.exit(BROKE)


if __name__ == "__main__":
    main()
