"""Payload encryption: AES-256-GCM with a ring of keys, so that nothing readable reaches Temporal.

The key's id travels in the metadata and the namespace is authenticated with the content, so a payload cannot be moved
to another tenant. To rotate, add the new key behind the current one everywhere, then move it to the front.
"""

import base64
import os
from collections.abc import Sequence
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

ENCODING = b"binary/encrypted"
REFUSED = b"binary/refused"
NONCE_BYTES = 12
KEY_BYTES = 32
FEWEST_BYTES = 8  # different ones; a random key has about thirty
WELL_KNOWN = frozenset({b"test-key-test-key-test-key-test!", bytes(KEY_BYTES)})


class BadKeyRing(Exception):
    """PAYLOAD_KEYS cannot be used; the message says why, without the key."""


class CannotDecrypt(Exception):
    """The key of this payload is not in the ring, or the payload was changed."""


class KeyRing:
    """Keys by id; the first encodes, all decode."""

    def __init__(self, keys: Sequence[tuple[str, bytes]]) -> None:
        if not keys:
            raise BadKeyRing("PAYLOAD_KEYS is empty; give id:base64 of 32 random bytes.")
        for key_id, key in keys:
            if len(key) != KEY_BYTES:
                raise BadKeyRing(f"Payload key {key_id} has {len(key)} bytes; AES-256 needs {KEY_BYTES}.")
            if key in WELL_KNOWN or len(set(key)) < FEWEST_BYTES:
                raise BadKeyRing(f"Payload key {key_id} is a well-known sample; make one of your own.")
        self.current = keys[0][0]
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys}
        if len(self._ciphers) != len(keys):
            raise BadKeyRing("Two payload keys have the same id.")

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Read `id:base64,id:base64`."""
        keys = []
        for part in filter(None, (part.strip() for part in text.split(","))):
            key_id, _, encoded = part.partition(":")
            try:
                keys.append((key_id, base64.b64decode(encoded, validate=True)))
            except ValueError as error:
                raise BadKeyRing(f"Payload key {key_id} is not base64.") from error
        return cls(keys)

    def has(self, key_id: str) -> bool:
        """Whether this key is in the ring."""
        return key_id in self._ciphers

    def encrypt(self, content: bytes, bound_to: bytes) -> bytes:
        """Nonce and ciphertext under the current key."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[self.current].encrypt(nonce, content, bound_to)

    def decrypt(self, key_id: str, content: bytes, bound_to: bytes) -> bytes:
        """The content, or CannotDecrypt."""
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise CannotDecrypt(f"Key {key_id} is not in the ring.")
        try:
            return cipher.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], bound_to)
        except InvalidTag as error:
            raise CannotDecrypt("The payload was changed or belongs to another namespace.") from error


class Distrust(StrEnum):
    """Why a payload is not ours."""

    PLAIN = "not encrypted"
    UNKNOWN_KEY = "encrypted with an unknown key"
    CHANGED = "changed, or of another namespace"


def distrust(payload: Payload) -> Distrust | None:
    """Why a worker's codec refused this payload; None for one of ours."""
    reason = payload.metadata.get("distrust")
    return Distrust(reason.decode()) if payload.metadata.get("encoding") == REFUSED and reason else None


class EncryptionCodec(PayloadCodec):
    """Encrypts every payload on its way to one namespace."""

    def __init__(self, ring: KeyRing, namespace: str) -> None:
        self._ring = ring
        self._bound_to = namespace.encode()

    def of_worker(self) -> "WorkerCodec":
        """The same for a worker, which trusts only what we encrypted."""
        return WorkerCodec(self._ring, self._bound_to.decode())

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Replace each payload, metadata included, by its encryption."""
        return [
            Payload(
                metadata={"encoding": ENCODING, "key": self._ring.current.encode()},
                data=self._ring.encrypt(payload.SerializeToString(), self._bound_to),
            )
            for payload in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Undo `encode`; payloads that were never encrypted pass."""
        return [self._decode(payload) for payload in payloads]

    def _decode(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        key_id = payload.metadata["key"].decode()
        return Payload.FromString(self._ring.decrypt(key_id, payload.data, self._bound_to))


class WorkerCodec(EncryptionCodec):
    """Puts an empty payload in place of each that is not ours, so that no foreign content reaches our code.

    It does not raise, because a signal that cannot be decoded would stop its workflow.
    """

    def _decode(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return _refused(Distrust.PLAIN)
        if not self._ring.has(payload.metadata.get("key", b"").decode(errors="replace")):
            return _refused(Distrust.UNKNOWN_KEY)
        try:
            return super()._decode(payload)
        except (CannotDecrypt, DecodeError, ValueError):
            return _refused(Distrust.CHANGED)


def _refused(reason: Distrust) -> Payload:
    return Payload(metadata={"encoding": REFUSED, "distrust": reason.value.encode()})
