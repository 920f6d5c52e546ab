"""Email settings of a person: each email at once or a daily digest, and none within the quiet hours."""

from datetime import time

from pydantic import BaseModel, ConfigDict
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.actor import Actor
from backend.cases.core.errors import CaseError
from backend.database.engine import Database
from backend.database.tables import EmailPreference


class QuietHoursIncomplete(CaseError):
    """Quiet hours need both a start and an end."""

    status = 422
    code = "quiet_hours_incomplete"


class EmailPreferences(BaseModel):
    """The preferences of one person; times are in the tenant's time zone."""

    model_config = ConfigDict(extra="forbid")

    daily: bool = False
    daily_at: time = time(8)
    quiet_from: time | None = None
    quiet_until: time | None = None


async def preferences_of(session: AsyncSession, actor: Actor) -> EmailPreferences:
    """What they chose; by default each email at once."""
    row = await session.get(EmailPreference, actor.person_id)
    return (
        EmailPreferences.model_validate(row.model_dump(include=set(EmailPreferences.model_fields)))
        if row
        else EmailPreferences()
    )


async def set_preferences(database: Database, actor: Actor, preferences: EmailPreferences) -> None:
    """Use them for every email from now on. Emails held for a digest are sent with the next one."""
    if (preferences.quiet_from is None) != (preferences.quiet_until is None):
        raise QuietHoursIncomplete
    chosen = preferences.model_dump()
    async with database.transaction(actor.tenant) as session:
        row = {"tenant_id": actor.tenant, "person_id": actor.person_id, **chosen}
        statement = insert(EmailPreference).values(row)
        await session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=chosen))
