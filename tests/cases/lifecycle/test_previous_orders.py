"""The addresses of a customer's last orders are found quickly, however many cases there are."""

from uuid import uuid4

from sqlalchemy import text

from backend.cases.lifecycle.previous_orders import LAST
from backend.database.engine import Database

ORDERS = text("""
    INSERT INTO cases (id, tenant_id, process, reference, title, status, input, plan, version, opened_by, source, key,
                       digest, workflow_id, progress)
    SELECT gen_random_uuid(), 'default', 'order_fulfillment', 'ORD-' || n, '', 'running',
           jsonb_build_object('customer', jsonb_build_object('email', 'Customer.' || n || '@example.com')), '{}', 1,
           'olga', 'api', 'orders:' || n, '', 'orders.' || n, '{}'
    FROM generate_series(1, 1000) n
""")


async def test_only_the_orders_of_this_customer_are_read(database: Database) -> None:
    given = {"case_id": uuid4(), "process": "order_fulfillment", "email": "CUSTOMER.7@example.com"}
    async with database.transaction("default") as session:
        await session.execute(ORDERS)
        plan = "\n".join(await session.scalars(text(f"EXPLAIN {LAST.text}"), given))
    assert "cases_of_customer" in plan
    assert "customer_email)::text = 'customer.7@example.com'" in plan
