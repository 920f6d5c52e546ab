"""What activities may use: services, set by the worker for each call, so that nothing is global."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from obstore.store import ObjectStore

from backend.cases.lifecycle.workflow_writes import WorkflowWrites
from backend.database.engine import Database
from backend.services.accounts import Accounts
from backend.services.articles import Articles
from backend.services.budgets import Budgets
from backend.services.confirmations import Confirmations
from backend.services.equipment import Equipment
from backend.services.erp import Erp
from backend.services.inventory import Inventory
from backend.services.payments import Payments
from backend.services.ratings import Ratings
from backend.services.shipping import Shipping
from backend.services.trainings import Trainings
from backend.services.workplaces import Workplaces


@dataclass(frozen=True)
class Services:
    """The database of the desk, its batched writes, and the ports to external systems."""

    database: Database
    workflow_writes: WorkflowWrites
    erp: Erp
    budgets: Budgets
    ratings: Ratings
    payments: Payments
    inventory: Inventory
    shipping: Shipping
    files: ObjectStore
    accounts: Accounts
    articles: Articles
    equipment: Equipment
    workplaces: Workplaces
    trainings: Trainings
    confirmations: Confirmations


_current: ContextVar[Services] = ContextVar("services")


def services() -> Services:
    """The services of the worker that runs this activity."""
    return _current.get()


@contextmanager
def use_services(given: Services) -> Iterator[None]:
    """Let activities inside this block use these services."""
    token = _current.set(given)
    try:
        yield
    finally:
        _current.reset(token)
