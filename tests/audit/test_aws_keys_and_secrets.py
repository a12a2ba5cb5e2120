"""What a copy of the service elsewhere needs before it can serve: certificates, secrets, keys, an entrance."""

from datetime import UTC, datetime
from typing import Any

import pytest
from support.builders.aws_sources import arn, named, read
from support.fakes.aws import Cut, Fault, Hang, fake_aws

from bot.audit.collectors.aws.sources import acm as aws_certificates
from bot.audit.collectors.aws.sources import cloudfront as aws_distributions
from bot.audit.collectors.aws.sources import kms as aws_keys
from bot.audit.collectors.aws.sources import secrets_manager as aws_secrets
from bot.net.aws.errors import ReadError
from checks import GLOBAL, Certificate, Distribution, EncryptionKey, Secret, Unread

END = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)


def certificate(name: str, **told: Any) -> dict[str, Any]:
    return {"CertificateArn": arn("acm", f"certificate/{name}"), "DomainName": name, **told}


def test_a_certificate_tells_its_end_and_whether_it_renews_itself() -> None:
    with fake_aws() as aws:
        rows = [
            certificate("ours", NotAfter=END, InUse=True, Type="AMAZON_ISSUED", RenewalEligibility="ELIGIBLE"),
            certificate("idle", InUse=False, Type="AMAZON_ISSUED", RenewalEligibility="INELIGIBLE"),
            certificate("bought", NotAfter=END, InUse=True, Type="IMPORTED", RenewalEligibility="ELIGIBLE"),
            certificate("vague"),
        ]
        aws.on("acm", "ListCertificates", {"CertificateSummaryList": rows})
        found = named(read(aws, aws_certificates.SOURCE), Certificate)
        asked = aws.asked("acm")[0].params
    ours = found["ours"]
    assert (ours.resource, ours.product, ours.region) == (arn("acm", "certificate/ours"), "acm", "us-east-1")
    assert (ours.expires_at, ours.renews_itself, ours.in_use) == (END, True, True)
    assert (found["idle"].expires_at, found["idle"].renews_itself, found["idle"].in_use) == (None, False, False)
    assert found["bought"].renews_itself is False
    assert isinstance(found["vague"].renews_itself, Unread)
    assert isinstance(found["vague"].in_use, Unread)
    assert "EC_prime256v1" in asked["Includes"]["keyTypes"]


def test_a_secret_names_the_regions_with_a_copy_in_step() -> None:
    rows = [
        {"ARN": arn("secretsmanager", "secret:db"), "Name": "db", "RotationEnabled": True},
        {"ARN": arn("secretsmanager", "secret:lone"), "Name": "lone", "Tags": [{"Key": "service", "Value": "shop"}]},
        {"ARN": arn("secretsmanager", "secret:copy"), "Name": "copy", "PrimaryRegion": "eu-west-1"},
    ]
    copies = [{"Region": "us-west-2", "Status": "InSync"}, {"Region": "eu-west-1", "Status": "Failed"}]
    with fake_aws() as aws:
        aws.on("secretsmanager", "ListSecrets", {"SecretList": rows})
        aws.on(
            "secretsmanager",
            "DescribeSecret",
            lambda asked: {"ReplicationStatus": copies} if asked["SecretId"].endswith(":db") else {},
        )
        found = named(read(aws, aws_secrets.SOURCE), Secret)
        described = aws.asked("secretsmanager", "DescribeSecret")
    assert (found["db"].replica_regions, found["db"].rotates) == (("us-west-2",), True)
    assert (found["lone"].replica_regions, found["lone"].rotates) == ((), False)
    assert found["lone"].tags == {"service": "shop"}
    assert found["copy"].replica_regions == ("eu-west-1",)
    assert len(described) == 2


def key(name: str) -> dict[str, str]:
    return {"KeyId": name, "KeyArn": arn("kms", f"key/{name}")}


def describe(asked: dict[str, Any]) -> Any:
    family = {
        "PrimaryKey": {"Arn": arn("kms", "key/wide"), "Region": "us-east-1"},
        "ReplicaKeys": [{"Arn": "x", "Region": "us-west-2"}],
    }
    told: dict[str, dict[str, Any]] = {
        "wide": {"MultiRegion": True, "MultiRegionConfiguration": family, "Enabled": True, "KeyState": "Enabled"},
        "dying": {"MultiRegion": False, "Enabled": False, "KeyState": "PendingDeletion"},
        "made": {"KeyManager": "AWS", "Enabled": True},
    }
    name = asked["KeyId"]
    return {"KeyMetadata": {"KeyId": name, **told[name]}} if name in told else Fault("AccessDeniedException")


