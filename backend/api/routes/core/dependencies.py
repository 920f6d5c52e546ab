"""Dependencies of routes, as short names."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from backend.api.routes.core.state import WebState, web_state
from backend.cases.core.access import Processes
from backend.cases.core.errors import CaseError, NotFound
from backend.database.engine import Database
from backend.kit.i18n import N_
from backend.kit.process import Process


# With a plain `def`, FastAPI would run each of these in a thread.
async def _state(request: Request) -> WebState:
    return web_state(request)


async def _database(state: Annotated[WebState, Depends(_state)]) -> Database:
    return state.database


async def _processes(state: Annotated[WebState, Depends(_state)]) -> Processes:
    return state.processes


async def _process(request: Request, process: Annotated[str, Path()]) -> Process:
    found = web_state(request).processes.get(process)
    if found is None:
        raise NotFound(N_("Process “{name}” does not exist.").format(name=process[:60]))
    return found


class NoSuchProcess(CaseError):
    """There is no process with this key."""

    status = 422
    code = "validation_failed"


async def _process_filter(request: Request, process: Annotated[str, Query(max_length=100)] = "") -> str:
    if process and process not in web_state(request).processes:
        raise NoSuchProcess
    return process


State = Annotated[WebState, Depends(_state)]
Db = Annotated[Database, Depends(_database)]
AllProcesses = Annotated[Processes, Depends(_processes)]
OneProcess = Annotated[Process, Depends(_process)]
ProcessFilter = Annotated[str, Depends(_process_filter)]

# A filter or a search in the address of a list: up to 100 characters.
ShortText = Annotated[str, Query(max_length=100)]

# Pages of a list: the cursor of the previous page, and the maximum number of rows.
After = Annotated[str, Query(max_length=400)]
Limit = Annotated[int, Query(ge=1, le=200)]
