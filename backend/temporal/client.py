"""The connection to Temporal: Pydantic payloads, encrypted, failures too."""

import os
import socket

from temporalio.client import Client
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
)

from backend.settings import Settings
from backend.temporal.codec import EncryptionCodec, KeyRing

# These cache what was learned about types, and nothing else.
_CONVERTERS = tuple(PydanticPayloadConverter().converters.values())


class SharedConverter(CompositePayloadConverter):
    """Pydantic's JSON. The SDK creates one for every workflow and task, and each would start with an empty cache."""

    def __init__(self) -> None:
        super().__init__(*_CONVERTERS)


def data_converter(payload_keys: str, namespace: str) -> DataConverter:
    """How values become payloads and back in this namespace."""
    return DataConverter(
        payload_converter_class=SharedConverter,
        payload_codec=EncryptionCodec(KeyRing.parse(payload_keys), namespace),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


async def connect(settings: Settings, *, lazy: bool = False) -> Client:
    """Connect; a lazy client connects at its first call, so a web process starts without Temporal."""
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=data_converter(settings.payload_keys, settings.temporal_namespace),
        identity=f"countersign-{os.getpid()}@{socket.gethostname()}",
        lazy=lazy,
    )
