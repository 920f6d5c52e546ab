"""Free ports, stored so that the next start uses the same addresses."""

import socket
from pathlib import Path

LOCALHOST = "127.0.0.1"


def is_free(port: int, host: str = LOCALHOST) -> bool:
    """Whether no process listens on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A free port, chosen by the system."""
    with socket.socket() as probe:
        probe.bind((LOCALHOST, 0))
        return int(probe.getsockname()[1])


def stored_port(file: Path) -> int:
    """The port stored in this file if it is still free; otherwise a new one, which is stored."""
    if file.exists() and file.read_text().strip().isdigit():
        port = int(file.read_text())
        if is_free(port):
            return port
    port = free_port()
    file.write_text(str(port))
    return port


def accepts_connections(port: int, host: str = LOCALHOST) -> bool:
    """Whether a process accepts connections on this port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0
