"""All hand-written payloads, of every format."""

from support.samples.feed_case import Case, form
from support.samples.feed_cases_clouds import CASES as CLOUDS
from support.samples.feed_cases_hosted import CASES as HOSTED
from support.samples.feed_cases_more_clouds import CASES as MORE_CLOUDS
from support.samples.feed_cases_owned import CASES as OWNED
from support.samples.feed_cases_pages import CASES as PAGES
from support.samples.feed_cases_statuspage import CASES as STATUSPAGE
from support.samples.feed_cases_vendors import CASES as VENDORS

__all__ = ["ALL", "Case", "form"]

ALL = STATUSPAGE + CLOUDS + MORE_CLOUDS + PAGES + OWNED + HOSTED + VENDORS
