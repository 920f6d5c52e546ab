"""Wire models of the REST twins, where they differ from the domain's."""

from backend.api.schemas.approvals import (
    ApprovalDetail,
    ApprovalOut,
    ApprovalPage,
    DecisionIn,
    PolicyOut,
    QuestionOut,
    RecommendationOut,
    VoteOut,
)
from backend.api.schemas.articles import ArticleOut, ArticlePage
from backend.api.schemas.audit import AuditOut, AuditPage, AuditProof
from backend.api.schemas.cases import (
    ActionOut,
    AmendIn,
    CaseDetail,
    CaseOut,
    CasePage,
    CommentIn,
    CommentOut,
    JournalOut,
    ProgressOut,
    RecallIn,
)
from backend.api.schemas.executions import EventOut, EventPage, ExecutionOut, ExecutionPage, PendingOut
from backend.api.schemas.problems import Problem
from backend.api.schemas.processes import AcceptedOut, ProcessDetail, ProcessOut
from backend.api.schemas.telling import DeliveryOut, DeliveryPage, NotificationOut, NotificationPage

__all__ = [
    "AcceptedOut",
    "ActionOut",
    "AmendIn",
    "ApprovalDetail",
    "ApprovalOut",
    "ApprovalPage",
    "ArticleOut",
    "ArticlePage",
    "AuditOut",
    "AuditPage",
    "AuditProof",
    "CaseDetail",
    "CaseOut",
    "CasePage",
    "CommentIn",
    "CommentOut",
    "DecisionIn",
    "DeliveryOut",
    "DeliveryPage",
    "EventOut",
    "EventPage",
    "ExecutionOut",
    "ExecutionPage",
    "JournalOut",
    "NotificationOut",
    "NotificationPage",
    "PendingOut",
    "PolicyOut",
    "Problem",
    "ProcessDetail",
    "ProcessOut",
    "ProgressOut",
    "QuestionOut",
    "RecallIn",
    "RecommendationOut",
    "VoteOut",
]
