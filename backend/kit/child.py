"""The input of a child workflow from its case, and its result."""

from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from backend.kit.approval import Approved

Input = TypeVar("Input", bound=BaseModel)


class ChildCase(BaseModel, Generic[Input]):
    """One part of a case as its child workflow sees it. `attempt` counts how often people asked for it."""

    tenant: str
    case_id: UUID
    reference: str
    key: str
    label: str
    attempt: int = 1
    approved: Approved | None = None
    input: Input

    def effect_key(self, step: str) -> str:
        """The key of an external effect: the same for all attempts of an activity, another when people retry."""
        again = f"-{self.attempt}" if self.attempt > 1 else ""
        return f"{self.reference}:{step}{again}"


class ChildEnd(BaseModel):
    """The result of a part: facts for people, such as a desk number."""

    facts: dict[str, str] = {}
