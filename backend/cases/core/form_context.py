"""What a form is checked against: the moment, the day where the person is, and the lists it chooses from."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.actor import Actor
from backend.cases.core.lookups import Lookups, read_lookups
from backend.kit.fields import FormContext
from backend.kit.forms import describe


async def form_context(session: AsyncSession, person: Actor, model: type[BaseModel]) -> FormContext:
    """The context of this form, in the transaction that will use what is sent."""
    return _context(person, await read_lookups(session, describe(model).lookups()))


async def shared_context(lookups: Lookups, person: Actor, model: type[BaseModel]) -> FormContext:
    """The same, read together with what others send at this moment."""
    return _context(person, await lookups.choices(person.tenant, describe(model).lookups()))


def _context(person: Actor, choices: dict[str, dict[str, str]]) -> FormContext:
    now = datetime.now(UTC)
    return FormContext(
        today=now.astimezone(ZoneInfo(person.time_zone)).date(), choices=choices, now=now, zone=person.time_zone
    )
