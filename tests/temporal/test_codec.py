"""Payloads to Temporal are unreadable, and altered payloads are refused."""

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from backend.temporal.client import data_converter, of_worker
from backend.temporal.codec import BadKeyRing, CannotDecrypt, Distrust, EncryptionCodec, KeyRing, distrust

OLD, NEW = (f"{name}:{base64.b64encode(os.urandom(32)).decode()}" for name in ("old", "new"))


def codec(keys: str, namespace: str = "countersign") -> EncryptionCodec:
    return EncryptionCodec(KeyRing.parse(keys), namespace)


@given(st.binary(max_size=2000))
async def test_what_goes_in_comes_out_and_is_unreadable_between(content: bytes) -> None:
    payload = Payload(metadata={"encoding": b"json/plain"}, data=content)
    sealed = await codec(NEW).encode([payload])
    assert dict(sealed[0].metadata) == {"encoding": b"binary/encrypted", "key": b"new"}
    assert len(content) < 8 or content not in sealed[0].data
    assert await codec(NEW).decode(sealed) == [payload]


async def test_after_a_rotation_the_former_key_still_opens_what_it_closed() -> None:
    sealed = await codec(OLD).encode([Payload(data=b"a purchase")])
    opened = await codec(f"{NEW},{OLD}").decode(sealed)
    assert opened[0].data == b"a purchase"
    assert (await codec(f"{NEW},{OLD}").encode(opened))[0].metadata["key"] == b"new"
    with pytest.raises(CannotDecrypt, match="not in the ring"):
        await codec(NEW).decode(sealed)


async def test_a_payload_that_was_changed_or_moved_to_another_namespace_is_refused() -> None:
    sealed = (await codec(NEW).encode([Payload(data=b"10.00 EUR")]))[0]
    with pytest.raises(CannotDecrypt):
        await codec(NEW, "acme").decode([sealed])
    forged = Payload(metadata=sealed.metadata, data=sealed.data[:-1] + bytes([sealed.data[-1] ^ 1]))
    with pytest.raises(CannotDecrypt):
        await codec(NEW).decode([forged])


async def test_a_worker_reads_only_what_was_encrypted_by_us() -> None:
    plain = Payload(metadata={"encoding": b"json/plain"}, data=b'"approved"')
    worker, ours = codec(NEW).of_worker(), (await codec(NEW).encode([plain]))[0]
    old, foreign = (await codec(OLD).encode([plain]))[0], (await codec(NEW, "acme").encode([plain]))[0]
    short = Payload(metadata={"encoding": b"binary/encrypted", "key": b"new"}, data=b"x")
    nameless = Payload(metadata={"encoding": b"binary/encrypted"}, data=ours.data)
    pretender = Payload(metadata={"encoding": b"binary/refused"}, data=b'"approved"')
    read = await worker.decode([ours, plain, pretender, old, nameless, foreign, short])
    assert read[0] == plain
    reasons = [distrust(payload) for payload in read]
    assert reasons == [
        None,
        Distrust.PLAIN,
        Distrust.PLAIN,
        Distrust.UNKNOWN_KEY,
        Distrust.UNKNOWN_KEY,
        Distrust.CHANGED,
        Distrust.CHANGED,
    ]
    assert {payload.data for payload in read[1:]} == {b""}
    assert of_worker(data_converter(NEW, "countersign")).payload_converter.from_payloads(read[1:2]) == [None]


async def test_failures_are_encrypted_too() -> None:
    failure = Failure()
    await data_converter(NEW, "countersign").encode_failure(ApplicationError("Nordwerk refused the order"), failure)
    assert b"Nordwerk" not in failure.SerializeToString()


@pytest.mark.parametrize(
    "keys",
    ["", "x", "x:AAAA", f"x:{base64.b64encode(bytes(32)).decode()}", f"{NEW},{NEW}"],
    ids=["none", "no key", "short", "zeros", "twice"],
)
def test_a_ring_that_cannot_protect_is_refused_without_showing_a_key(keys: str) -> None:
    with pytest.raises(BadKeyRing) as refused:
        KeyRing.parse(keys)
    assert NEW.split(":")[1] not in str(refused.value)
