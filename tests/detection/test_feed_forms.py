"""Hand-written payloads of every format, against the complete normal form that `backstay feed parse` prints."""

import pytest
from support.samples.feed_cases import ALL, Case

from bot.detection.feeds import known_formats


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_the_whole_normal_form(case: Case) -> None:
    assert case.told(case.body, case.format if case.forced else "") == case.expected


def test_no_format_is_without_a_payload_of_its_own() -> None:
    assert {case.format for case in ALL} == set(known_formats())
