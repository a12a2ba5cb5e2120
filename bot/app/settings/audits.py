"""The section of backstay.yaml about how audits run."""

from datetime import timedelta

from pydantic import Field

from bot.catalogue import Duration, Section


class Audits(Section):
    """How audits run."""

    workers: bool = Field(
        default=False,
        description="let `backstay worker` processes read the accounts (needs backstay[scale] and PostgreSQL)",
    )
    patience: Duration = Field(
        default=timedelta(hours=1),
        description="how long to wait for workers; accounts unread by then are listed as unread",
    )
