"""What came back from one attempt, before anybody judges it."""

from dataclasses import dataclass, field

from bot.model.signals import Trouble


@dataclass(frozen=True, slots=True)
class RawReply:
    """The outcome of one attempt on the network. `trouble` and `detail`: why there is no whole answer; else empty.

    `seconds`: from the start to the end of the answer, lookup, connection and TLS included. `addresses`: what DNS returned, or
    the address that was connected to. `certificate`: its start and end, as Unix times. The rest is of an HTTP answer; `whole`
    is False where the body has more than was read.
    """

    seconds: float
    trouble: Trouble = Trouble.NONE
    detail: str = ""
    unknown: bool = False
    addresses: tuple[str, ...] = ()
    certificate: tuple[float, float] | None = None
    status: int = 0
    location: str = ""
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)
    whole: bool = True
