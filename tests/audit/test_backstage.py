"""`backstay init --backstage`: entities of a catalog-info.yaml become services, what cannot is told."""

from textwrap import dedent

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.audit.bootstrap import catalogue_from_backstage
from bot.catalogue import Catalogue, ConfigError, read
from checks import Dependency

SHOP = dedent(
    """\
    apiVersion: backstage.io/v1alpha1
    kind: Component
    metadata:
      name: checkout
      description: "The till: it takes money"
      annotations:
        backstage.io/techdocs-ref: dir:.
        pagerduty.com/service-id: P1
      labels: {acme.example/tier: tier-1}
      links:
        - {url: https://dash.example/checkout, title: Dashboard}
        - {url: https://wiki.example/checkout, title: Runbook}
    spec:
      type: service
      lifecycle: production
      owner: group:default/payments
      system: shop
      dependsOn: [component:default/login, Resource:orders-db, component:missing]
      consumesApis: [billing-api]
    ---
    apiVersion: backstage.io/v1alpha1
    kind: Component
    metadata:
      name: login
      annotations: {aws.amazon.com/amazon-ecs-service-tags: "component=login, env=prod"}
    spec: {type: service, lifecycle: experimental, owner: identity, dependsOn: [login]}
    ---
    kind: Resource
    metadata: {name: orders-db}
    spec: {type: database, owner: payments}
    ---
    kind: Resource
    metadata: {name: unused-bucket}
    ---
    kind: API
    metadata: {name: billing-api}
    ---
    kind: Group
    metadata: {name: payments}
    ---
    kind: Compnent
    metadata: {name: typo}
    """
)


@pytest.fixture(name="shop")
def _shop() -> Catalogue:
    return read(catalogue_from_backstage(SHOP))


def test_components_and_what_they_depend_on_become_services(shop: Catalogue) -> None:
    assert [service.name for service in shop.services] == ["checkout", "login", "orders-db", "billing-api"]
    assert shop.warnings == ()


def test_what_an_entity_says(shop: Catalogue) -> None:
    checkout, login = shop.entries[0], shop.entries[1]
    assert (checkout.service.tier.number, checkout.service.owner) == (1, "payments")
    assert checkout.service.description == "The till: it takes money"
    assert [need.target for need in checkout.service.depends_on] == ["login", "orders-db", "billing-api"]
    assert checkout.declared.runbook is not None
    assert checkout.declared.runbook.url == "https://wiki.example/checkout"
    assert checkout.selector.tags == {"service": ("checkout",)}
    assert (login.service.tier.number, login.service.depends_on) == (4, ())
    assert login.selector.tags == {"component": ("login",), "env": ("prod",)}


def test_guesses_and_what_was_left_out_are_told() -> None:
    text = catalogue_from_backstage(SHOP, "catalog-info.yaml", organisation="Acme")
    assert "tier: 1\n" in text
    assert "tier: 4  # guess: lifecycle is experimental" in text
    assert "# Backstage system: shop" in text
    assert "# skipped: catalog-info.yaml:38: Group payments: this kind is not a service" in text
    assert "catalog-info.yaml:41: Compnent typo: this kind is not a service; did you mean 'Component'?" in text
    assert "catalog-info.yaml:18: checkout depends on component:missing, which is not in this file" in text
    assert "unused-bucket" not in text


def test_two_kinds_and_two_namespaces_may_share_a_name() -> None:
    made = read(
        catalogue_from_backstage(
            "kind: Component\nmetadata: {name: pay}\nspec: {dependsOn: [resource:pay, other/pay]}\n---\n"
            "kind: Resource\nmetadata: {name: pay}\n---\n"
            "kind: Component\nmetadata: {name: pay, namespace: other}\n"
        )
    )
    assert [service.name for service in made.services] == ["pay", "pay (resource)", "other-pay"]
    assert made.services[0].depends_on == (Dependency("pay (resource)", "service"), Dependency("other-pay", "service"))


def test_who_consumes_an_api_needs_the_component_that_provides_it() -> None:
    made = read(
        catalogue_from_backstage(
            "kind: Component\nmetadata: {name: shop}\nspec: {consumesApis: [pay-api], dependsOn: [pay]}\n---\n"
            "kind: Component\nmetadata: {name: pay}\nspec: {providesApis: [pay-api], consumesApis: [pay-api]}\n---\n"
            "kind: API\nmetadata: {name: pay-api}\n"
        )
    )
    assert {service.name: [need.target for need in service.depends_on] for service in made.services} == {
        "shop": ["pay"],
        "pay": [],
    }


def test_a_library_is_no_service() -> None:
    text = catalogue_from_backstage("kind: Component\nmetadata: {name: sdk}\nspec: {type: library}\n", "c.yaml")
    assert read(text).services == ()
    assert "skipped: c.yaml:1: sdk: a library does not run by itself" in text


def test_every_mistake_with_its_line() -> None:
    with pytest.raises(ConfigError) as caught:
        catalogue_from_backstage(
            "kind: Component\n---\nkind: Component\nmetadata: {name: a, name: b}\n---\n- x\n---\n"
            "kind: API\nmetadata: {name: z}\n---\nkind: api\nmetadata: {name: Z}\n",
            "c.yaml",
        )
    assert [str(problem) for problem in caught.value.problems] == [
        "c.yaml:1:1: entity lacks kind or metadata.name (both must be text)",
        "c.yaml:4:21: metadata: the key 'name' is already defined in line 4",
        "c.yaml:6:1: entity lacks kind or metadata.name (both must be text)",
        "c.yaml:11:1: api 'Z' is already defined in line 8",
    ]


@pytest.mark.parametrize("text", ["", "---\n", "# nothing\n"])
def test_a_file_without_entities_is_a_mistake(text: str) -> None:
    with pytest.raises(ConfigError, match="contains no Backstage entity"):
        catalogue_from_backstage(text)


def test_a_file_that_is_not_yaml_is_a_mistake() -> None:
    with pytest.raises(ConfigError, match="is not valid YAML"):
        catalogue_from_backstage("kind: [")


SHAPES = st.recursive(
    st.none() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
)


@settings(deadline=None)
@given(SHAPES, SHAPES, SHAPES)
def test_whatever_an_entity_holds_the_result_loads(first: object, second: object, third: object) -> None:
    spec = {"owner": first, "dependsOn": second, "lifecycle": third, "consumesApis": first, "system": second}
    words = {
        "labels": second,
        "annotations": third,
        "links": first,
        "description": second,
        "title": first,
        "namespace": third,
    }
    entity = {"kind": "Component", "metadata": {"name": "pay", **words}, "spec": spec}
    made = read(catalogue_from_backstage(yaml.safe_dump(entity, allow_unicode=True)))
    assert [service.name for service in made.services] == ["pay"]


@given(st.text(min_size=1, max_size=150))
def test_a_name_backstage_itself_would_refuse_is_a_mistake(name: str) -> None:
    text = yaml.safe_dump({"kind": "Component", "metadata": {"name": f"{name}!"}}, allow_unicode=True)
    with pytest.raises(ConfigError, match=r"c.yaml:\d+:\d+: metadata.name: invalid name; use letters"):
        catalogue_from_backstage(text, "c.yaml")
