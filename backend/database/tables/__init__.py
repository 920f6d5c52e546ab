"""The tables of Countersign: the read model of cases, the arbiter of approvals, and their ledgers."""

from backend.database.tables.approval_actions import AdviceRequest, Question, Substitution
from backend.database.tables.approvals import Approval, Candidate, RecordedDecision, Waiting
from backend.database.tables.articles import Article
from backend.database.tables.calendars import Holiday, WorkingHours
from backend.database.tables.case_actions import TakenAction
from backend.database.tables.cases import Case, CaseVersion, Comment, Draft, File, JournalEntry
from backend.database.tables.ledgers import AuditFact, AuditRow, Budget, Effect, OutboxRow, StockItem
from backend.database.tables.lists import BulkItem, BulkJob, SavedFilter
from backend.database.tables.notifications import Delivery, EmailPreference, MailboxEmail, Notification
from backend.database.tables.operations import FailingStep, Heartbeat
from backend.database.tables.people import Group, Membership, Person, Session, SignInAttempts, Tenant, Token
from backend.database.tables.ratings import CreditRating

__all__ = [
    "AdviceRequest",
    "Approval",
    "Article",
    "AuditFact",
    "AuditRow",
    "Budget",
    "BulkItem",
    "BulkJob",
    "Candidate",
    "Case",
    "CaseVersion",
    "Comment",
    "CreditRating",
    "Delivery",
    "Draft",
    "Effect",
    "EmailPreference",
    "FailingStep",
    "File",
    "Group",
    "Heartbeat",
    "Holiday",
    "JournalEntry",
    "MailboxEmail",
    "Membership",
    "Notification",
    "OutboxRow",
    "Person",
    "Question",
    "RecordedDecision",
    "SavedFilter",
    "Session",
    "SignInAttempts",
    "StockItem",
    "Substitution",
    "TakenAction",
    "Tenant",
    "Token",
    "Waiting",
    "WorkingHours",
]
