"""References to secrets (`env:NAME`, `file:PATH`) -> the secrets, as late as they are needed."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from bot.catalogue import ConfigError, ConfigProblem

MAX_SECRET_BYTES = 65_536


def secret(reference: str, env: Mapping[str, str]) -> SecretStr:
    """What a reference (`env:NAME`, `file:PATH`) leads to. Surrounding blanks and the last line feed are dropped.

    Raises:
        ConfigError: the variable is not set, the file cannot be read, or there is nothing in it. No value is shown.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        value = env.get(name, "").strip()
        if not value:
            raise ConfigError([ConfigProblem(f"env:{name}", 0, 0, "", f"variable {name} is not set or is empty")])
        return SecretStr(value)
    if kind != "file":
        raise ConfigError([ConfigProblem("a secret", 0, 0, "", "must be a reference: env:NAME or file:PATH")])
    try:
        with Path(name).expanduser().open(encoding="utf-8") as file:
            value = file.read(MAX_SECRET_BYTES + 1).strip()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigError([ConfigProblem(reference, 0, 0, "", f"cannot read the file: {said}")]) from None
    if not value or len(value) > MAX_SECRET_BYTES:
        raise ConfigError([ConfigProblem(reference, 0, 0, "", "the file is empty or longer than 64 KiB")])
    return SecretStr(value)
