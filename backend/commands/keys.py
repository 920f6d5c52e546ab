"""The keys of an installation: created at the first start, rotated by adding a newer key in front."""

import base64
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from backend.settings import Settings

SECRET_KEY_FILE = "secret-key"  # noqa: S105 - the name of a file
PAYLOAD_KEY_FILE = "payload-key"


def new_secret_key() -> str:
    """A signing key."""
    return secrets.token_urlsafe(48)


def new_payload_key() -> str:
    """A payload key as `id:base64`; the id is the time of its creation, to the second."""
    created = datetime.now(UTC).strftime("k%Y%m%d%H%M%S")
    return f"{created}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def write_private_file(file: Path, content: str) -> None:
    """Write a file that only its owner can read, atomically."""
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(content)
    fresh.replace(file)


def read_or_create(file: Path, fresh: str) -> str:
    """The secret in this file; if there is no file, it is created with the fresh secret."""
    if not file.exists():
        write_private_file(file, fresh)
    return file.read_text().strip()


def rotate(settings: Settings) -> dict[str, str]:
    """Put a new key in front of each key ring; the previous keys still decode and verify.

    Keys that `up` created are rotated in their files, and nothing is returned. Keys from the environment are returned
    as the new values of their variables, because only the operator can set them.
    """
    files = {
        "COUNTERSIGN_SECRET_KEYS": (settings.data_dir / SECRET_KEY_FILE, settings.secret_keys, new_secret_key()),
        "COUNTERSIGN_PAYLOAD_KEYS": (settings.data_dir / PAYLOAD_KEY_FILE, settings.payload_keys, new_payload_key()),
    }
    to_set = {}
    for variable, (file, current, fresh) in files.items():
        if variable in os.environ or not file.exists():
            to_set[variable] = ",".join(filter(None, (fresh, current)))
        else:
            write_private_file(file, f"{fresh},{file.read_text().strip()}")
    return to_set
