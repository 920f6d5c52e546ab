"""Free ports, stored so that the next start uses the same addresses."""

import errno
import socket
from pathlib import Path

LOCALHOST = "127.0.0.1"
BACKLOG = 2048  # connections that wait while a process that was killed is replaced


class CannotListen(Exception):
    """The address is in use, or is none of this machine's."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        if error.errno == errno.EADDRINUSE:
            super().__init__(f"Port {port} is in use. Stop the program that uses it, or choose another with --port.")
        else:
            super().__init__(f"Cannot listen on {host}:{port}: {error.strerror or error}.")


def listen(host: str, port: int) -> socket.socket:
    """A socket that accepts connections at this address; CannotListen otherwise."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise CannotListen(host, port, error) from error
    except OverflowError as error:
        raise CannotListen(host, port, OSError(str(error))) from error


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
