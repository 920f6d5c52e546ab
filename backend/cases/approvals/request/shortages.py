"""Steps that could never be approved, found before they are reached."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import able_people, resolve
from backend.cases.approvals.core.distinct import Demand, enough_people
from backend.cases.approvals.core.feasibility import impossible_because
from backend.kit.approval import Step
from backend.kit.i18n import N_


async def shortages(session: AsyncSession, steps: Sequence[Step], involved: set[str]) -> dict[str, str]:
    """Why a step could never be approved, by its key; steps whose people are found later are left out."""
    found: dict[str, str] = {}
    demands: list[Demand] = []
    for step in steps:
        if any(each.startswith("computed:") for each in step.who):
            continue
        excluded = set(await able_people(session, await resolve(session, step.excluding), set()))
        able = await able_people(session, await resolve(session, step.who), involved | excluded)
        why = impossible_because(step.label, step.quorum(len(able)), 0, list(able.values()))
        if not why and step.distinct:
            # All who are left is enough, as long as it is not fewer than the policy wants.
            demand = Demand(step.needed or step.at_least, able)
            if enough_people([*demands, demand]):
                demands.append(demand)
            else:
                why = N_("{step}: everybody who could approve this has to approve an earlier step.")
                why = why.format(step=step.label)
        if why:
            found[step.key] = why
    return found
