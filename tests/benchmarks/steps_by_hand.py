"""A credit check and an order by hand, against the bare SDK: what an engineer writes who has no kit.

The same questions, rules, look-ups, rows and answers; every effect is a row that its key refuses twice; payloads are
encrypted. No milestones, no story, no read model, no audit, no way back.
"""

from datetime import timedelta
from typing import Any

import asyncpg
from pydantic import BaseModel
from temporalio import activity, workflow

from backend.kit.case import CaseEnd
from backend.kit.money import Money
from backend.kit.text import customer_key
from backend.services.confirmations import Confirmation, compose
from backend.services.inventory import StockLine
from backend.services.payments import CARD_LIMIT, Charge
from backend.services.ratings import Rating, RatingAnswer
from backend.services.shipping import Shipment
from backend.workflows.core.retry_policies import CALLER_WAITS, PATIENT, WORKFLOW_WRITES
from backend.workflows.credit_check_workflow import CreditCheck, assess
from backend.workflows.order import OrderFulfillment, OrderPlan, price_of, risks, wanted

PATIENCE = timedelta(minutes=2)
WORKFLOWS, ACTIVITIES = "steps-workflow", "steps-activity"
TABLES = """
    CREATE SCHEMA by_hand;
    CREATE TABLE by_hand.ratings AS SELECT customer, score, credit, currency FROM credit_ratings
    WHERE tenant_id = 'default';
    ALTER TABLE by_hand.ratings ADD PRIMARY KEY (customer);
    CREATE TABLE by_hand.stock AS SELECT sku, quantity, reserved FROM stock WHERE tenant_id = 'default';
    ALTER TABLE by_hand.stock ADD PRIMARY KEY (sku);
    CREATE TABLE by_hand.effects (key text PRIMARY KEY, kind text NOT NULL, request jsonb NOT NULL,
                                  result jsonb NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
    CREATE TABLE by_hand.orders (reference text PRIMARY KEY, email text NOT NULL, address text NOT NULL);
    CREATE INDEX ON by_hand.orders (email);
    GRANT USAGE ON SCHEMA by_hand TO countersign_app;
    GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA by_hand TO countersign_app;
"""
# Whoever comes second gets the row of the first.
ONCE = """
    INSERT INTO by_hand.effects (key, kind, request, result) VALUES ($1, $2, $3, $4)
    ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING result
"""
TAKE = """
    WITH wanted AS (SELECT sku, quantity FROM unnest($1::text[], $2::int[]) AS w(sku, quantity)),
    there AS (SELECT s.sku, least(w.quantity, s.quantity - s.reserved) AS quantity
              FROM by_hand.stock s JOIN wanted w USING (sku) ORDER BY s.sku FOR UPDATE OF s)
    UPDATE by_hand.stock s SET reserved = s.reserved + there.quantity FROM there WHERE s.sku = there.sku
    RETURNING s.sku, there.quantity
"""


class Reservation(BaseModel):
    """A reservation and its key."""

    key: str
    lines: list[StockLine]


class Reserved(BaseModel):
    """What was reserved."""

    lines: list[StockLine]


class Order(BaseModel):
    """An order in the table of orders, and the prefix of its keys."""

    reference: str
    form: OrderFulfillment


