"""The rule by which audit rows prove each other: in the database, and in an exported file."""

import hashlib
import json
from collections.abc import Mapping
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
    """What verification found: how many rows hold, the hash of the last one, and the first row that does not.

    `anchored` is the number of the last row that an anchor outside the database confirms; `signed` says that an
    exported file ends with our signature.
    """

    tenant: str
    rows: int
    broken_at: int | None = None
    head: str = ""
    reason: str = ""
    anchored: int = 0
    signed: bool = False

    @property
    def ok(self) -> bool:
        """Whether every row holds."""
        return not self.reason


def hash_of(previous: str, seq: int, body: str) -> str:
    """SHA-256, in hex, of the previous row's hash, the number and the body, joined by newlines."""
    return hashlib.sha256(f"{previous}\n{seq}\n{body}".encode()).hexdigest()


def tenant_in(body: str) -> str | None:
    """The tenant that a body is bound to; None for rows from before bodies were bound."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return str(found["tenant"]) if isinstance(found, dict) and "tenant" in found else None


class Chain:
    """Takes rows in their order and stops at the first that does not hold.

    A chain cannot tell that its last rows were cut off. A hash that was noted elsewhere can: it has to occur. So can
    `anchored`, the hashes of rows by their number. Once a row is bound to a tenant, all that follow are bound to it;
    without `bound` the first such row says to which.
    """

    def __init__(
        self, tenant: str, noted: str = "", anchored: Mapping[int, str] | None = None, *, bound: bool = True
    ) -> None:
        self.tenant = tenant
        self.rows = 0
        self.head = ""
        self.reason = ""
        self._noted = noted.strip().lower()
        self._met = not noted
        self._anchored = anchored or {}
        self._bound = bound
        self._tenant_known = False

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
        elif not self._belongs(tenant_in(row.body)):
            self.reason = N_("Entry {number} belongs to the log of another tenant.").format(number=expected)
        elif self._anchored.get(expected, row.hash) != row.hash:
            self.reason = N_("Entry {number} is not the one that was anchored: the log was rewritten.").format(
                number=expected
            )
        else:
            self.rows, self.head = expected, row.hash
            self._met = self._met or row.hash == self._noted
        return not self.reason

    def belongs_to(self, tenant: str) -> None:
        """Every bound row has to be of this tenant."""
        self.tenant, self._bound = tenant, True

    def _belongs(self, tenant: str | None) -> bool:
        if tenant is None:
            return not self._tenant_known
        if not self._bound:
            self.belongs_to(tenant)
        self._tenant_known = True
        return tenant == self.tenant

    def refuse(self, reason: str) -> AuditReport:
        """The report on a chain that breaks after the rows taken so far."""
        self.reason = self.reason or reason
        return self.report()

    def report(self) -> AuditReport:
        """What was found."""
        anchored = max(self._anchored, default=0)
        if not self.reason and self.rows < anchored:
            self.reason = N_("Entries were removed: {count} were anchored, {found} remain.").format(
                count=anchored, found=self.rows
            )
        if not self.reason and not self._met:
            self.reason = N_(
                "The expected hash is not in the log: its last entries were removed, or all entries were rewritten."
            )
        broken_at = self.rows + 1 if self.reason else None
        confirmed = max((number for number in self._anchored if number <= self.rows), default=0)
        return AuditReport(self.tenant, self.rows, broken_at, self.head, self.reason, confirmed)
