"""Limits on attempts to sign in, shared by all web processes, that do not lock the owner of an account out.

Attempts are counted for an account together with where they come from: a device that the person used before, else an
address. Each further failure doubles the wait of that pair alone, so guesses from elsewhere do not delay the
owner. An address with many failures for any accounts is answered slowly, not refused: behind it may be a whole
house.
"""

import asyncio
import ipaddress
import math
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.errors import CaseError
from backend.cases.people.tokens import digest
from backend.database.engine import Database
from backend.kit.i18n import NN_

FREE = 5  # failures without a wait
FIRST_WAIT = timedelta(seconds=1)  # after them; each further failure doubles it
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN = timedelta(hours=1)  # after the last failure of a pair
WINDOW = timedelta(minutes=10)  # in which failures of an address are counted
FREE_OF_ADDRESS = 60  # failures of one address for any accounts, before it is answered slowly
SLOWEST_SECONDS = 4.0
AT_ONCE_OF_ADDRESS = 8  # slow answers under way to one address

# Counts an attempt, unless the wait of the earlier ones is not over; the wait doubles from failure to failure.
_WAITING = "least(:longest, :first * power(2, least(a.failures - :free, 20)))"
_COUNT = text(f"""
    INSERT INTO sign_in_attempts AS a (key) VALUES (:key)
    ON CONFLICT (key) DO UPDATE SET failures = least(a.failures + 1, 1000), last_at = clock_timestamp()
    WHERE a.failures < :free OR a.last_at + make_interval(secs => {_WAITING}) <= clock_timestamp()
    RETURNING failures
""")  # noqa: S608 - our own constant
_WAIT = text(f"""
    SELECT extract(epoch FROM a.last_at - clock_timestamp()) + {_WAITING} FROM sign_in_attempts a WHERE key = :key
""")  # noqa: S608 - our own constant
_COUNT_ADDRESS = text("""
    INSERT INTO sign_in_attempts AS a (key) VALUES (:key)
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN a.since < clock_timestamp() - cast(:window AS interval) THEN 1
                        ELSE least(a.failures + 1, 1000) END,
        since = CASE WHEN a.since < clock_timestamp() - cast(:window AS interval) THEN clock_timestamp()
                     ELSE a.since END,
        last_at = clock_timestamp()
    RETURNING failures
""")
_FORGET = text("DELETE FROM sign_in_attempts WHERE last_at < clock_timestamp() - cast(:forgotten AS interval)")
_SUCCEEDED = text("""
    WITH gone AS (DELETE FROM sign_in_attempts WHERE key = :pair)
    UPDATE sign_in_attempts SET failures = greatest(failures - 1, 0) WHERE key = :address
""")


class TooManyAttempts(CaseError):
    """Too many attempts. Try again in a minute."""

    status = 429
    code = "too_many_attempts"

    def __init__(self, seconds: int) -> None:
        super().__init__(
            NN_(
                "Too many attempts. Try again in {count} second.",
                "Too many attempts. Try again in {count} seconds.",
                seconds,
            ).format(count=seconds)
        )
        self.retry_after = seconds


@dataclass(frozen=True)
class Origin:
    """Where an attempt comes from: its network address, and the known device of this account if it is one."""

    address: str = ""
    device: str = ""

    @property
    def network(self) -> str:
        """The address; of IPv6 the network, because each of its houses has more addresses than can be counted."""
        try:
            found = ipaddress.ip_address(self.address)
        except ValueError:
            return self.address
        return str(ipaddress.ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)  # noqa: PLR2004


class SignInLimits:
    """Counts attempts in the database; of accounts and addresses only hashes are stored."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._slow: Counter[str] = Counter()

    @asynccontextmanager
    async def attempt(self, account: str, origin: Origin) -> AsyncIterator[int]:
        """Count one attempt, which is forgotten if nothing is raised; its number. TooManyAttempts if it is too soon."""
        pair = digest(f"device:{account}:{origin.device}" if origin.device else f"from:{account}:{origin.network}")
        address = "" if origin.device else digest(f"address:{origin.network}")
        async with self._database.across_tenants() as session:
            await session.execute(_FORGET, {"forgotten": FORGOTTEN})
            number = await _counted(session, pair)
            given = {"key": address, "window": WINDOW}
            of_address = await session.scalar(_COUNT_ADDRESS, given) if address else 0
        await self._slow_down(address, of_address or 0)
        yield number
        async with self._database.across_tenants() as session:
            await session.execute(_SUCCEEDED, {"pair": pair, "address": address})

    async def _slow_down(self, address: str, failures: int) -> None:
        """Answer an address with many failures later, and only a few of its attempts at once."""
        if failures <= FREE_OF_ADDRESS:
            return
        if self._slow[address] >= AT_ONCE_OF_ADDRESS:
            raise TooManyAttempts(math.ceil(SLOWEST_SECONDS))
        self._slow[address] += 1
        try:
            await asyncio.sleep(min(failures / FREE_OF_ADDRESS, SLOWEST_SECONDS))
        finally:
            self._slow[address] -= 1
            if not self._slow[address]:
                del self._slow[address]


async def _counted(session: AsyncSession, key: str) -> int:
    first, longest = FIRST_WAIT.total_seconds(), LONGEST_WAIT.total_seconds()
    given = {"key": key, "free": FREE, "first": first, "longest": longest}
    number = await session.scalar(_COUNT, given)
    if number is None:
        raise TooManyAttempts(max(1, math.ceil(await session.scalar(_WAIT, given) or 1)))
    return int(number)
