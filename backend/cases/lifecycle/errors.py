"""Refusals of what people do with a case."""

from backend.cases.core.errors import CaseError


class CaseClosed(CaseError):
    """This case is closed and cannot be changed."""

    code = "case_closed"


class ActionNotOffered(CaseError):
    """This action is not available now. Nothing was changed."""

    code = "action_not_offered"

    def __init__(self, reference: str, sentence: str) -> None:
        self.reference = reference
        super().__init__(sentence)


class NotSentBack(CaseError):
    """No changes were requested, so this cannot be edited now."""

    code = "not_sent_back"
