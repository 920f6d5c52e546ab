"""Who would have to approve a request, before it is sent."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.actor import Actor
from backend.cases.asking import rule_in_words
from backend.cases.candidates import able_people, resolve
from backend.kit.case import Case
from backend.kit.process import Process


@dataclass(frozen=True)
class PreviewedStep:
    """One level: who would be asked, by which rule, and how long they would have."""

    label: str
    rule: str
    due: timedelta
    effects: tuple[str, ...]


async def preview(
    session: AsyncSession, process: Process, form: BaseModel, plan: BaseModel, requester: Actor
) -> list[PreviewedStep]:
    """The levels of this form in their order; empty for a process that asks nobody."""
    if process.steps is None:
        return []
    envelope = Case[process.input, process.plan](  # type: ignore[name-defined]
        tenant=requester.tenant,
        case_id=UUID(int=0),
        reference=process.prefix,
        process=process.key,
        opened_by=requester.person_id,
        opened_by_name=requester.name,
        opened_at=datetime.now(UTC),
        input=form,
        plan=plan,
    )
    found = []
    for step in process.steps(envelope):
        who = await resolve(session, step.who)
        able = await able_people(session, who, {requester.person_id})
        found.append(PreviewedStep(step.label, rule_in_words(able, step.yeses(len(able))), step.due, step.effects))
    return found
