"""Whether what people type and press in a chat platform arrives here."""

from dataclasses import dataclass

HEARD, NO_REQUEST_YET, CONNECTING = "heard", "no request yet", "connecting"


@dataclass(frozen=True, slots=True)
class Reception:
    """`state`: `heard`, `no request yet`, `connecting`, or, where `deaf`, why nothing arrives. It contains no secret."""

    state: str
    deaf: bool = False


def reception(problem: str, otherwise: str) -> Reception:
    """Deaf for the reason that is given, else in the other state."""
    return Reception(problem, deaf=True) if problem else Reception(otherwise)
