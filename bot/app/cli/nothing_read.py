"""Why an audit says little: an expired token, an empty account, no services, or missing permissions, each told as what it is."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.model import Audit, Collected
    from checks import Gap

_TELLS_ACTIONS = frozenset({"azure", "gcp"})
"""The clouds whose failed reads always name an action."""
_CREDENTIALS = re.compile(r"token has expired|AWS credentials|accept the credentials")


def why_little(done: "Audit") -> tuple[str, str]:
    """The problem and what to do about it, both empty where the audit came to a grade."""
    from checks import percent

    card = done.scorecard
    if card.services and card.grade:
        return "", ""
    unread = [gap for gap in done.collected.gaps if not gap.by_choice]
    if refused := refused_credentials(unread):
        return (
            f"nothing was read: {refused}",
            "Sign in again (`aws sso login`, or new keys), then repeat the audit",
        )
    if empty := empty_account(done.collected):
        return (
            empty,
            "Check that this is the account and these are the regions; `--profile` and `--regions` choose others",
        )
    if not card.services:
        return (
            f"no service found in {', '.join(done.collected.accounts) or 'the account'}",
            "Declare services in backstay.yaml; `backstay init` writes a first one",
        )
    problem = f"no grade: only {percent(card.coverage)} of the applicable checks have facts"
    return problem, "`backstay doctor` names the missing permissions" if unread else "The report names what is unknown"


def refused_credentials(unread: "Sequence[Gap]") -> str:
    """Why the credentials do not work; empty where they do."""
    return next((gap.reason for gap in unread if _CREDENTIALS.search(gap.reason)), "")


def failed_reads(gaps: "Iterable[Gap]") -> "list[Gap]":
    """The gaps of reads that failed. Left out are kinds of facts that no API of a cloud tells: nobody can grant these."""
    return [gap for gap in gaps if gap.action or not gap.account or gap.provider not in _TELLS_ACTIONS]


def empty_account(collected: "Collected") -> str:
    """`nothing found in 3 regions of account 123456789012`; empty where something was found, or not all was read.

    Default networks and quotas, which every account has, are nothing.
    """
    from bot.audit.attribution.not_found import is_read_from_cloud
    from checks import GLOBAL

    places = [(account, region) for _, account, region in collected.read if account]
    accounts = sorted({account for account, _ in places})
    unread = any(not gap.by_choice for gap in collected.gaps)
    if unread or not accounts or any(is_read_from_cloud(fact) and not fact.shared for fact in collected.facts):
        return ""
    regions = len({region for _, region in places if region not in ("", GLOBAL)})
    where = f"account {accounts[0]}" if len(accounts) == 1 else f"{len(accounts)} accounts"
    return f"nothing found in {regions} {'region' if regions == 1 else 'regions'} of {where}"
