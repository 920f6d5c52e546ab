"""The rule by which audit rows prove each other: in the database, and in an exported file."""

import hashlib
from dataclasses import dataclass

from backend.kit.i18n import N_


@dataclass(frozen=True)
class Link:
    """One row: its number, the hash of the row before, its own hash, and its body exactly as it was written."""

    seq: int
    previous: str
    hash: str
    body: str


@dataclass(frozen=True)
class AuditReport:
    """What verification found: how many rows hold, the hash of the last one, and the first row that does not."""

    tenant: str
    rows: int
    broken_at: int | None = None
    head: str = ""
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Whether every row holds."""
        return not self.reason


def hash_of(previous: str, seq: int, body: str) -> str:
    """SHA-256, in hex, of the previous row's hash, the number and the body, joined by newlines."""
    return hashlib.sha256(f"{previous}\n{seq}\n{body}".encode()).hexdigest()


class Chain:
    """Takes rows in their order and stops at the first that does not hold.

    A chain cannot tell that its last rows were cut off. Anyone who noted a hash elsewhere can: it has to occur.
    """

    def __init__(self, tenant: str, noted: str = "") -> None:
        self.tenant = tenant
        self.rows = 0
        self.head = ""
        self.reason = ""
        self._noted = noted.strip().lower()
        self._met = not noted

    def take(self, row: Link) -> bool:
        """Whether the row continues the chain."""
        expected = self.rows + 1
        if row.seq != expected:
            self.reason = N_("Entry {number} is missing or out of order: found entry {found}.").format(
                number=expected, found=row.seq
            )
        elif row.previous != self.head:
            self.reason = N_("Entry {number} does not continue entry {previous}.").format(
                number=expected, previous=self.rows
            )
        elif row.hash != hash_of(row.previous, row.seq, row.body):
            self.reason = N_("Entry {number} was changed: its hash does not match its content.").format(number=expected)
        else:
            self.rows, self.head = expected, row.hash
            self._met = self._met or row.hash == self._noted
        return not self.reason

    def refuse(self, reason: str) -> AuditReport:
        """The report on a chain that breaks after the rows taken so far."""
        self.reason = self.reason or reason
        return self.report()

    def report(self) -> AuditReport:
        """What was found."""
        if not self.reason and not self._met:
            self.reason = N_(
                "The expected hash is not in the log: its last entries were removed, or all entries were rewritten."
            )
            return AuditReport(self.tenant, self.rows, self.rows + 1, self.head, self.reason)
        broken_at = self.rows + 1 if self.reason else None
        return AuditReport(self.tenant, self.rows, broken_at, self.head, self.reason)
