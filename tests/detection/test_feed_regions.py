"""Regions in a provider's own words: found where they are meant, and in nothing that only looks like one."""

import json
from pathlib import Path

import pytest

from bot.detection.feeds import parse
from bot.detection.feeds.parsing.regions import regions_in

PAYLOADS = Path(__file__).parents[1] / "support" / "samples" / "payloads"


@pytest.mark.parametrize(
    ("text", "provider", "regions"),
    [
        ("Droplet connectivity in NYC1 and AMS3", "digitalocean", ("nyc1", "ams3")),
        ("cloud servers in FSN1 not reachable", "hetzner", ("fsn1",)),
        ("router replacement NBG1-DC3", "Hetzner Status", ("nbg1",)),
        ("Störung in Falkenstein", "hetzner", ("fsn1",)),
        ("Spaces in SGP1", "DigitalOcean", ("sgp1",)),
        ("Network at GRA11, SBG and RBX", "ovh", ("gra11", "sbg", "rbx")),
        ("Instances in fr-par-1", "scaleway", ("fr-par-1",)),
        ("Disks in ru-central1-b", "yandex", ("ru-central1",)),
        ("US-East (Newark)", "linode", ("us-east",)),
        ("EWR: packet loss", "vultr", ("ewr",)),
        ("Machines in IAD and FRA", "Fly.io Status", ("iad", "fra")),
        ("Deploys fail in region `ams`", "fly", ("ams",)),
        ("Builds in iad1", "vercel", ("iad1",)),
        ("NA123, CS45S and POD114", "salesforce", ("NA123", "CS45S", "POD114")),
        ("US Cell 1 and EMEA Cell 9", "okta", ("US Cell 1", "EMEA Cell 9")),
        ("Virtual machines in West Europe and East US 2", "azure", ("West Europe", "East US 2")),
        ("Azure - West Europe", "snowflake", ("West Europe",)),
        ("AWS - US East (N. Virginia)", "snowflake", ("us-east-1",)),
        ("us-east-1a and us-central1-c", "", ("us-east-1", "us-central1")),
        ("us-ashburn-1", "oci", ("us-ashburn-1",)),
        ("jp-tok and eu-de", "ibm", ("jp-tok", "eu-de")),
        ("cn-hangzhou", "alibaba", ("cn-hangzhou",)),
        ("EU1 intake is late", "datadog", ("EU1",)),
        ("SJC (San Jose) on 2026-07-29", "cloudflare", ("sjc",)),
        ("Singapore, Singapore - (SIN)", "cloudflare", ("sin",)),
        ("Performance degradation in Ashburn (IAD)", "fastly", ("iad",)),
        # Ids that mean the same on every page, such as that of a vendor who runs on several clouds.
        ("Clusters in westeurope and eastus2", "aiven", ("westeurope", "eastus2")),
        ("us-ashburn-1, CH-GVA-2 and de-fra1", "", ("us-ashburn-1", "ch-gva-2", "de-fra1")),
        ("Nodes in cn-hangzhou", "elastic", ("cn-hangzhou",)),
        # What is no region.
        ("TLS1.2 and SHA1 are refused", "", ()),
        ("LED1, NAT2 and POS1", "", ()),
        ("API, SSO and DNS are down", "cloudflare", ()),
        ("Single Sign-On (SSO)", "", ()),
        ("Domain Name System (DNS)", "cloudflare", ()),
        ("One-time passwords (OTP) arrive late", "auth0", ()),
        ("Transport security (TLS)", "cloudflare", ()),
        ("NAT and VPN gateways", "cloudflare", ()),
        ("NA123 is a part number", "stripe", ()),
        ("We ship to West Europe", "stripe", ()),
        ("EU1 is our plan", "stripe", ()),
        ("They can sin in a den", "fly", ()),
        ("Version us-2 of the form", "linode", ()),
        ("POD prints", "printful", ()),
    ],
)
def test_regions_in_a_text(text: str, provider: str, regions: tuple[str, ...]) -> None:
    assert regions_in(text, provider) == regions


def test_maintenance_of_a_site_of_cloudflare_names_the_site() -> None:
    page = parse((PAYLOADS / "statuspage-cloudflare-20260729.json").read_bytes()).page
    found = {incident.title.partition(" on ")[0]: incident.regions for incident in page.incidents}
    assert found["CDG (Paris)"] == ("cdg",)
    assert found["DNS Record Management Maintenance"] == ()
    assert found["Cloudflare Workers — Errors Deploying Workers Scripts"] == ()
    parts = {part.name: part.region for part in page.components}
    assert (parts["Ashburn, VA, United States - (IAD)"], parts["Access"]) == ("iad", None)


def test_the_text_tells_where_only_on_pages_that_name_places_in_their_own_words() -> None:
    def page(name: str) -> bytes:
        update = {
            "id": "u",
            "status": "identified",
            "body": "Servers in FSN1 fail.",
            "created_at": "2026-01-01T00:00:00Z",
        }
        row = {
            "id": "i",
            "name": "Servers fail",
            "status": "identified",
            "impact": "major",
            "incident_updates": [update],
        }
        return json.dumps({"page": {"id": "abcdefabcdef", "name": name}, "incidents": [row]}).encode()

    assert parse(page("Hetzner")).page.incidents[0].regions == ("fsn1",)
    assert parse(page("Stripe")).page.incidents[0].regions == ()
