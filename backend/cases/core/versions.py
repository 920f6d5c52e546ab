"""Versions of a case's form: every change is kept, with who made it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.core.actor import Actor, names_of
from backend.cases.core.compared import compared, file_names
from backend.cases.core.differences import Difference
from backend.cases.core.edit_script import Budget
from backend.cases.core.files import link_files
from backend.cases.core.text_differences import MOST_COMPARISONS
from backend.database.tables import Case, CaseVersion
from backend.kit.process import Process


@dataclass(frozen=True)
class Version:
    """One version: who wrote it and when, and what it changed; the first one changed nothing."""

    number: int
    by: str
    at: datetime
    changes: list[Difference]


async def versions_of(session: AsyncSession, case: Case, process: Process) -> list[Version]:
    """Every version, newest first, each with its differences to the one before."""
    mine = select(CaseVersion).where(CaseVersion.case_id == case.id).order_by(CaseVersion.version)
    rows = list(await session.scalars(mine))
    names = await names_of(session, {row.edited_by for row in rows})
    files = await file_names(session, process.input, *(row.input for row in rows))
    found, budget = [], Budget(MOST_COMPARISONS)
    for row, previous in zip(rows[::-1], [*rows[-2::-1], *rows[:1]], strict=True):
        changes = compared(process.input, previous.input, row.input, files, budget)
        found.append(Version(row.version, names.get(row.edited_by, row.edited_by), row.at, changes))
    return found


async def write_version(session: AsyncSession, case: Case, process: Process, form: BaseModel, by: Actor) -> None:
    """Make this form the next version of the case, whose row is locked already."""
    case.version += 1
    case.input = form.model_dump(mode="json")
    case.title = process.title_of(form)
    money = process.amount_of(form)
    case.amount, case.currency = (money.amount, money.currency) if money else (None, None)
    case.priority = process.priority_of(form, datetime.now(UTC).date())
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
