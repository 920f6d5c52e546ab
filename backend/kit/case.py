"""The input of a workflow: the form, who submitted it, and everything that must not change later."""

from datetime import datetime
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel

from backend.kit.approval import Verdict
from backend.kit.progress import Progress

# 1: the last report also notifies those who approved; 2: signals are hints, and the rows are read
EDITION = 2

Input = TypeVar("Input", bound=BaseModel)
Plan = TypeVar("Plan", bound=BaseModel)


class Case(BaseModel, Generic[Input, Plan]):
    """One case as its workflow sees it; `plan` holds the durations and switches of its start.

    `carried` is the state that a previous run carried along; read it with `Carried.of`. `edition` says which code
    opened the case: a workflow that changed since can branch on it, which costs new cases nothing, while a patch costs
    each of them a marker and a search attribute.
    """

    tenant: str
    case_id: UUID
    reference: str
    process: str
    version: int = 1
    opened_by: str
    opened_by_name: str
    opened_at: datetime
    input: Input
    plan: Plan
    carried: dict[str, Any] = {}
    edition: int = 0


class Amended(BaseModel):
    """A new version of the form after changes were requested, as the `amend` signal carries it."""

    version: int
    edited_by: str
    input: dict[str, object]


class Recall(BaseModel):
    """A withdrawal by the requester, as the `recall` signal carries it."""

    by: str
    at: datetime


class Carried(BaseModel):
    """The state that a workflow carries into its next run: nothing that people saw or did is lost.

    `offers` is how many offers were made so far. A process adds the state of its own work.
    """

    progress: Progress
    round: int
    recalled: Recall | None
    attention: str | None
    amended: Amended | None
    decisions: list[Verdict]
    offers: int = 0

    @classmethod
    def of(cls, case: Case[Any, Any]) -> Self | None:
        """What the previous run carried along; None in the first."""
        return cls.model_validate(case.carried) if case.carried else None


class CaseEnd(BaseModel):
    """How a case ended: the business word, a sentence for people, and facts such as an order number.

    A fact whose label is among the `links` links to that address.
    """

    outcome: str
    sentence: str = ""
    facts: dict[str, str] = {}
    links: dict[str, str] = {}


__all__ = ["EDITION", "Amended", "Carried", "Case", "CaseEnd", "Input", "Plan", "Recall", "Verdict"]
