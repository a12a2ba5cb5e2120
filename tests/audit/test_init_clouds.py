"""A first backstay.yaml from projects, subscriptions and clusters: what names the services there, and that the file loads."""

from pathlib import Path
from typing import Any

import pytest
from support.builders.moment import NOW
from support.builders.resources import compute, datastore
from support.harness.kubernetes_view import made_of
from support.samples import kubernetes_objects as k8s
from support.samples.google_compute import asset

from bot.app.settings import load
from bot.audit.attribution import attribute
from bot.audit.bootstrap import catalogue_from_facts
from bot.audit.collectors.gcp.run import made_of as of_google
from checks import Fact

GCP: dict[str, Any] = {"provider": "gcp", "account": "shop-prod", "region": "europe-west4", "stack": ""}
AZURE: dict[str, Any] = {"provider": "azure", "account": "0b1f6471-1bf0-4dda-aec3-111122223333", "region": "westeurope"}


def deployment(namespace: str, **labels: str) -> dict[str, Any]:
    """A Deployment with these labels alone."""
    made = k8s.deployment("web", namespace=namespace)
    return made | {"metadata": {"name": "web", "namespace": namespace, "labels": labels}}


def cluster(namespace: str, **labels: str) -> list[Fact]:
    return made_of(Deployment=[deployment(namespace, **labels)]).facts


def folder(number: int, name: str) -> dict[str, Any]:
    data = {"name": f"folders/{number}", "displayName": name, "state": "ACTIVE"}
    kind = "cloudresourcemanager.googleapis.com/Folder"
    return {"name": f"//{kind.partition('/')[0]}/folders/{number}", "assetType": kind, "resource": {"data": data}}


def in_folders(*folders: str) -> list[Fact]:
    """A bucket of a project below these folders, the nearest first."""
    bucket = asset("storage.googleapis.com/Bucket", "receipts", {"location": "EUROPE-WEST4"})
    listed = [folder(1, "Retail"), folder(7, "checkout"), folder(8, "Production"), folder(9, "shared")]
    return of_google([*listed, bucket | {"ancestors": ["projects/42", *folders, "organizations/1"]}], NOW)[1].facts


@pytest.mark.parametrize(
    ("facts", "name", "how"),
    [
        ([datastore("orders", tags={"app": "checkout"}, **GCP)], "checkout", "with tag app=checkout"),
        ([datastore("orders", tags={}, group="rg-billing", **AZURE)], "rg-billing", "in resource group rg-billing"),
        ([datastore("orders", tags={}, group="checkout", **GCP)], "checkout", "in folder checkout"),
        (in_folders("folders/7", "folders/1"), "checkout", "in folder checkout"),
        (in_folders("folders/8", "folders/7", "folders/1"), "checkout", "in folder checkout"),
        (cluster("search"), "search", "with tag kubernetes.io/metadata.name=search"),
        (cluster("search", app="finder"), "finder", "with tag app=finder"),
    ],
)
def test_what_names_a_service_in_each_cloud(tmp_path: Path, facts: list[Fact], name: str, how: str) -> None:
    written = catalogue_from_facts(facts, accounts=["projects/shop-prod", "clusters/prod"])
    path = tmp_path / "backstay.yaml"
    path.write_text(written)
    catalogue = load(path, {}).catalogue
    assert [account.id for account in catalogue.accounts] == ["projects/shop-prod", "clusters/prod"]
    assert [service.name for service in catalogue.services] == [name]
    assert how in written
    (seen,) = attribute(catalogue.entries, facts, ())
    assert [fact.resource for fact in seen.facts] == [fact.resource for fact in facts]


@pytest.mark.parametrize("folders", [(), ("folders/99",), ("folders/8", "folders/9")])
def test_a_folder_that_was_not_listed_or_names_an_environment_names_no_service(folders: tuple[str, ...]) -> None:
    assert "services: []" in catalogue_from_facts(in_folders(*folders))


@pytest.mark.parametrize("namespace", ["default", "kube-system"])
def test_a_namespace_that_every_cluster_has_names_no_service(namespace: str) -> None:
    assert "services: []" in catalogue_from_facts(cluster(namespace))


def test_one_service_of_several_clouds_is_one() -> None:
    label = {"app": "checkout"}
    facts = [datastore("orders", tags=label, **GCP), compute("web", tags=label), *cluster("shop", **label)]
    written = catalogue_from_facts(facts)
    assert written.count("- name:") == 1
    assert "tags: {app: checkout}" in written
