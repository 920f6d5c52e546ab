"""Logs name what failed, and nothing that people typed."""

import io
import logging

import pytest
from ecs_logging import StdlibFormatter
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.database.engine import Database
from backend.logs import LINE, RedactingHandler
from backend.workflows.purchase import PurchaseApproval
from tests.support.purchases import purchase

TYPED = "a title that is nobody's business"
FORMATTERS = [logging.Formatter(LINE), StdlibFormatter()]


def logged(error: Exception, formatter: logging.Formatter) -> str:
    """What the log says of this error."""
    out = io.StringIO()
    handler = RedactingHandler(out)
    handler.setFormatter(formatter)
    info = (type(error), error, error.__traceback__)
    handler.emit(logging.LogRecord("desk", logging.ERROR, __file__, 1, "request failed", (), info))
    return out.getvalue()


@pytest.mark.parametrize("formatter", FORMATTERS)
async def test_a_statement_that_fails_is_logged_without_its_values(
    database: Database, formatter: logging.Formatter
) -> None:
    rows = text(
        "INSERT INTO saved_filters (id, tenant_id, person_id, name, query) VALUES (:id, 'default', :who, :t, :t)"
    )
    with pytest.raises(DBAPIError) as failed:
        async with database.across_tenants() as session:
            await session.execute(rows, {"id": "0199f9f0-0000-7000-8000-000000000000", "who": TYPED, "t": TYPED})
    said = logged(failed.value, formatter)
    assert "INSERT INTO saved_filters" in said
    assert TYPED not in said


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_a_form_that_cannot_be_read_is_logged_without_its_values(formatter: logging.Formatter) -> None:
    with pytest.raises(ValueError, match="needed_by") as failed:
        PurchaseApproval.model_validate(purchase(needed_by=TYPED, cost_centre={TYPED: TYPED}))
    said = logged(failed.value, formatter)
    assert "needed_by" in said
    assert TYPED not in said
