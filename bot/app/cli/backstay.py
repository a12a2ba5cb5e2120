"""The module `backstay`: pyproject.toml installs this file at the top level, so that `python -m backstay` works."""

from bot.__main__ import main

if __name__ == "__main__":
    main()
