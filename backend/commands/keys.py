"""The keys of an installation: made at the first start, rotated by adding a newer one in front."""

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
    """A payload key as `id:base64`; the id is the second it was made."""
    made = datetime.now(UTC).strftime("k%Y%m%d%H%M%S")
    return f"{made}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def write_privately(file: Path, content: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(content)
    fresh.replace(file)


def remembered(file: Path, fresh: str) -> str:
    """The secret in this file; the fresh one is written there if there is none."""
    if not file.exists():
        write_privately(file, fresh)
    return file.read_text().strip()


def rotate(settings: Settings) -> dict[str, str]:
    """Put a new key in front of each ring; the former keys go on decoding and verifying.

    Keys of `up` are rotated in their files and nothing is returned. Keys that came from the environment are returned
    as the new values of their variables, for only their owner can put them there.
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
            write_privately(file, f"{fresh},{file.read_text().strip()}")
    return to_set
