"""The shared objects of a web process, opened in the lifespan and closed in order."""

from dataclasses import dataclass

from jinja2 import Environment
from obstore.store import ObjectStore
from starlette.requests import Request
from temporalio.client import Client

from backend.api.routes.core.form_tokens import FormTokens
from backend.api.routes.core.paths import Paths
from backend.cases.attention.counters import Badges
from backend.cases.audit.anchors import Anchors
from backend.cases.core.access import Processes
from backend.cases.core.lookups import Lookups
from backend.cases.lifecycle.accept import Intake
from backend.cases.lifecycle.completion import Completion
from backend.cases.people.sign_in import Authenticator
from backend.cases.tracking.status_reader import StatusReader
from backend.database.engine import Database
from backend.settings import Settings
from backend.temporal.task_queues import QueueReader


@dataclass(frozen=True)
class WebState:
    """The objects that routes receive through dependencies."""

    settings: Settings
    database: Database
    processes: Processes
    temporal: Client
    intake: Intake
    lookups: Lookups
    status_reader: StatusReader
    badges: Badges
    completion: Completion
    anchors: Anchors
    queues: QueueReader
    authenticator: Authenticator
    tokens: FormTokens
    files: ObjectStore
    templates: Environment
    paths: Paths


def web_state(request: Request) -> WebState:
    """The state of the process that handles this request."""
    found: WebState = request.app.state.web
    return found
