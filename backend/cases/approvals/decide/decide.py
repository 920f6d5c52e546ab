"""Decide: the approval's row goes from open to one verdict, once, with everything that follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.approvals.core.candidates import votes_of
from backend.cases.approvals.core.eligibility import Eligibility, eligibility, refusal
from backend.cases.approvals.decide.decision_links import spend
from backend.cases.approvals.decide.votes import Ballot, Channel, record_decision
from backend.cases.core.access import Processes, approval_of
from backend.cases.core.actor import Actor, names_of, read_actor
from backend.cases.core.comments import MAX_COMMENT
from backend.cases.core.differences import differences
from backend.cases.core.errors import (
    CommentNeeded,
    CommentTooLong,
    ExtraWrong,
    NotFound,
    NotInBulk,
    NotOffered,
    StaleVersion,
)
from backend.database.engine import Database
from backend.database.tables import Approval, Case, CaseVersion, Vote
from backend.kit.approval import ApprovalPolicy, DecisionKind, DecisionOption
from backend.kit.process import Process

__all__ = ["Channel", "Decision", "DecisionResult", "decide", "decide_within", "refuse_if_stale"]


@dataclass(frozen=True)
class Decision:
    """What a person answers, and the version of the form that was on their screen.

    `option` is the button of a process that has its own, `extra` what it asks for beside the answer, `link` the mail
    whose personal link was used.
    """

    choice: DecisionKind
    version: int
    comment: str = ""
    option: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    link: UUID | None = None


@dataclass(frozen=True)
class DecisionResult:
    """The approval after the answer, its case, and all answers so far; `seen` is what allowed this one."""

    approval: Approval
    case: Case
    votes: list[Vote]
    seen: Eligibility | None = None

    @property
    def yeses(self) -> int:
        """How many agreed so far."""
        return sum(vote.decision == DecisionKind.APPROVE for vote in self.votes)


async def decide(
    database: Database,
    processes: Processes,
    approval_id: UUID,
    answer: Decision,
    *,
    by: Actor,
    channel: Channel,
) -> DecisionResult:
    """Record one person's answer and its verdict, or raise why not. The same answer again is the same result."""
    async with database.transaction(by.tenant) as session:
        return await decide_within(session, processes, approval_id, answer, by=by, channel=channel)


async def decide_within(
    session: AsyncSession,
    processes: Processes,
    approval_id: UUID,
    answer: Decision,
    *,
    by: Actor,
    channel: Channel,
) -> DecisionResult:
    """The same in a transaction that reads on, and has to commit before anybody is told."""
    if len(answer.comment) > MAX_COMMENT:
        raise CommentTooLong
    approval = await approval_of(session, by, approval_id, processes, lock=True)
    person = await read_actor(session, by.person_id)
    if person is None:
        raise NotFound
    case = await session.get_one(Case, approval.case_id, with_for_update={"read": True}, populate_existing=True)
    votes = await votes_of(session, approval.id)
    former = next((vote for vote in votes if vote.person_id == person.person_id), None)
    if former is not None and (former.decision, former.version) == (answer.choice, answer.version):
        return DecisionResult(approval, case, votes)
    seen = await _standing(session, person, approval)
    policy = approval.fixed_policy
    if channel is Channel.BULK and not policy.bulk:
        raise NotInBulk
    await refuse_if_stale(session, processes[case.process], case, answer.version)
    ballot = Ballot(
        person=person,
        option=_chosen(policy, answer),
        comment=answer.comment.strip(),
        channel=channel,
        extra=_extra(processes[case.process], approval, answer),
        acting_for=seen.acting_for,
    )
    if answer.link is not None:
        await spend(session, answer.link, person.person_id, approval.id)
    await record_decision(session, approval, case, ballot, votes)
    return DecisionResult(approval, case, votes, seen)


def _chosen(policy: ApprovalPolicy, answer: Decision) -> DecisionOption:
    """The option that was pressed. NotOffered if the policy has none such, CommentNeeded if it wants a reason."""
    option = policy.option(answer.choice, answer.option)
    if option is None:
        raise NotOffered
    if option.comment and not answer.comment.strip():
        raise CommentNeeded("Write a reason; the requester reads it.")
    return option


def _extra(process: Process, approval: Approval, answer: Decision) -> dict[str, Any] | None:
    """The fields that a yes at this step needs beside the answer, checked. ExtraWrong with every error."""
    model = process.decision_fields.get(approval.step)
    if model is None or answer.choice is not DecisionKind.APPROVE:
        return None
    try:
        return model.model_validate(answer.extra).model_dump(mode="json")
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise ExtraWrong({".".join(map(str, one["loc"])): one["msg"] for one in found}) from error


async def _standing(session: AsyncSession, person: Actor, approval: Approval) -> Eligibility:
    """What the policy looks at; the reason, if this person may not decide."""
    closed_by = (await names_of(session, {approval.decided_by or ""})).get(approval.decided_by or "", "")
    seen = await eligibility(session, person, approval, closed_by)
    reason = refusal(person, approval, seen)
    if reason is not None:
        raise reason
    return seen


async def refuse_if_stale(session: AsyncSession, process: Process, case: Case, version: int) -> None:
    """StaleVersion with the differences, unless this version of the form was on the screen."""
    if version == case.version:
        return
    seen = await session.get(CaseVersion, (case.id, version))
    raise StaleVersion(case.version, differences(process.input, seen.input if seen else {}, case.input))
