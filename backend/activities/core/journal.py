"""The journal lines of what activities do in other systems."""

from backend.activities.core.services import services
from backend.cases.core.journal import JournalLine, add_line_of
from backend.services.inventory import StockRequest
from backend.services.payments import Charge
from backend.services.shipping import Shipment


async def add_to_journal(request: StockRequest | Charge | Shipment, kind: str, sentence: str) -> None:
    """Tell the case of this request what was done, once for the key of the request."""
    line = JournalLine(key=f"done:{request.key}", kind=kind, sentence=sentence)
    await add_line_of(services().database, request.tenant, request.reference, line)
