"""Turns failures of AWS calls into reasons that findings can show."""

from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from bot.net.failures import failure_words
from bot.net.read_error import ReadError

__all__ = ["THROTTLED", "ReadError", "code_of", "denied", "read_error", "status_of", "throttled", "transient"]

# Codes from botocore's own standard retry mode, plus the ones that EC2, S3 and Route 53 spell their own way.
THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "RequestThrottled",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    }
)
_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "AuthorizationError",
        "AuthorizationErrorException",
        "UnauthorizedException",
        "Forbidden",
        "ForbiddenException",
        "403",
    }
)
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_BAD_KEY = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "AuthFailure",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "InvalidToken",
    }
)
_NOT_ENABLED = frozenset({"OptInRequired", "RegionDisabledException", "InvalidRegionException"})
_NOT_SUBSCRIBED = frozenset({"SubscriptionRequiredException", "SubscriptionRequired"})
_TRANSIENT = frozenset(
    {
        "RequestTimeout",
        "RequestTimeoutException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)


def code_of(error: BaseException) -> str:
    """The provider's error code, empty where the error has none."""
    if not isinstance(error, ClientError):
        return ""
    details: dict[str, Any] = dict(error.response.get("Error") or {})
    return str(details.get("Code") or "")


def denied(error: BaseException) -> bool:
    """Whether access was denied."""
    return code_of(error) in _DENIED


def throttled(error: BaseException) -> bool:
    """Whether the call was throttled."""
    return isinstance(error, ClientError) and (code_of(error) in THROTTLED or status_of(error) == 429)


def transient(error: BaseException) -> bool:
    """Whether a retry of the same call may succeed."""
    if isinstance(error, ClientError):
        return code_of(error) in _TRANSIENT or status_of(error) in (500, 502, 503, 504)
    return isinstance(error, HTTPClientError) and not isinstance(error, (ConnectTimeoutError, EndpointConnectionError))


def read_error(error: BaseException, action: str, region: str) -> ReadError:
    """Turn a failed call into a ReadError that names the IAM action it needs."""
    if isinstance(error, ClientError):
        return _refusal(error, action, region)
    name = failure_words(error, "unknown reason")
    for kinds, code, reason in _BREAKS:
        if isinstance(error, kinds):
            fatal = code == "NoCredentials"
            return ReadError(action, reason.format(action=action, region=region, name=name), code, fatal=fatal)
    return ReadError(action, f"{action} failed ({name})", type(error).__name__)


_BREAKS: tuple[tuple[tuple[type[BaseException], ...], str, str], ...] = (
    ((ConnectTimeoutError, ReadTimeoutError), "Timeout", "{action} timed out"),
    ((EndpointConnectionError,), "Unreachable", "no connection to the endpoint of {action} in {region}"),
    ((ConnectionClosedError, HTTPClientError), "Cut", "connection lost during {action}"),
    (
        (NoCredentialsError, CredentialRetrievalError, UnauthorizedSSOTokenError, TokenRetrievalError),
        "NoCredentials",
        "no usable AWS credentials ({name})",
    ),
    ((ParamValidationError,), "Validation", "{action} was called with invalid parameters"),
    ((BotoCoreError,), "NotUnderstood", "{action} failed ({name})"),
)


def _refusal(error: ClientError, action: str, region: str) -> ReadError:
    code = code_of(error)
    if code in _DENIED:
        message = str(dict(error.response.get("Error") or {}).get("Message") or "")
        policy = " (a service control policy forbids it)" if "service control policy" in message else ""
        return ReadError(action, f"access denied to {action}{policy}", code)
    if throttled(error):
        return ReadError(action, f"{action} was throttled until the last retry", code)
    for codes, reason in _REFUSALS:
        if code in codes:
            return ReadError(
                action, reason.format(action=action, region=region, code=code), code, fatal=codes is _EXPIRED
            )
    return ReadError(action, f"{action} failed: {code or status_of(error)}", code)


_REFUSALS = (
    (_EXPIRED, "the AWS token has expired"),
    (_BAD_KEY, "AWS does not accept the credentials in {region} ({code})"),
    (_NOT_ENABLED, "the region {region} is not enabled for this account"),
    (_NOT_SUBSCRIBED, "the account is not subscribed to the service of {action}"),
)


def status_of(error: ClientError) -> int:
    """The HTTP status of the answer, 0 where there is none."""
    metadata: dict[str, Any] = dict(error.response.get("ResponseMetadata") or {})
    return int(metadata.get("HTTPStatusCode") or 0)
