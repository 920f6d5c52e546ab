"""Anchors: signed heads of the audit log, kept outside the database, so that rewriting it is detected.

Each line of a file holds the heads of all tenants whose log grew, a digest over the heads of all tenants, and the hash
of the line before it. A line is signed with the signing keys. Keep copies where nobody of this machine can write.
"""

import fcntl
import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from itsdangerous import BadSignature, Signer
from pydantic import BaseModel, ValidationError

from backend.kit.i18n import N_

log = logging.getLogger(__name__)
FOLDER = "audit-anchors"
PURPOSE = "countersign.audit-anchor"
SEPARATOR = "."


class Head(BaseModel):
    """How many rows a tenant's log has, and the hash of the last one."""

    rows: int
    hash: str


class Anchor(BaseModel):
    """One line: the heads that changed since the line before, and a digest over all heads."""

    at: datetime
    previous: str
    heads: dict[str, Head]
    overall: str


@dataclass(frozen=True)
class Anchored:
    """The hash of each anchored row by tenant, and why the anchors cannot be trusted, if they cannot."""

    hashes: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    reason: str = ""


class Anchors:
    """The files in one folder, one a day. Lines are only appended."""

    def __init__(self, data_dir: Path, keys: Sequence[str]) -> None:
        self.folder = data_dir / FOLDER
        # itsdangerous signs with the last key of its list; all of them verify.
        keys = list(reversed(keys))
        self._signer = Signer(keys, sep=SEPARATOR, salt=PURPOSE, digest_method=hashlib.sha256) if keys else None

    def add(self, heads: Mapping[str, Head], *, at: datetime | None = None) -> None:
        """Append the heads that are not anchored yet, and log them; nothing if there are none or no signing keys."""
        if self._signer is None:
            return
        now = at or datetime.now(UTC)
        with self._locked():
            known, previous, file = self._last()
            new = {tenant: head for tenant, head in heads.items() if known.get(tenant) != head}
            today = self.folder / f"{now:%Y-%m-%d}.jsonl"
            if not new:
                return
            known |= new
            # The first line of a file names every tenant, so that files can be kept and read by themselves.
            shown = known if file != today else new
            anchor = Anchor(at=now, previous=previous, heads=shown, overall=_overall(known))
            line = self._signer.sign(anchor.model_dump_json()).decode()
            with today.open("a", encoding="utf-8") as out:
                out.write(f"{line}\n")
            today.chmod(0o600)
        log.info("audit anchor %s", line)

    def signature(self, tenant: str, head: Head) -> str:
        """A signature over one head, for an export; empty without signing keys."""
        return self._signer.get_signature(_claim(tenant, head)).decode() if self._signer else ""

    def signed(self, tenant: str, head: Head, signature: str) -> bool:
        """Whether we signed this head."""
        return self._signer is not None and self._signer.verify_signature(_claim(tenant, head), signature)

    def read(self) -> Anchored:
        """Every anchored hash; with the first line that was changed, removed or not signed by us as the reason."""
        hashes: dict[str, dict[int, str]] = {}
        known: dict[str, Head] = {}
        previous = None
        for place, line in self._lines():
            anchor = self._read(line)
            if anchor is None:
                return Anchored(hashes, N_("The anchor {place} is not signed with our keys.").format(place=place))
            known |= anchor.heads
            if previous not in (None, anchor.previous) or anchor.overall != _overall(known):
                return Anchored(hashes, N_("Anchors before {place} were removed or changed.").format(place=place))
            previous = _digest(line)
            for tenant, head in anchor.heads.items():
                hashes.setdefault(tenant, {})[head.rows] = head.hash
        return Anchored(hashes)

    def _read(self, line: str) -> Anchor | None:
        try:
            return Anchor.model_validate_json(self._signer.unsign(line)) if self._signer else None
        except (BadSignature, ValidationError):
            return None

    def _last(self) -> tuple[dict[str, Head], str, Path | None]:
        """The heads that are anchored, the hash of the last line, and its file."""
        known: dict[str, Head] = {}
        previous, last = "", None
        for file in self._files()[-1:]:
            for line in file.read_text(encoding="utf-8").splitlines():
                previous, last = _digest(line), file
                if (anchor := self._read(line)) is not None:
                    known |= anchor.heads
        return known, previous, last

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.jsonl"))

    def _lines(self) -> Iterator[tuple[str, str]]:
        for file in self._files():
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                yield f"{file.name}:{number}", line

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time on this machine."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _claim(tenant: str, head: Head) -> bytes:
    return json.dumps([tenant, head.rows, head.hash]).encode()


def _overall(heads: Mapping[str, Head]) -> str:
    every: list[Any] = [[tenant, head.rows, head.hash] for tenant, head in sorted(heads.items())]
    return _digest(json.dumps(every))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
