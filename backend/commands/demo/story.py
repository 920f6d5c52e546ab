"""What the people of the demo do with a case, step by step; every step is safe to repeat."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import select

from backend.cases.approvals.core.locked_approval import locked_approval
from backend.cases.approvals.decide.decide import decide
from backend.cases.approvals.decide.decision import Channel, Decision
from backend.cases.core.access import Processes
from backend.cases.core.actor import Actor, read_actor
from backend.cases.core.comments import comment
from backend.cases.core.errors import CaseError
from backend.cases.lifecycle.amend import amend
from backend.cases.lifecycle.case_actions import action_of, take_action
from backend.cases.lifecycle.submission import Source, Submission, open_case
from backend.cases.lifecycle.withdraw import withdraw
from backend.database.engine import Database
from backend.database.tables import Approval, Case, Comment
from backend.kit.approval import ApprovalState, DecisionKind
from backend.kit.progress import Progress

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.1


class Step(Protocol):
    """Something that somebody does with a case."""

    async def happens(self, stage: "Stage", case: Case) -> None:
        """Do it. TimeoutError if what it waits for does not happen, CaseError if it is no longer possible."""
        ...


@dataclass(frozen=True)
class Story:
    """A case of the demo: its name (which is its key), who opens it with which form, and what happens then.

    `plan` are durations other than those of the settings.
    """

    name: str
    process: str
    who: str
    form: Mapping[str, Any]
    steps: Sequence[Step] = ()
    plan: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """The desk in which stories happen."""

    database: Database
    processes: Processes

    async def person(self, name: str) -> Actor:
        """A person of the demo; LookupError if they do not exist."""
        async with self.database.across_tenants() as session:
            actor = await read_actor(session, name)
        if actor is None:
            raise LookupError(name)
        return actor

    async def open(self, story: Story) -> Case:
        """Open the case of this story, or find it: the name of the story is the key of the submission."""
        process, by = self.processes[story.process], await self.person(story.who)
        key = f"demo:{story.name}"
        async with self.database.transaction(by.tenant) as session:
            own_key = f"{process.key}:{by.person_id}:{key}"
            existing: Case | None = await session.scalar(select(Case).where(Case.key == own_key))
            if existing is not None:
                return existing
            form, plan = process.input.model_validate(story.form), process.plan(**story.plan) if story.plan else None
            sent = Submission(process, form, source=Source.API, key=key, by=by, plan=plan)
            return (await open_case(session, sent)).case

    async def now(self, case: Case) -> Case:
        """The case as it is now."""
        async with self.database.transaction(case.tenant_id) as session:
            return await session.get_one(Case, case.id)

    async def approval(self, case: Case, step: str, number: int) -> Approval | None:
        """The approval of this step and round as soon as it is there; None if the case ended without it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            async with self.database.transaction(case.tenant_id) as session:
                mine = (Approval.case_id == case.id, Approval.step == step, Approval.round == number)
                found: Approval | None = await session.scalar(select(Approval).where(*mine))
                if found is not None or (await session.get_one(Case, case.id)).closed_at is not None:
                    return found
            await asyncio.sleep(LOOK_SECONDS)
        raise TimeoutError(step)

    async def offered(self, case: Case, action: str) -> bool:
        """Whether the case offers this action, as soon as it does; False if it is over."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            now = await self.now(case)
            if now.closed_at is not None:
                return False
            if Progress.model_validate(now.progress).offered(action) is not None:
                return True
            await asyncio.sleep(LOOK_SECONDS)
        raise TimeoutError(action)


@dataclass(frozen=True)
class Decides:
    """Somebody decides on an approval, if it is still open."""

    who: str
    step: str
    choice: DecisionKind = DecisionKind.APPROVE
    comment: str = ""
    round: int = 1

    async def happens(self, stage: Stage, case: Case) -> None:
        """Decide, unless it is closed."""
        approval = await stage.approval(case, self.step, self.round)
        if approval is None or approval.state != ApprovalState.OPEN:
            return
        by, version = await stage.person(self.who), approval.version
        decision = Decision(kind=self.choice, version=version, comment=self.comment, channel=Channel.API)
        async with locked_approval(stage.database, stage.processes, approval.id, by, share_case=True) as locked:
            await decide(locked, decision)


@dataclass(frozen=True)
class Amends:
    """The requester makes the requested changes, if it is still the first version."""

    who: str
    fields: Mapping[str, Any]

    async def happens(self, stage: Stage, case: Case) -> None:
        """Submit the next version."""
        now = await stage.now(case)
        if now.version == 1 and now.closed_at is None:
            form = stage.processes[case.process].input.model_validate({**now.input, **self.fields})
            await amend(stage.database, stage.processes, case.reference, form, 1, by=await stage.person(self.who))


@dataclass(frozen=True)
class Comments:
    """Somebody comments, unless the case has comments."""

    who: str
    text: str

    async def happens(self, stage: Stage, case: Case) -> None:
        """Comment once."""
        async with stage.database.transaction(case.tenant_id) as session:
            said = await session.scalar(select(Comment.id).where(Comment.case_id == case.id).limit(1))
        if said is None:
            await comment(stage.database, stage.processes, case.reference, self.text, by=await stage.person(self.who))


@dataclass(frozen=True)
class Withdraws:
    """The requester withdraws the case once it waits for an approval."""

    who: str
    step: str
    reason: str

    async def happens(self, stage: Stage, case: Case) -> None:
        """Withdraw it, unless it has ended."""
        await stage.approval(case, self.step, 1)
        if (await stage.now(case)).closed_at is None:
            by = await stage.person(self.who)
            await withdraw(stage.database, stage.processes, case.reference, self.reason, by=by)


@dataclass(frozen=True)
class TakesAction:
    """Somebody takes an action as soon as the case offers it; once."""

    who: str
    action: str
    given: Mapping[str, Any]

    async def happens(self, stage: Stage, case: Case) -> None:
        """Take the action."""
        if not await stage.offered(case, self.action):
            return
        given = action_of(stage.processes[case.process], self.action).input.model_validate(self.given)
        by = await stage.person(self.who)
        await take_action(
            stage.database, stage.processes, case.reference, self.action, given, key=f"demo:{case.id}", by=by
        )


async def play_story(stage: Stage, story: Story) -> str:
    """Play a story to its end; returns why it stopped, or nothing."""
    try:
        case = await stage.open(story)
        for step in story.steps:
            await step.happens(stage, case)
    except (CaseError, TimeoutError, LookupError) as stopped:
        return f"{story.name}: {stopped or type(stopped).__name__}"
    return ""
