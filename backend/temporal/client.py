"""The connection to Temporal: Pydantic payloads, encrypted, failures too."""

import os
import socket
from dataclasses import replace
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    EncodingPayloadConverter,
)
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig

from backend.settings import Settings
from backend.temporal.codec import REFUSED, EncryptionCodec, KeyRing
from backend.temporal.short_failures import ShortFailures

CORE_LOG = "temporalio_sdk_core=WARN,temporalio_client=WARN,temporalio_sdk_core::worker::activities=ERROR,ERROR"


class RefusedConverter(EncodingPayloadConverter):
    """Reads payloads that the worker's codec refused as None."""

    @property
    def encoding(self) -> str:
        """The encoding by which the codec marks it."""
        return REFUSED.decode()

    def to_payload(self, value: Any) -> Payload | None:  # noqa: ARG002 - nobody writes it
        """None."""
        return None

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> None:
        """None, too."""
        del payload, type_hint


# These cache what was learned about types, and nothing else.
_CONVERTERS = (RefusedConverter(), *PydanticPayloadConverter().converters.values())


class SharedConverter(CompositePayloadConverter):
    """Pydantic's JSON. The SDK creates one for every workflow and task, and each would start with an empty cache."""

    def __init__(self) -> None:
        super().__init__(*_CONVERTERS)


def data_converter(payload_keys: str, namespace: str) -> DataConverter:
    """How values become payloads and back in this namespace."""
    return DataConverter(
        payload_converter_class=SharedConverter,
        payload_codec=EncryptionCodec(KeyRing.parse(payload_keys), namespace),
        failure_converter_class=ShortFailures,
    )


def worker_runtime() -> Runtime:
    """The runtime of a worker: its core logs warnings, but not that a cancelled local activity completed after all."""
    return Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=CORE_LOG)))


def of_worker(converter: DataConverter) -> DataConverter:
    """The same for a worker or a replay: nothing that was not encrypted by us is read."""
    codec = converter.payload_codec
    return replace(converter, payload_codec=codec.of_worker()) if isinstance(codec, EncryptionCodec) else converter


def worker_client(client: Client) -> Client:
    """A client of the same connection for a worker."""
    config = client.config()
    config["data_converter"] = of_worker(config["data_converter"])
    return Client(**config)


async def connect(settings: Settings, *, lazy: bool = False, runtime: Runtime | None = None) -> Client:
    """Connect; a lazy client connects at its first call, so a web process starts without Temporal."""
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=data_converter(settings.payload_keys, settings.temporal_namespace),
        identity=f"countersign-{os.getpid()}@{socket.gethostname()}",
        lazy=lazy,
        runtime=runtime,
    )
