"""What is probed for the places that services depend on, and for endpoints of one's own."""

import pytest
from support.builders.moment import HOME, NOW, seen, service
from support.builders.resources import datastore

from bot.catalogue.providers import known_providers
from bot.detection.probes.aws_endpoints import CONTROLS
from bot.detection.probes.probe import Expectation, Probe, ProbeAnswer, Resolver, signal_of, signals_of_also
from bot.detection.probes.targets import POLITE, OwnEndpoint, probes_for
from bot.incidents.engine import places
from bot.model.providers import KnownProvider, ProviderProbe
from bot.model.signals import Health, Signal
from checks import GLOBAL, Dependency, Scope

HERE = (Resolver("127.0.0.1"),)
SHOP = KnownProvider(
    "shop",
    zone="shop.example",
    probes=(
        ProviderProbe("https://api.shop.example/v1?full=1", "API", status=(401,)),
        ProviderProbe("https://eu.shop.example/", "API", regions=("eu1", "eu2"), body="ok"),
        ProviderProbe("https://login.shop.example/", "Login", alone=False, method="HEAD"),
        ProviderProbe("tls://smtp.shop.example:465", "Mail"),
        ProviderProbe("dns://cdn.shop.example", "CDN"),
    ),
)


def made_for(*scopes: str, provider: KnownProvider = SHOP) -> tuple[Probe, ...]:
    asked = [Scope.parse(scope) for scope in scopes]
    return probes_for(asked, resolvers=HERE, controls=(), providers={provider.name: provider})


def test_the_endpoints_of_a_provider() -> None:
    made = made_for("shop")
    assert [(probe.source, probe.part) for probe in made] == [
        ("http:api.shop.example:443/v1?full=1", "API"),
        ("dns:api.shop.example", "API"),
        ("http:eu.shop.example:443/", "API"),
        ("dns:eu.shop.example", "API"),
        ("http:login.shop.example:443/", "Login"),
        ("dns:login.shop.example", "Login"),
        ("tls:smtp.shop.example:465", "Mail"),
        ("dns:smtp.shop.example", "Mail"),
        ("dns:cdn.shop.example", "CDN"),
        ("dns:shop.example/SOA", ""),
    ]
    assert {probe.interval for probe in made} == {POLITE}
    assert {probe.origin for probe in made} == {"providers.yaml"}
    assert all(probe.public for probe in made)
    assert made[0].expect == Expectation(frozenset({401}))
    assert [probe.source for probe in made if not probe.alone] == [
        "http:login.shop.example:443/",
        "dns:login.shop.example",
    ]


def test_an_endpoint_of_several_regions_is_probed_once_and_says_something_of_each() -> None:
    regional = made_for("shop")[2]
    assert (str(regional.scope), [str(scope) for scope in regional.also]) == ("shop/eu1", ["shop/eu2"])
    assert [str(told.scope) for told in signals_of_also(regional, _good(regional))] == ["shop/eu2"]
    assert made_for("shop/eu2", "shop/eu1", "shop") == made_for("shop")
    elsewhere = {probe.host for probe in made_for("shop/us1")}
    assert "eu.shop.example" not in elsewhere
    assert "api.shop.example" in elsewhere


def test_a_clouds_endpoint_is_about_a_product_in_its_regions() -> None:
    cloud = KnownProvider(
        "sky",
        cloud=True,
        probes=(
            ProviderProbe("https://compute.sky.example", "Compute", regions=("r1",)),
            ProviderProbe("https://login.sky.example", "iam"),
        ),
    )
    assert [str(probe.scope) for probe in made_for("sky/r1", provider=cloud)[::2]] == [
        "sky/r1/compute",
        f"sky/{GLOBAL}/iam",
    ]
    assert {str(probe.scope) for probe in made_for("sky/r1/compute", provider=cloud)} == {"sky/r1/compute"}
    assert made_for("sky/r2/compute", provider=cloud) == ()


def test_an_endpoint_of_ones_own_counts_before_the_built_in_one() -> None:
    own = OwnEndpoint("https://api.shop.example/v1?full=1", Scope("shop"), Expectation(frozenset({200})))
    made = probes_for([Scope("shop")], [own], resolvers=HERE, controls=(), providers={"shop": SHOP})
    found = [probe for probe in made if probe.source == "http:api.shop.example:443/v1?full=1"]
    assert [(probe.origin, probe.expect) for probe in found] == [("settings", own.expect)]


def test_every_built_in_endpoint_can_be_probed() -> None:
    known = known_providers()
    made = probes_for([Scope(name) for name in known], resolvers=HERE, controls=())
    missing = [
        name for name, provider in known.items() if provider.probes and not any(p.scope.provider == name for p in made)
    ]
    assert missing == []
    assert all(probe.host and "." in probe.host for probe in made)


def _good(probe: Probe) -> Signal:
    return signal_of(probe, ProbeAnswer(Health.GOOD), NOW, "here")


def test_probes_come_from_facts_and_dependencies() -> None:
    needs = (Dependency("stripe", "saas"), Dependency("aws/eu-west-1/sqs", "scope"), Dependency("login", "service"))
    stands_in = places([seen(datastore(product="dynamodb"), of=service(depends_on=needs))])
    assert [str(place) for place in stands_in] == ["aws/eu-west-1/sqs", f"aws/{HOME}/dynamodb", "stripe"]
    known = {"stripe": KnownProvider("stripe", probes=(ProviderProbe("https://api.stripe.com/v1", "API"),))}
    made = probes_for(stands_in, resolvers=(Resolver("127.0.0.1"), Resolver("127.0.0.2")), providers=known)
    hosts = {probe.host for probe in made if not probe.control}
    assert hosts == {"sqs.eu-west-1.amazonaws.com", f"dynamodb.{HOME}.amazonaws.com", "api.stripe.com"}
    assert len([probe for probe in made if probe.host == "api.stripe.com"]) == 3
    assert {probe.host for probe in made if probe.control} == set(CONTROLS)


def test_no_targets_make_no_probes() -> None:
    assert probes_for(()) == ()


def test_a_region_without_a_product_is_probed_by_its_main_products() -> None:
    hosts = {probe.host for probe in probes_for([Scope("aws", "cn-north-1")], controls=())}
    assert hosts == {f"{name}.cn-north-1.amazonaws.com.cn" for name in ("sts", "ec2", "dynamodb", "s3")}


@pytest.mark.parametrize(
    ("url", "kind", "port"),
    [
        ("https://shop.example/health?full=1", "http", 443),
        ("http://shop.example", "http", 80),
        ("tcp://db.example:5432", "tcp", 5432),
        ("tls://mail.example:465", "tls", 465),
        ("dns://shop.example", "dns", 443),
    ],
)
def test_an_endpoint_of_ones_own(url: str, kind: str, port: int) -> None:
    expect = Expectation(frozenset({200}))
    made = probes_for(
        (), [OwnEndpoint(url, Scope("checkout"), expect)], resolvers=(Resolver("127.0.0.1"),), controls=()
    )
    assert [(probe.kind, probe.port, probe.scope) for probe in made] == [(kind, port, Scope("checkout"))]


@pytest.mark.parametrize("url", ["shop.example", "ftp://shop.example", "tcp://shop.example", "https://"])
def test_an_address_that_cannot_be_probed_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"host|port|write"):
        probes_for((), [OwnEndpoint(url, Scope("checkout"))])
