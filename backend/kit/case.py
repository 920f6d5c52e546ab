"""What a workflow is given: the form, who sent it, and everything that must not change later."""

from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from backend.kit.approval import Decision

Input = TypeVar("Input", bound=BaseModel)
Plan = TypeVar("Plan", bound=BaseModel)


class Case(BaseModel, Generic[Input, Plan]):
    """One case as its workflow sees it; `plan` holds the durations and switches of its start."""

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


class Amended(BaseModel):
    """A new version of the form after a send-back, as the `amend` signal carries it."""

    version: int
    edited_by: str
    input: dict[str, object]


class Recall(BaseModel):
    """The requester's wish to stop, as the `recall` signal carries it."""

    by: str
    at: datetime


class CaseEnd(BaseModel):
    """How a case ended: the business word, a sentence for people, and facts such as an order number.

    A fact whose label is among the `links` leads to that address.
    """

    outcome: str
    sentence: str = ""
    facts: dict[str, str] = {}
    links: dict[str, str] = {}


__all__ = ["Amended", "Case", "CaseEnd", "Decision", "Input", "Plan", "Recall"]
