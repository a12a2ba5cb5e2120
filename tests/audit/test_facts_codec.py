import json
import zlib
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import facts as build
from support.builders.moment import NOW

import checks
from bot.audit.facts_codec import decode, encode, pack, unpack
from bot.model import Collected
from checks import Datastore, DnsZone, Fact, Gap, LoadBalancer, Network, Rehearsal, StoreKind, Unread

KINDS = sorted(
    (k for k in vars(checks).values() if isinstance(k, type) and issubclass(k, Fact) and k is not Fact),
    key=lambda kind: kind.__name__,
)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
SPANS = st.integers(0, 10**9).map(lambda seconds: timedelta(seconds=seconds))
st.register_type_strategy(datetime, MOMENTS)
st.register_type_strategy(timedelta, SPANS)
st.register_type_strategy(float, st.floats(allow_nan=False))  # it equals nothing, itself included


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_comes_back_as_it_was(kind: type[Fact]) -> None:
    @settings(max_examples=25, deadline=None)
    @given(st.builds(kind, **{field.name: st.from_type(_hint(kind, field.name)) for field in fields(kind)}))
    def round_trip(fact: Fact) -> None:
        kept, _, notes = unpack(json.loads(json.dumps(pack([fact], []))))
        assert kept == [fact]
        assert not notes

    round_trip()


def _hint(kind: type[Fact], name: str) -> Any:
    return get_type_hints(kind)[name]


def test_a_whole_run_comes_back() -> None:
    facts = [
        build.datastore(replica_regions=Unread("access denied to dynamodb:DescribeTable"), kind=StoreKind.KEY_VALUE),
        build.load_balancer(healthy_by_zone={"use1-az1": 2}),
        build.network(borrowed_egress=(("subnet-1", "use1-az1", "use1-az2"),)),
        build.rehearsal(measured_rto=timedelta(minutes=7, microseconds=250_000)),
        build.dns_zone(expires_at=NOW, delegated_to=None),
    ]
    gap = Gap("aws_rds", "aws", "1", "us-east-1", "timed out", (Datastore, Network), "rds:DescribeDBInstances")
    lost = Gap("s", "aws", "1", "r", "denied", (Datastore,), "a:B", resource="arn:x", tags={"service": "shop"})
    chosen = Gap("aws", "aws", "1", "", "only r was read", (), only_regions=("r",))
    run = Collected(facts, [gap, lost], (("aws_rds", "1", "us-east-1"),), ("1",), 12, 3.5, (chosen,))
    assert decode(encode(run)) == run
    assert {type(fact) for fact in decode(encode(run)).facts} == {Datastore, LoadBalancer, Network, Rehearsal, DnsZone}


def test_what_another_version_wrote_is_skipped_and_told() -> None:
    body = pack([build.datastore()], [Gap("s", "aws", "1", "r", "no", (Datastore,))])
    body["facts"]["Teleporter"] = {"fields": ["resource"], "rows": [["a"], ["b"]]}
    body["facts"]["Datastore"]["fields"].append("colour")
    body["facts"]["Datastore"]["rows"][0].append("blue")
    body["gaps"][0][5].append("Teleporter")
    facts, gaps, notes = unpack(body)
    assert facts == [build.datastore()]
    assert gaps[0].kinds == (Datastore,)
    assert notes == ["unknown fields of Datastore: colour", "2 facts of unknown kind Teleporter"]


def test_a_field_the_writer_did_not_have_is_unread_not_its_default() -> None:
    body = pack([build.datastore(point_in_time_recovery=True)], [])
    place = body["facts"]["Datastore"]["fields"].index("point_in_time_recovery")
    del body["facts"]["Datastore"]["fields"][place], body["facts"]["Datastore"]["rows"][0][place]
    store = unpack(body)[0][0]
    assert isinstance(store, Datastore)
    assert isinstance(store.point_in_time_recovery, Unread)
    assert replace(store, point_in_time_recovery=True) == build.datastore(point_in_time_recovery=True)


def test_a_fact_without_a_required_field_is_skipped_and_told() -> None:
    body = pack([build.datastore()], [])
    place = body["facts"]["Datastore"]["fields"].index("kind")
    del body["facts"]["Datastore"]["fields"][place], body["facts"]["Datastore"]["rows"][0][place]
    assert unpack(body) == ([], [], ["1 facts of kind Datastore without kind"])


@pytest.mark.parametrize("blob", [b"", b"junk", zlib.compress(b"[1]"), zlib.compress(b"{}"), zlib.compress(b"{")])
def test_foreign_bytes_are_a_clear_error(blob: bytes) -> None:
    with pytest.raises(ValueError, match=r"cannot be decoded|Expecting"):
        decode(blob)