class Steps:
    """The activities, with one connection pool."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @activity.defn
    async def rating(self, customer: str) -> RatingAnswer:
        """The rating of the customer."""
        query = "SELECT score, credit, currency FROM by_hand.ratings WHERE customer = $1"
        row = await self._pool.fetchrow(query, customer_key(customer))
        if row is None:
            return RatingAnswer()
        return RatingAnswer(
            rating=Rating(score=row["score"], limit=Money(amount=row["credit"], currency=row["currency"]))
        )

    @activity.defn
    async def addresses(self, order: Order) -> list[str]:
        """The addresses of the customer's other orders."""
        query = "SELECT address FROM by_hand.orders WHERE email = lower($1) AND reference <> $2"
        rows = await self._pool.fetch(query, order.form.customer.email, order.reference)
        return [row["address"] for row in rows]

    @activity.defn
    async def reserve(self, asked: Reservation) -> Reserved:
        """Reserve, once per key."""
        async with self._pool.acquire() as connection, connection.transaction():
            new = "INSERT INTO by_hand.effects VALUES ($1, 'reservation', $2, '{}') ON CONFLICT DO NOTHING RETURNING 1"
            if not await connection.fetchval(new, asked.key, asked.model_dump(mode="json")):
                known = await connection.fetchval("SELECT result FROM by_hand.effects WHERE key = $1", asked.key)
                return Reserved.model_validate(known)
            skus, quantities = zip(*((line.sku, line.quantity) for line in asked.lines), strict=True)
            rows = await connection.fetch(TAKE, list(skus), list(quantities))
            taken = Reserved(lines=[StockLine(sku=row["sku"], quantity=row["quantity"]) for row in rows])
            done = "UPDATE by_hand.effects SET result = $2 WHERE key = $1"
            await connection.execute(done, asked.key, taken.model_dump(mode="json"))
        return taken

    @activity.defn
    async def charge(self, charge: Charge) -> str:
        """Charge once per key; the number of the payment, empty if the card was declined."""
        number = "" if charge.total.amount > CARD_LIMIT else f"PAY-{charge.reference}"
        return str(await self._once("charge", charge, number))

    @activity.defn
    async def ship(self, shipment: Shipment) -> str:
        """Ship once per key; the tracking number."""
        return str(await self._once("shipment", shipment, f"CS-{shipment.key}"))

    @activity.defn
    async def confirm(self, confirmation: Confirmation) -> None:
        """Notify the customer, once per key."""
        await self._once("confirmation", confirmation, compose(confirmation).model_dump(mode="json"))

    async def _once(self, kind: str, request: Charge | Shipment | Confirmation, result: Any) -> Any:
        return await self._pool.fetchval(ONCE, request.key, kind, request.model_dump(mode="json"), result)


@workflow.defn
class CreditByHand:
    """Look up the rating and apply the rule."""

    @workflow.run
    async def run(self, form: CreditCheck) -> CaseEnd:
        """Check the credit of one customer."""
        answer = await workflow.execute_activity_method(
            Steps.rating,
            form.customer,
            task_queue=ACTIVITIES,
            schedule_to_close_timeout=PATIENCE,
            retry_policy=CALLER_WAITS,
        )
        return assess(form, answer.rating)


@workflow.defn
class OrderByHand:
    """Reserve, check the risk, charge, ship and confirm."""

    @workflow.init
    def __init__(self, order: Order) -> None:
        self.order = order
        self.outside = workflow.ActivityConfig(
            task_queue=ACTIVITIES, start_to_close_timeout=OrderPlan().step_within, retry_policy=PATIENT
        )

    @workflow.run
    async def run(self, order: Order) -> CaseEnd:
        """Fulfil an order without risk or missing items."""
        form = order.form
        asked = Reservation(key=f"{order.reference}:inventory", lines=wanted(form))
        reserved = (await workflow.execute_activity_method(Steps.reserve, asked, **self.outside)).lines
        former = await workflow.execute_local_activity_method(Steps.addresses, order, **WORKFLOW_WRITES)
        if risks(form, former):
            return CaseEnd(outcome="rejected")
        total = price_of(form, reserved)
        charge = Charge(**self._keyed("charge"), reference=order.reference, total=total)
        payment = await workflow.execute_activity_method(Steps.charge, charge, **self.outside)
        number = await self._send(total, reserved)
        sentence = f"Order {form.order_id} is on its way to {form.customer.name}."
        facts = {"Tracking number": number, "Charged": str(total), "Payment": payment}
        return CaseEnd(outcome="fulfilled", sentence=sentence, facts=facts)

    async def _send(self, total: Money, lines: list[StockLine]) -> str:
        form, customer = self.order.form, self.order.form.customer
        to = {"name": customer.name, "address": customer.address, "lines": lines}
        parcel = Shipment(**self._keyed("shipment"), reference=self.order.reference, **to)
        number = await workflow.execute_activity_method(Steps.ship, parcel, **self.outside)
        letter = Confirmation(
            **self._keyed("confirmation"),
            order_id=form.order_id,
            name=customer.name,
            email=customer.email,
            total=total,
            tracking_number=number,
            lines=lines,
        )
        await workflow.execute_activity_method(Steps.confirm, letter, **self.outside)
        return number

    def _keyed(self, step: str) -> dict[str, str]:
        return {"tenant": "default", "key": f"{self.order.reference}:{step}"}
