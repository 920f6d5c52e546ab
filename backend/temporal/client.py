"""The connection to Temporal: Pydantic payloads, encrypted, failures too."""

import os
import socket
from dataclasses import replace

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes

from backend.settings import Settings
from backend.temporal.codec import EncryptionCodec, KeyRing


def data_converter(payload_keys: str, namespace: str) -> DataConverter:
    """How values become payloads and back in this namespace."""
    return replace(
        pydantic_data_converter,
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
