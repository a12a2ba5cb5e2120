"""Judges what came back: against what is expected of the endpoint, and against what it used to answer."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from bot.detection.probes.domain import is_parking, registrable
from bot.detection.probes.networks import is_no_place, is_public, is_this_machine
from bot.detection.probes.page_body import BodyHealth, BodyKind, health_of, kind_of
from bot.detection.probes.probe import Probe, ProbeAnswer
from bot.detection.probes.record import (
    HostNetworks,
    TargetRecord,
    TargetRecords,
)
from bot.detection.probes.reply import RawReply
from bot.model.signals import Health, Trouble

EXPIRES = 7 * 86_400.0
"""Seconds before its end at which a certificate that nobody renewed is named."""
EXPIRES_IF_SHORT = 86_400.0
"""The same for one that was renewed in time before although it lives for days only."""
_REFUSES = frozenset({400, 401, 403, 405, 406, 409, 411, 415, 422, 426, 428})
"""Statuses by which a service refuses a request without sign-in or body; one stands for the others."""
_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class _Wrong:
    """What is wrong with an answer."""

    trouble: Trouble
    detail: str
    state: Health = Health.BAD


def judge(probe: Probe, reply: RawReply, records: TargetRecords, now: float) -> ProbeAnswer:
    """The result of an attempt; a good answer is remembered. `now`: Unix time."""
    record, networks = records.of(probe.source, probe.via), records.networks(probe.host, probe.via)
    if reply.unknown:
        return ProbeAnswer(Health.UNKNOWN, reply.detail)
    if reply.certificate:
        record.read_certificate(*reply.certificate, now)
    named = probe.host if not reply.addresses or reply.addresses[0] != probe.host else ""
    wrong = _wrong(probe, reply, record, now)
    misled = _misled(probe, reply, networks) if named else None
    if wrong is None and (probe.kind == "dns" or not _proves_itself(probe)):
        wrong = misled
    if wrong is not None:
        proven = bool(reply.status) and _proves_itself(probe)
        if misled is not None or (named and not proven and networks.strange(reply.addresses)):
            where = f"DNS leads to {reply.addresses[0]}, in a network never seen for this host"
            strange = misled or _Wrong(Trouble.ADDRESS, where)
            same = strange.detail == wrong.detail
            wrong = _Wrong(Trouble.ADDRESS, wrong.detail if same else f"{wrong.detail}; {strange.detail}", wrong.state)
        seconds = None if wrong.state is Health.BAD else reply.seconds
        return ProbeAnswer(wrong.state, wrong.detail, seconds, wrong.trouble)
    if named:
        networks.learn(reply.addresses)
    return _certificate_or_limit(probe, reply, record, now)


def _wrong(probe: Probe, reply: RawReply, record: TargetRecord, now: float) -> _Wrong | None:
    if reply.trouble is not Trouble.NONE:
        return _Wrong(reply.trouble, reply.detail)
    if not reply.status:
        record.learn()
        return None
    return _wrong_page(probe, reply, record, now)


def _misled(probe: Probe, reply: RawReply, networks: HostNetworks) -> _Wrong | None:
    """Whether DNS leads to where the host cannot be.

    Many networks answer for a cloud's endpoint with a private address of their own (AWS PrivateLink), so the system's resolver
    and resolvers on private addresses may do so.
    """
    addresses = reply.addresses
    if not addresses:
        return None
    if all(map(is_no_place, addresses)):
        return _Wrong(Trouble.ADDRESS, f"DNS returned {addresses[0]}, which is no address of a host")
    if any(map(is_public, addresses)):
        return None
    by_public_resolver = probe.resolver is not None and is_public(probe.resolver.host)
    must_be_public = probe.public and (
        by_public_resolver or (not probe.resolver and all(map(is_this_machine, addresses)))
    )
    if must_be_public or (networks.public and not networks.private):
        return _Wrong(Trouble.ADDRESS, f"DNS returned {addresses[0]}, which is not on the public internet")
    return None


def _proves_itself(probe: Probe) -> bool:
    """Whether an answer shows by its certificate that it comes from the host."""
    return probe.kind == "tls" or (probe.kind == "http" and probe.secure)


def _wrong_page(probe: Probe, reply: RawReply, record: TargetRecord, now: float) -> _Wrong | None:
    """What is wrong with an HTTP answer; one that is good is remembered."""
    kind = kind_of(reply.content_type, reply.body) if 200 <= reply.status < 300 and probe.method == "GET" else None
    domain = _redirect_domain(probe, reply)
    health = health_of(kind, reply.body, whole=reply.whole) if kind else BodyHealth.GOOD
    expected = probe.expect
    listed = reply.status in expected.status
    if expected.status and not listed:
        return _unexpected_status(reply, expected.status, domain, health)
    if expected.body and expected.body.encode() not in reply.body:
        return _without_expected_text(reply.status, kind, health)
    wrong = None
    if not listed:
        wrong = _unusual_status(reply.status, record, now)
    if wrong is None and domain:
        wrong = _unusual_redirect(domain, record, now)
    if wrong is None and kind is not None and not probe.control:
        wrong = _error_in_spite(health, record, now) if expected.body else _unusual_body(kind, health, record, now)
    if wrong is None:
        record.learn(
            status=reply.status,
            kind=kind.value if kind else "",
            domain=domain,
            error=health is not BodyHealth.GOOD,
        )
    return wrong


def _without_expected_text(status: int, kind: BodyKind | None, health: BodyHealth) -> _Wrong:
    """What came instead, where it says more than that the text is missing."""
    if health is BodyHealth.PARKED:
        return _Wrong(Trouble.REDIRECT, "a parked page")
    if health in {BodyHealth.ERROR, BodyHealth.REFUSAL}:
        return _Wrong(Trouble.BODY, f"HTTP {status} with an error as the body, without the expected text")
    if kind is BodyKind.EMPTY:
        return _Wrong(Trouble.BODY, "an empty body, without the expected text")
    return _Wrong(Trouble.BODY, "response does not contain the expected text")


def _redirect_domain(probe: Probe, reply: RawReply) -> str:
    """The domain that the answer redirects to; empty where it stays within the own one."""
    if not (300 <= reply.status < 400 and reply.location):
        return ""
    try:
        host = urlsplit(urljoin(f"http://{probe.host}/", reply.location)).hostname or ""
    except ValueError:
        return ""
    return "" if registrable(host) == registrable(probe.host) else registrable(host)


def _unexpected_status(reply: RawReply, expected: Collection[int], domain: str, health: BodyHealth) -> _Wrong:
    if reply.status == 429:
        return _Wrong(Trouble.RATE_LIMITED, "rate limits every request (HTTP 429)", Health.DEGRADED)
    if domain:
        return _Wrong(Trouble.REDIRECT, f"redirects to {_shown(domain)} (HTTP {reply.status})")
    if health is BodyHealth.PARKED:
        return _Wrong(Trouble.REDIRECT, f"a parked page (HTTP {reply.status})")
    if health is BodyHealth.ERROR:
        return _Wrong(Trouble.BODY, f"HTTP {reply.status} with an error as the body")
    instead = f" instead of HTTP {min(expected)}" if reply.status < 400 else ""
    return _Wrong(Trouble.STATUS, f"HTTP {reply.status}{instead}")


def _unusual_status(status: int, record: TargetRecord, now: float) -> _Wrong | None:
    if status >= 500:
        return _Wrong(Trouble.STATUS, f"HTTP {status}")
    if status == 429:
        return _Wrong(Trouble.RATE_LIMITED, "rate limits every request (HTTP 429)", Health.DEGRADED)
    if not record.familiar or status in record.statuses:
        return None
    served = any(200 <= seen < 400 for seen in record.statuses)
    state = Health.BAD if status in _GONE else Health.DEGRADED if status in _REFUSES and served else Health.GOOD
    if state is Health.GOOD or (status in _GONE and record.statuses and set(record.statuses) <= _GONE):
        return None
    if not record.still_differs(f"status {status}", now):
        return None
    return _Wrong(Trouble.STATUS, f"HTTP {status} (used to answer HTTP {record.statuses[-1]})", state)


def _unusual_redirect(domain: str, record: TargetRecord, now: float) -> _Wrong | None:
    if is_parking(domain):
        return _Wrong(Trouble.REDIRECT, f"redirects to a parked page at {_shown(domain)}")
    if not record.familiar or domain in record.domains or not record.still_differs(f"redirect {domain}", now):
        return None
    return _Wrong(Trouble.REDIRECT, f"redirects to {_shown(domain)}, which it did not before")


_BODY_SAYS = {
    BodyHealth.PARKED: _Wrong(Trouble.REDIRECT, "a parked page"),
    BodyHealth.ERROR: _Wrong(Trouble.BODY, "HTTP 200 with an error as the body"),
    BodyHealth.DEGRADED: _Wrong(Trouble.BODY, "the response calls the service degraded", Health.DEGRADED),
}


def _error_in_spite(health: BodyHealth, record: TargetRecord, now: float) -> _Wrong | None:
    """An error that holds the expected text too, such as `"ok"` in `{"ok": false}`, where that is not what is usual."""
    is_error = health in {BodyHealth.ERROR, BodyHealth.PARKED} and record.familiar and not record.errors
    return _BODY_SAYS[health] if is_error and record.still_differs("error body", now) else None


def _unusual_body(kind: BodyKind, health: BodyHealth, record: TargetRecord, now: float) -> _Wrong | None:
    """A page that is an error although its status is not.

    What looks like one from the beginning is only taken for one if it says that the server fails.
    """
    if health in _BODY_SAYS:
        return _BODY_SAYS[health]
    if not record.familiar:
        return None
    if health is BodyHealth.REFUSAL and not record.errors and record.still_differs("error body", now):
        return _BODY_SAYS[BodyHealth.ERROR]
    usual = kind.value in record.kinds or not record.kinds or BodyKind.OTHER in (kind, *record.kinds)
    if usual or not record.still_differs(f"kind {kind.value}", now):
        return None
    what = "an empty body" if kind is BodyKind.EMPTY else f"{kind.value.upper()}"
    return _Wrong(Trouble.BODY, f"{what} instead of {record.kinds[-1].upper()}")


def _certificate_or_limit(probe: Probe, reply: RawReply, record: TargetRecord, now: float) -> ProbeAnswer:
    """A good answer, unless it took longer than allowed, or its certificate ends soon."""
    limit = probe.expect.latency
    answer = ProbeAnswer(Health.GOOD, "", reply.seconds)
    if limit is not None and reply.seconds > limit:
        detail = f"slow response: {reply.seconds:.1f} s (limit {limit:g} s)"
        return replace(answer, state=Health.DEGRADED, detail=detail, trouble=Trouble.SLOW)
    left = record.ends - now
    if record.ends and left < (EXPIRES_IF_SHORT if record.renews else EXPIRES):
        detail = f"certificate ends in {lasts_in_words(left)}"
        return replace(answer, state=Health.DEGRADED, detail=detail, trouble=Trouble.EXPIRING)
    return answer


def lasts_in_words(seconds: float) -> str:
    """`3 days`, or `5 hours` where less than a day is left."""
    days = int(seconds // 86_400)
    if days < 1:
        hours = max(int(seconds // 3_600), 0)
        return f"{hours} hour{'s' * (hours != 1)}"
    return f"{days} day{'s' * (days != 1)}"


def _shown(domain: str) -> str:
    """A domain that the other side sent, as far as it is one."""
    clean = "".join(letter for letter in domain if letter.isascii() and (letter.isalnum() or letter in ".-"))
    return clean[:80] or "another host"
