"""What one web process holds: opened in the lifespan, closed in order."""

from dataclasses import dataclass

from jinja2 import Environment
from obstore.store import ObjectStore
from starlette.requests import Request
from temporalio.client import Client

from backend.api.routes.core.form_tokens import FormTokens
from backend.api.routes.core.paths import Paths
from backend.cases.accepting import Accepting
from backend.cases.access import Processes
from backend.cases.choices import Offering
from backend.cases.endings import Endings
from backend.cases.people.accounts import Doorkeeper
from backend.cases.watching import Watching
from backend.database.engine import Database
from backend.settings import Settings


@dataclass(frozen=True)
class WebState:
    """The parts that routes are given by dependencies."""

    settings: Settings
    database: Database
    processes: Processes
    temporal: Client
    accepting: Accepting
    offering: Offering
    watching: Watching
    endings: Endings
    doorkeeper: Doorkeeper
    tokens: FormTokens
    files: ObjectStore
    templates: Environment
    paths: Paths


def web_state(request: Request) -> WebState:
    """The state of the process that handles this request."""
    found: WebState = request.app.state.web
    return found