def test_only_the_customers_keys_are_told_and_a_hidden_one_is_unread() -> None:
    aliases = [
        {"AliasName": "alias/orders", "TargetKeyId": "wide"},
        {"AliasName": "alias/aws/rds", "TargetKeyId": "ofaws"},
        {"AliasName": "alias/aws/unused"},
    ]
    with fake_aws() as aws:
        aws.on("kms", "ListKeys", {"Keys": [key(name) for name in ("wide", "dying", "ofaws", "made", "locked")]})
        aws.on("kms", "ListAliases", {"Aliases": aliases})
        aws.on("kms", "DescribeKey", describe)
        found = named(read(aws, aws_keys.SOURCE), EncryptionKey)
        described = [call.params["KeyId"] for call in aws.asked("kms", "DescribeKey")]
    wide, dying, locked = found["alias/orders"], found["dying"], found["locked"]
    assert set(found) == {"alias/orders", "dying", "locked"}
    assert (wide.multi_region, wide.replica_regions, wide.enabled) == (True, ("us-west-2",), True)
    assert (dying.multi_region, dying.enabled, dying.pending_deletion) == (False, False, True)
    assert locked.multi_region == Unread("access denied to kms:DescribeKey")
    assert locked.pending_deletion == locked.multi_region
    assert "ofaws" not in described


def test_without_keys_nothing_more_is_asked() -> None:
    with fake_aws() as aws:
        assert read(aws, aws_keys.SOURCE) == []
        assert [call.operation for call in aws.calls] == ["ListKeys"]


def distribution(name: str, target: str, groups: list[dict[str, Any]]) -> dict[str, Any]:
    origins = [{"Id": "a", "DomainName": "a.example.com"}, {"Id": "b", "DomainName": "b.example.com"}]
    return {
        "Id": name,
        "ARN": f"arn:aws:cloudfront::111122223333:distribution/{name}",
        "DomainName": f"{name}.cloudfront.net",
        "Aliases": {"Quantity": 0},
        "Origins": {"Quantity": 2, "Items": origins},
        "OriginGroups": {"Quantity": len(groups), "Items": groups},
        "DefaultCacheBehavior": {"TargetOriginId": target, "ViewerProtocolPolicy": "https-only"},
        "Enabled": True,
    }


def test_an_origin_group_counts_where_the_default_behaviour_uses_it() -> None:
    group = {"Id": "pair", "Members": {"Quantity": 2, "Items": [{"OriginId": "a"}, {"OriginId": "b"}]}}
    rows = [distribution("used", "pair", [group]), distribution("idle", "a", [group]), distribution("plain", "a", [])]
    with fake_aws() as aws:
        aws.on("cloudfront", "ListDistributions", {"DistributionList": {"IsTruncated": False, "Items": rows}})
        found = named(read(aws, aws_distributions.SOURCE), Distribution)
    used = found["used.cloudfront.net"]
    assert (used.region, used.origins, used.enabled) == (GLOBAL, ("a.example.com", "b.example.com"), True)
    assert used.origin_failover
    assert not found["idle.cloudfront.net"].origin_failover
    assert not found["plain.cloudfront.net"].origin_failover


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (Fault("ThrottlingException"), "was throttled until the last retry"),
        (Fault("ExpiredTokenException"), "the AWS token has expired"),
        (Fault("OptInRequired", 403), "the region us-east-1 is not enabled"),
        (Hang(0.5), "timed out"),
        (Cut(), "connection lost during"),
    ],
)
def test_one_key_that_cannot_be_described_is_there_and_unread_with_the_reason(failure: Any, reason: str) -> None:
    with fake_aws() as aws:
        aws.on("kms", "ListKeys", {"Keys": [key("wide"), key("odd")]})
        aws.on("kms", "DescribeKey", lambda asked: failure if asked["KeyId"] == "odd" else describe(asked))
        facts = list(aws_keys.SOURCE.read(aws.reader(timeout=0.2)))
    odd = named(facts, EncryptionKey)["odd"]
    assert isinstance(odd.multi_region, Unread)
    assert reason in odd.multi_region.reason
    assert named(facts, EncryptionKey)["wide"].multi_region is True


def test_a_listing_cut_off_in_the_middle_is_an_error_not_a_short_list() -> None:
    first = {"CertificateSummaryList": [certificate("a", InUse=True)], "NextToken": "more"}
    with fake_aws() as aws:
        aws.on("acm", "ListCertificates", [first, Cut()])
        with pytest.raises(ReadError, match="connection lost during"):
            read(aws, aws_certificates.SOURCE)
