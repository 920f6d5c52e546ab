"""How use cases for people refuse input: one sentence for each field."""

from collections.abc import Mapping

from backend.cases.core.errors import CaseError


class InvalidInput(CaseError):
    """Some fields are not valid. Nothing was changed."""

    status = 422
    code = "validation_failed"

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("\n".join(problems.values()))
        self.problems = dict(problems)
