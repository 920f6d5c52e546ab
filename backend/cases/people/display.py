"""How a person sees the pages: their language and their theme."""

from sqlalchemy import update

from backend.cases.core.actor import Actor
from backend.database.engine import Database
from backend.database.tables import Person
from backend.i18n.language import Language


async def set_language(database: Database, actor: Actor, language: Language | None) -> None:
    """Remember the language of their pages and emails; None for that of the browser, and English in emails."""
    async with database.transaction(actor.tenant) as session:
        await session.execute(update(Person).where(Person.id == actor.person_id).values(language=language))


async def set_theme(database: Database, actor: Actor, theme: str) -> None:
    """Remember light, dark or auto."""
    async with database.transaction(actor.tenant) as session:
        await session.execute(update(Person).where(Person.id == actor.person_id).values(theme=theme))
