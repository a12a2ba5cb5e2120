"""The error of a call that reads a cloud, whichever cloud it is."""

import re

# Codes for a resource that does not exist, as botocore's service models spell them: ResourceNotFoundException,
# DBInstanceNotFound, InvalidVolume.NotFound, NoSuchBucket, ApplicationDoesNotExistException, QueueDoesNotExist,
# AWS.SimpleQueueService.NonExistentQueue; and those of Google (NOT_FOUND), Azure (ResourceNotFound) and Kubernetes (NotFound).
# UnknownOperationException is a 404 too, but none of them; codes for a setting that a resource does not have
# (ReplicationConfigurationNotFoundError, PolicyNotFound) say that the resource is there.
_GONE = re.compile(r"(?!.*(?:Configuration|Policy|TagSet))(?:.*NotFound|NOT_FOUND|NoSuch|.*DoesNotExist|.*NonExistent)")


class ReadError(Exception):
    """A failed call. `action`: the permission it needs. `reason`: a clause for people. `code`: the cloud's error code.

    `fatal`: nothing else of the account can be read either (an expired token, a key that does not exist).
    """

    def __init__(self, action: str, reason: str, code: str = "", *, fatal: bool = False) -> None:
        super().__init__(f"{action}: {reason}")
        self.action, self.reason, self.code, self.fatal = action, reason, code, fatal

    @property
    def gone(self) -> bool:
        """Whether the resource that was asked for does not exist (any more)."""
        return bool(_GONE.match(self.code))
