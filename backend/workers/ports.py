"""The ports of a worker, each with the adapter that the settings select."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from backend.activities.core.services import Services
from backend.cases.lifecycle.workflow_writes import WorkflowWrites
from backend.database.engine import Database
from backend.services.accounts import PostgresAccounts
from backend.services.articles import PostgresArticles
from backend.services.budgets import PostgresBudgets
from backend.services.confirmations import NotedConfirmations
from backend.services.email import open_sender
from backend.services.equipment import PostgresEquipment
from backend.services.erp import HttpErp, PostgresErp
from backend.services.files import open_files
from backend.services.inventory import HttpInventory, PostgresInventory
from backend.services.payments import HttpPayments, PostgresPayments
from backend.services.ratings import HttpRatings, PostgresRatings
from backend.services.shipping import HttpShipping, PostgresShipping
from backend.services.trainings import PostgresTrainings
from backend.services.workplaces import PostgresWorkplaces
from backend.settings import Settings


@asynccontextmanager
async def open_services(settings: Settings, database: Database) -> AsyncIterator[Services]:
    """Over HTTP where an address is set, else in our own tables."""
    erp, payments = settings.erp_url, settings.payments_url
    inventory, shipping, ratings = settings.inventory_url, settings.shipping_url, settings.ratings_url
    mail = open_sender(settings, database) if settings.smtp_url else None
    async with httpx2.AsyncClient() as http:
        yield Services(
            database=database,
            workflow_writes=WorkflowWrites(database),
            erp=HttpErp(erp, http) if erp else PostgresErp(database),
            budgets=PostgresBudgets(database),
            ratings=HttpRatings(ratings, http) if ratings else PostgresRatings(database),
            payments=HttpPayments(payments, http) if payments else PostgresPayments(database),
            inventory=HttpInventory(inventory, http) if inventory else PostgresInventory(database),
            confirmations=NotedConfirmations(database, mail),
            shipping=HttpShipping(shipping, http) if shipping else PostgresShipping(database),
            files=open_files(settings),
            accounts=PostgresAccounts(database),
            articles=PostgresArticles(database),
            equipment=PostgresEquipment(database),
            workplaces=PostgresWorkplaces(database),
            trainings=PostgresTrainings(database),
        )
