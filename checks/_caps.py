"""The checks whose failure puts a ceiling on a service's score, by id."""

SINGLE_REGION = ("RG01",)
NO_BACKUP = ("BK01",)
NEVER_REHEARSED = ("RH01",)
