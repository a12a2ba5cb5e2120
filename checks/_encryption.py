"""What an encryption key encrypts."""

from collections.abc import Iterable

from checks._facts import EncryptionKey, Fact, Unread, settling


def encrypted_by(key: EncryptionKey, facts: Iterable[Fact]) -> Fact | None:
    """The first resource that a key encrypts, None where it encrypts none.

    Raises:
        NotKnownError: none is found, and some resources or their keys are unread.
    """
    return settling(
        fact.encryption_key if isinstance(fact.encryption_key, Unread) else fact if key.encrypts(fact) else None
        for fact in facts
    )
