"""The platform of an Elastic Beanstalk environment, by the tags of its Auto Scaling group."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.audit.collectors.aws.guarded import if_exists
from bot.audit.collectors.aws.reader import Reader

ACTIONS: Final = ("elasticbeanstalk:DescribeEnvironments", "elasticbeanstalk:DescribePlatformVersion")
_TAG: Final = "elasticbeanstalk:environment-id"
_RETIRED: Final = "retired"


@dataclass(frozen=True, slots=True)
class BeanstalkPlatform:
    """A platform branch (`Python 3.9 running on 64bit Amazon Linux 2`). `supported` None: AWS does not tell.

    Developer guide, "Elastic Beanstalk platform lifecycle": a retired branch gets no updates and makes no new environments;
    a deprecated one still does both.
    """

    name: str = ""
    supported: bool | None = None


NO_PLATFORM: Final = BeanstalkPlatform()


def platform_of(aws: Reader, tags: Mapping[str, str]) -> BeanstalkPlatform:
    """The platform of the environment that these tags name; none for a group of its own, or whose environment is gone.

    Raises:
        ReadError: it cannot be read.
    """
    if _TAG not in tags:
        return NO_PLATFORM
    rows = aws.list("elasticbeanstalk", "DescribeEnvironments", "Environments")
    arn = next((row.get("PlatformArn", "") for row in rows if row.get("EnvironmentId") == tags[_TAG]), "")
    return _described(aws, arn) if arn else NO_PLATFORM


def _described(aws: Reader, arn: str) -> BeanstalkPlatform:
    found: Any = if_exists(lambda: aws.get("elasticbeanstalk", "DescribePlatformVersion", PlatformArn=arn)) or {}
    described = found.get("PlatformDescription", {})
    state = described.get("PlatformBranchLifecycleState", "").lower()
    name = described.get("PlatformBranchName") or described.get("PlatformName") or arn.rpartition("platform/")[2]
    return BeanstalkPlatform(name, state != _RETIRED if state else None)
