"""What `backstay doctor` says about AWS: which actions answer, which fail, and which were not tried."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.app.cli.doctor_line import Line

if TYPE_CHECKING:
    from bot.app.settings import Settings
    from bot.audit.unread_groups import UnreadGroup
    from bot.model import Collected
    from checks import Gap


async def account_lines(settings: "Settings", until: float) -> list[Line]:
    """Try each action that an audit needs, by calls that read one page and one resource. `until`: when to end, on the monotonic clock."""
    from bot.app.cli.terminal import progress
    from bot.app.wiring.audit import aws, reads_aws
    from bot.model import UnusableError

    if not reads_aws(settings):
        return []
    try:
        with progress("trying AWS") as report:
            tried = await aws(settings).try_calls(until - time.monotonic(), report)
    except UnusableError as error:
        return [Line("problem", "AWS", f"{error}. {error.fix}".strip())]
    return list(lines_of(tried))


def lines_of(tried: "Collected") -> Iterator[Line]:
    """The lines about a finished trial (`AwsCollector.try_calls`)."""
    from bot.app.cli.nothing_read import refused_credentials
    from bot.audit.collectors.aws.trial_record import NOT_TRIED
    from bot.audit.unread_groups import unread_groups

    late = [gap for gap in tried.gaps if gap.reason == NOT_TRIED]
    failed = [gap for gap in tried.gaps if gap.reason != NOT_TRIED]
    if refused := refused_credentials(failed):
        yield Line("problem", "AWS", f"{refused}. Sign in again (`aws sso login`, or new keys)")
        return
    yield Line("ok", "AWS", _answered(tried))
    groups = unread_groups(failed)
    denied = [group for group in groups if "access denied" in group.reason]
    yield from (Line("problem", "permissions", str(group)) for group in denied)
    if denied:
        yield Line("problem", "permissions", "grant them: `backstay manifest aws` prints the policy")
    yield from (Line("problem", "not read", str(group)) for group in groups if group not in denied)
    yield from (Line("warning", "regions", _left_out(gap)) for gap in tried.left_out)
    if late:
        yield Line("warning", "AWS", _not_tried(late), late=True)
    else:
        yield _permissions(tried, groups)


def _answered(tried: "Collected") -> str:
    from checks import GLOBAL

    actions = {action for action, _, _ in tried.read}
    regions = {region for _, _, region in tried.read if region != GLOBAL}
    accounts = ", ".join(tried.accounts[:3]) + (
        f" and {len(tried.accounts) - 3} more" if len(tried.accounts) > 3 else ""
    )
    where = f"{'account' if len(tried.accounts) == 1 else 'accounts'} {accounts or 'none'}"
    answered = f"{len(actions)} {'action' if len(actions) == 1 else 'actions'} answered"
    return f"{where}: {answered} in {len(regions)} {'region' if len(regions) == 1 else 'regions'} ({tried.calls} calls)"


def _not_tried(late: "list[Gap]") -> str:
    regions = {gap.region for gap in late if gap.region}
    return (
        f"not tried in time: {len(late)} listings in {len(regions)} {'region' if len(regions) == 1 else 'regions'}. "
        "`--within 60s` tries more"
    )


def _permissions(tried: "Collected", groups: "list[UnreadGroup]") -> Line:
    """How far the trial proves the permissions: an action on a resource that does not exist cannot be tried."""
    from bot.audit.collectors.aws.source import sources_of
    from bot.audit.collectors.engine.needs import needed_kinds

    needed = {action for source in sources_of(needed_kinds()) for action in source.actions}
    tried_ones = {action for action, _, _ in tried.read} | {action for group in groups for action in group.actions}
    untried = len(needed - tried_ones)
    if untried:
        return Line(
            "ok", "permissions", f"{untried} of {len(needed)} actions not tried: the account has nothing to try them on"
        )
    return Line("ok", "permissions", f"all {len(needed)} actions tried")


def _left_out(gap: "Gap") -> str:
    return f"{gap}. Where nothing runs elsewhere, set aws.regions_are_all: true"
