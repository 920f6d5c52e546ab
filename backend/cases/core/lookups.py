"""Lists that forms offer, and where they come from."""

from collections.abc import Awaitable, Callable, Collection, Sequence

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.database.batching import Batcher
from backend.database.engine import Database
from backend.database.tables import Budget, Membership, Person, StockItem
from backend.kit.fields import Lookup
from backend.kit.i18n import N_
from backend.settings import settings

MANAGERS = "managers"
MOST_ARTICLES = 1_000

_COST_CENTRES = select(Budget.cost_centre, Budget.name, Budget.currency, Budget.amount - Budget.reserved).order_by(
    Budget.cost_centre
)


async def cost_centres(session: AsyncSession) -> dict[str, str]:
    """Cost centres by number: what they are called, and what is left."""
    rows = await session.execute(_COST_CENTRES)
    label = N_("{number} {name}, {amount} left")
    return {
        number: label.format(number=number, name=name, amount=f"{currency} {left:,.2f}")
        for number, name, currency, left in rows
    }


async def managers(session: AsyncSession) -> dict[str, str]:
    """Who leads somebody or belongs to the managers, by login."""
    leads = select(Person.manager_id).where(Person.manager_id.is_not(None))
    belongs = select(Membership.person_id).where(Membership.group_id == MANAGERS)
    who = (Person.active.is_(True), or_(Person.id.in_(leads), Person.id.in_(belongs)))
    rows = await session.execute(select(Person.id, Person.name).where(*who).order_by(Person.name))
    return dict(rows.all())


async def stock(session: AsyncSession) -> dict[str, str]:
    """Articles by their number: what they are called, and how many are there."""
    free = StockItem.quantity - StockItem.reserved
    rows = await session.execute(
        select(StockItem.sku, StockItem.name, free).order_by(StockItem.sku).limit(MOST_ARTICLES)
    )
    label = N_("{number} {name}, {count} in stock")
    return {sku: label.format(number=sku, name=name, count=f"{left:,}") for sku, name, left in rows}


_READERS: dict[Lookup, Callable[[AsyncSession], Awaitable[dict[str, str]]]] = {
    Lookup.COST_CENTRES: cost_centres,
    Lookup.MANAGERS: managers,
    Lookup.STOCK: stock,
}


async def read_lookups(session: AsyncSession, wanted: Collection[str]) -> dict[str, dict[str, str]]:
    """These lists by their names, as `FormField(lookup=…)` spells them; without a list, anything can be typed."""
    elsewhere = {Lookup.STOCK} if settings().inventory_url else set()
    return {name: await _READERS[Lookup(name)](session) for name in wanted if name not in elsewhere}


class Lookups:
    """The lists of forms that are checked at the same time, read once for all of them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reading = Batcher(self._read)

    async def choices(self, tenant: str, wanted: Collection[str]) -> dict[str, dict[str, str]]:
        """As `read_lookups`, in a transaction of its own."""
        return await self._reading.ask(tenant, wanted) if wanted else {}

    async def _read(self, tenant: str, wanted: Sequence[Collection[str]]) -> list[dict[str, dict[str, str]]]:
        async with self._database.transaction(tenant) as session:
            found = await read_lookups(session, set().union(*wanted))
        return [{name: found[name] for name in found if name in names} for names in wanted]
