"""Where the ledger is when nobody says: one for each estate, since the scores of two make no trend."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path


def own_ledger(file: Path | None, env: Mapping[str, str]) -> str:
    """The path of the ledger of this backstay.yaml; where there is none, of this AWS profile.

    The file's own path counts, not where a link leads: a mounted configuration is linked to a new folder on every change.
    """
    state = env.get("XDG_STATE_HOME") or ""
    home = Path(state) if Path(state).is_absolute() else Path(env.get("HOME") or Path.home()) / ".local" / "state"
    whose = str(file.absolute()) if file else env.get("AWS_PROFILE", "")
    if not whose:
        return str(home / "backstay" / "backstay.db")
    shown = re.sub(r"[^\w.-]+", "-", file.absolute().parent.name if file else whose).strip("-.")[:40]
    mark = hashlib.sha256(whose.encode()).hexdigest()[:8]
    return str(home / "backstay" / f"{shown or 'estate'}-{mark}.db")
