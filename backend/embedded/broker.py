"""The NATS broker with JetStream, in a folder."""

from pathlib import Path
from typing import Self

from backend.embedded.child import Child
from backend.embedded.ports import LOCALHOST, accepts_connections, stored_port
from backend.embedded.temporal import program

# JetStream acknowledges before it syncs unless told otherwise (jepsen.io/analyses/nats-2.12.1).
CONFIGURATION = """
listen: "{host}:{port}"
jetstream {{ store_dir: "{store}", sync_interval: always }}
"""


class EmbeddedBroker:
    """One NATS server; acknowledged messages are on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.child = Child("nats", self.folder)
        self.port = 0

    @property
    def url(self) -> str:
        """nats:// URL."""
        return f"nats://{LOCALHOST}:{self.port}"

    def start(self) -> Self:
        """Start it and wait until it accepts connections."""
        self.child.stop_orphan()
        self.port = stored_port(self.folder / "port")
        file = self.folder / "nats.conf"
        file.write_text(CONFIGURATION.format(host=LOCALHOST, port=self.port, store=self.folder / "jetstream"))
        self.child.start([program("nats-server"), "-c", str(file)], ready=lambda: accepts_connections(self.port))
        return self

    def stop(self) -> None:
        """Stop it."""
        self.child.stop()
