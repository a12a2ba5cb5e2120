"""The ids of the checks whose failure caps a service's score."""

SINGLE_REGION = ("RG01",)
NO_BACKUP = ("BK01",)
NEVER_REHEARSED = ("RH01",)
