"""The section of backstay.yaml about how audits are made."""

from datetime import timedelta

from pydantic import Field

from bot.catalogue import Duration, Section


class Audits(Section):
    """How audits are made."""

    workers: bool = Field(
        default=False, description="let `backstay worker` processes read the accounts (backstay[scale], PostgreSQL)"
    )
    patience: Duration = Field(
        default=timedelta(hours=1), description="how long workers are waited for; accounts unread by then are named"
    )
