"""What a workflow is given: the form, who sent it, and everything that must not change later."""

from datetime import datetime
from typing import Any, Generic, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel

from backend.kit.approval import Verdict
from backend.kit.progress import Progress

EDITION = 1  # 1: the report of the end tells those who approved, too

Input = TypeVar("Input", bound=BaseModel)
Plan = TypeVar("Plan", bound=BaseModel)


class Case(BaseModel, Generic[Input, Plan]):
    """One case as its workflow sees it; `plan` holds the durations and switches of its start.

    `carried` is what a former run of a long workflow took along; read it with `Carried.of`. `edition` says by which
    code it was opened: a workflow that changed since can go by it, which costs new cases nothing, while a patch costs
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
    """A new version of the form after a send-back, as the `amend` signal carries it."""

    version: int
    edited_by: str
    input: dict[str, object]


class Recall(BaseModel):
    """The requester's wish to stop, as the `recall` signal carries it."""

    by: str
    at: datetime


class Carried(BaseModel):
    """What a workflow takes along when it goes on as a new run: nothing that people saw or did is lost.

    `offers` is how many offers were made so far. A process adds how far its own work is.
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
        """What the former run took along; None in the first."""
        return cls.model_validate(case.carried) if case.carried else None


class CaseEnd(BaseModel):
    """How a case ended: the business word, a sentence for people, and facts such as an order number.

    A fact whose label is among the `links` leads to that address.
    """

    outcome: str
    sentence: str = ""
    facts: dict[str, str] = {}
    links: dict[str, str] = {}


__all__ = ["EDITION", "Amended", "Carried", "Case", "CaseEnd", "Input", "Plan", "Recall", "Verdict"]
