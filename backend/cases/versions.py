"""Versions of a case's form: every change is kept, with who made it."""

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.actor import Actor
from backend.cases.opening import link_files
from backend.database.tables import Case, CaseVersion
from backend.kit.process import Process


async def write_version(session: AsyncSession, case: Case, process: Process, form: BaseModel, by: Actor) -> None:
    """Make this form the next version of the case, whose row is locked already."""
    case.version += 1
    case.input = form.model_dump(mode="json")
    case.title = process.title_of(form)
    money = process.amount_of(form)
    case.amount, case.currency = (money.amount, money.currency) if money else (None, None)
    row = CaseVersion(
        tenant_id=case.tenant_id,
        case_id=case.id,
        version=case.version,
        input=case.input,
        edited_by=by.person_id,
    )
    session.add(row)
    await session.flush()
    await link_files(session, case, form)
