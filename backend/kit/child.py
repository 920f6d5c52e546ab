"""What a child workflow is given by the case that it is a part of, and what it answers."""

from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

Input = TypeVar("Input", bound=BaseModel)


class ChildCase(BaseModel, Generic[Input]):
    """One part of a case as its child workflow sees it. `attempt` counts how often people asked for it."""

    tenant: str
    case_id: UUID
    reference: str
    key: str
    label: str
    attempt: int = 1
    input: Input

    def effect_key(self, step: str) -> str:
        """The key of an effect outside: the same however often an activity runs, another when people try again."""
        again = f"-{self.attempt}" if self.attempt > 1 else ""
        return f"{self.reference}:{step}{again}"


class ChildEnd(BaseModel):
    """What came of a part: facts for people, such as a desk number."""

    facts: dict[str, str] = {}
