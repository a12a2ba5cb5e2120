"""Ids of checks with a meaning of their own in the score: those that cap it, and those that rest on paper."""

SINGLE_REGION = ("RG01",)
NO_BACKUP = ("BK01",)
NEVER_REHEARSED = ("RH01",)

ON_WORD = ("AU09", "ED01", "PR04")
"""Only somebody's attestation can pass these."""

PAPERWORK = (*ON_WORD, "CM04", "PR03", *(f"RB{number:02}" for number in range(1, 11)))
"""The fix is a document or a line in backstay.yaml: it stands after every change of the system itself."""
