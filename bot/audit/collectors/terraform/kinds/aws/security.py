"""KMS keys, secrets and certificates. Defaults: Terraform's hashicorp/aws provider documentation of each type."""

from collections.abc import Iterable

from bot.audit.collectors.terraform.aws_parts import key_of
from bot.audit.collectors.terraform.gaps import NOT_USED, ONLY_AFTER_DEPLOYMENT
from bot.audit.collectors.terraform.resource import PlanResource, kind, told
from checks import Certificate, EncryptionKey, Fact, Maybe, Secret, Unread

_NOT_READ = Unread(NOT_USED)
_SHORTEST_WAIT = 7  # days between the deletion of a key and its end, KMS API reference, "ScheduleKeyDeletion"
_CERTIFICATE_USERS = (
    ("aws_lb_listener", "certificate_arn"),
    ("aws_alb_listener", "certificate_arn"),
    ("aws_lb_listener_certificate", "certificate_arn"),
    ("aws_cloudfront_distribution", "viewer_certificate.acm_certificate_arn"),
    ("aws_api_gateway_domain_name", "regional_certificate_arn"),
    ("aws_api_gateway_domain_name", "certificate_arn"),
    ("aws_apigatewayv2_domain_name", "domain_name_configuration.certificate_arn"),
    ("aws_elb", "listener.ssl_certificate_id"),
)


def _key(row: PlanResource) -> Iterable[Fact]:
    """A key with its aliases and replicas; enabled and bound to one region unless set."""
    replicas = row.joined("aws_kms_replica_key", "primary_key_arn")
    aliases = tuple(alias.plain("name") for alias in row.joined("aws_kms_alias", "target_key_id").found)
    enabled = row.flag_of("is_enabled" if row.resource_type == "aws_kms_key" else "enabled", default=True)
    regions = {other.identity.region for other in replicas.found} - {"", row.identity.region}
    yield row.fact(
        EncryptionKey,
        product="kms",
        name=next(filter(None, aliases), "") or row.identity.name,
        aliases=tuple(filter(None, aliases)),
        multi_region=True if row.resource_type == "aws_kms_replica_key" else row.flag_of("multi_region"),
        replica_regions=tuple(sorted(regions)) if regions or not replicas.doubt else replicas.doubt,
        enabled=enabled,
        in_use=Unread(ONLY_AFTER_DEPLOYMENT) if enabled is False else _NOT_READ,
        recovery_days=_SHORTEST_WAIT,
    )


def _secret(row: PlanResource) -> Iterable[Fact]:
    """A secret with its replicas and its rotation."""
    replicas = told(row.blocks("replica"), ())
    regions = {told(block.maybe(block.text, "region"), "") for block in replicas} - {""}
    rotations = row.joined("aws_secretsmanager_secret_rotation", "secret_id").found
    yield row.fact(
        Secret,
        product="secretsmanager",
        replica_regions=tuple(sorted(regions)),
        rotates=bool(rotations) or told(row.flag_of("rotation_enabled"), otherwise=False),
        encryption_key=key_of(row, "kms_key_id"),
    )


def _certificate(row: PlanResource) -> Iterable[Fact]:
    """A certificate: ACM renews those that it issued, while they are in use."""
    used = any(row.joined(*path).found for path in _CERTIFICATE_USERS)
    imported = bool(row.entry.values.get("certificate_body"))
    yield row.fact(
        Certificate,
        product="acm",
        expires_at=_expires(row),
        renews_itself=False
        if imported
        else used or Unread("whether a resource outside of the plan uses it is not known"),
        in_use=used or Unread("whether a resource outside of the plan uses it is not known"),
    )


def _expires(row: PlanResource) -> Maybe[object]:
    return (
        row.setting(row.when, "not_after", None)
        if row.entry.values.get("not_after")
        else Unread("it is issued after apply")
    )


KINDS = (
    kind("aws_kms_key", (EncryptionKey,), _key),
    kind("aws_kms_external_key", (EncryptionKey,), _key),
    kind("aws_kms_replica_key", (EncryptionKey,), _key),
    kind("aws_secretsmanager_secret", (Secret,), _secret),
    kind("aws_acm_certificate", (Certificate,), _certificate),
)
