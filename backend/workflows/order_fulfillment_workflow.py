"""Order fulfillment: reserve, review if risky, charge, ship and confirm; or undo all of it."""

from collections.abc import Sequence
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from backend.activities.cancel_shipment_activity import cancel_shipment
    from backend.activities.charge_payment_activity import charge_payment
    from backend.activities.create_shipment_activity import create_shipment
    from backend.activities.look_up_address_activity import look_up_address
    from backend.activities.refund_payment_activity import refund_payment
    from backend.activities.release_inventory_activity import release_inventory
    from backend.activities.reserve_inventory_activity import reserve_inventory
    from backend.activities.send_confirmation_activity import send_confirmation
    from backend.cases.lifecycle.previous_orders import PreviousOrders
    from backend.kit.action import CaseAction, NoInput
    from backend.kit.approval import ApprovalState
    from backend.kit.case import CaseEnd
    from backend.kit.i18n import N_, NN_
    from backend.kit.money import Money
    from backend.kit.process import ApprovedEffect
    from backend.kit.progress import MilestoneState, Turn
    from backend.services.confirmations import Confirmation
    from backend.services.inventory import Stock, StockLine, StockRequest
    from backend.services.payments import Charge, Charged
    from backend.services.shipping import Shipment, Shipped
    from backend.workflows.core.case_workflow import CaseWorkflow
    from backend.workflows.core.conclusion import concluded
    from backend.workflows.core.outcomes import CaseStopped
    from backend.workflows.core.retry_policies import PATIENT, WORKFLOW_WRITES
    from backend.workflows.core.saga import Saga
    from backend.workflows.core.task_queues import activity_queue
    from backend.workflows.order import (
        OrderCase,
        charge_as_approved,
        combined,
        items_text,
        missing,
        missing_notes,
        order_milestones,
        order_numbers,
        order_subject,
        price_of,
        review_step,
        risks,
        shipment_as_approved,
        wanted,
    )
    from backend.workflows.order_fulfillment_actions import CANCEL, ORDER_ACTIONS, SHIP_AVAILABLE, WAIT

ORDER_EFFECTS = (
    ApprovedEffect(activity=charge_payment, fits=charge_as_approved),
    ApprovedEffect(activity=create_shipment, fits=shipment_as_approved),
)


@workflow.defn
class OrderFulfillmentWorkflow(CaseWorkflow):
    """One order, from the shelf to the customer's door."""

    outcomes = frozenset(
        {
            "fulfilled",
            "out_of_stock",
            "unknown_article",
            "declined",
            "rejected",
            "expired",
            "cancelled",
            "refunded",
            "failed",
        }
    )

    case: OrderCase

    @workflow.init
    def __init__(self, case: OrderCase) -> None:
        super().__init__(case, order_milestones(case))
        self.reserved: Sequence[StockLine] = ()
        self.charged = False
        self.outside = workflow.ActivityConfig(
            task_queue=activity_queue("orders"),
            start_to_close_timeout=case.plan.step_within,
            retry_policy=PATIENT,
        )

    @workflow.run
    @concluded
    async def run(self, case: OrderCase) -> CaseEnd:
        """Fulfil the order, or leave nothing behind."""
        async with self.saga() as saga:
            await self._reserve(saga, wanted(case.input))
            await self._review_if_risky()
            charged = await self._charge(saga)
            shipped = await self._ship(saga)
            await self._confirm(saga, shipped)
        return self._fulfilled(charged, shipped)

    async def _reserve(self, saga: Saga, lines: list[StockLine]) -> None:
        self.progress.begin("stock", N_("Reserving the stock"), workflow.now())
        stock = await self._set_aside(saga, lines, "inventory")
        if stock.unknown:
            sentence = N_("These articles do not exist: {text}.").format(text=", ".join(stock.unknown))
            raise self._stopped("unknown_article", sentence)
        self._hold(stock.reserved)
        if not self.reserved:
            raise self._stopped("out_of_stock", N_("Nothing that was ordered is in stock."))
        if self._missing():
            await self._let_people_choose(saga)
        self.progress.done("stock", workflow.now(), items_text(self.reserved))

    def _hold(self, lines: Sequence[StockLine]) -> None:
        """This much is reserved; people read with each line of the order what is missing."""
        self.reserved = lines
        self.progress.row_notes = missing_notes(self.case.input, lines)

    async def _set_aside(self, saga: Saga, lines: list[StockLine], step: str) -> Stock:
        return await saga.do(
            reserve_inventory,
            StockRequest(**self._key(step), reference=self.case.reference, lines=lines),
            undo=release_inventory,
            config=self.outside,
            no_effect_if=lambda stock: not stock.reserved,
            undone=N_("The reserved items returned to stock."),
        )

    async def _let_people_choose(self, saga: Saga) -> None:
        """Some of it is missing: ship what is available, wait for the rest, or cancel."""
        plan = self.case.plan
        until = workflow.now() + plan.choose_within
        if_nobody = N_("The order expires, and nothing is charged.")
        self._show_choice(Turn(who=self.case.opened_by_name, since=workflow.now(), until=until, if_nobody=if_nobody))
        chosen = await self._choice(ORDER_ACTIONS, until, if_nobody)
        if chosen is None:
            raise self._stopped("expired", N_("Nobody chose what to do about the missing items in time."))
        if chosen == WAIT.key:
            await self._wait_for_the_rest(saga, workflow.now() + plan.wait_for_stock)

    async def _wait_for_the_rest(self, saga: Saga, until: datetime) -> None:
        checks = 1
        while self._missing():
            next_check = min(workflow.now() + self.case.plan.look_again, until)
            self._show_choice(None)  # a choice was made; it can be changed, but nobody has to
            chosen = await self._choice((SHIP_AVAILABLE, CANCEL), next_check, N_("We check the stock again."))
            if chosen == SHIP_AVAILABLE.key:
                return
            checks += 1
            more = await self._set_aside(saga, self._missing(), f"inventory-{checks}")
            self._hold(combined(self.reserved, more.reserved))
            if self._missing() and workflow.now() >= until:
                raise self._stopped(
                    "out_of_stock", N_("The missing items did not arrive in time; nothing was shipped.")
                )

    def _show_choice(self, turn: Turn | None) -> None:
        count = sum(line.quantity for line in self._missing())
        ordered = sum(line.quantity for line in wanted(self.case.input))
        sentence = NN_(
            "{name} can choose: {count} of {total} items is missing",
            "{name} can choose: {count} of {total} items are missing",
            count,
        )
        values = {"name": self.case.opened_by_name, "count": f"{count:,}", "total": f"{ordered:,}"}
        self.progress.sentence, self.progress.turn = sentence.format(**values), turn

    async def _choice(self, actions: Sequence[CaseAction[NoInput]], until: datetime, then: str) -> str | None:
        """Which of these was chosen; None if nobody chose in time."""
        taken = await self.offer(*actions, until=until, then=then)
        self.stop_if_withdrawn()
        if taken is not None and taken.action == CANCEL.key:
            raise self._stopped("cancelled", N_("The order was cancelled before anything was charged."))
        return taken.action if taken else None

    async def _review_if_risky(self) -> None:
        """Orders staff release a risky order, or reject it."""
        reasons = risks(self.case.input, await self._previous_addresses())
        if not reasons:
            self.progress.milestone("review").state = MilestoneState.NOT_NEEDED
            self.progress.milestone("review").detail = ""
            return
        step = review_step(self.case, reasons, self._total)
        verdict = await self.request_approval(step, order_subject(self.case, self._total))
        if verdict.verdict is ApprovalState.EXPIRED:
            raise self._stopped("expired", N_("Nobody reviewed the order in time, so nothing was charged."))
        if not verdict.proceeds:
            sentence = N_("{names} rejected the order; nothing was charged.").format(names=verdict.names)
            raise self._stopped("rejected", sentence)

    async def _previous_addresses(self) -> list[str]:
        lookup = PreviousOrders(
            tenant=self.case.tenant,
            case_id=self.case.case_id,
            process=self.case.process,
            email=self.case.input.customer.email,
        )
        return (await workflow.execute_local_activity(look_up_address, lookup, **WORKFLOW_WRITES)).addresses

    async def _charge(self, saga: Saga) -> Charged:
        self.progress.begin("payment", N_("Charging {amount}").format(amount=self._total), workflow.now())
        charged = await saga.do(
            charge_payment,
            Charge(**self._key("charge"), reference=self.case.reference, total=self._total),
            undo=refund_payment,
            config=self.outside,
            no_effect_if=lambda answer: answer.declined,
            undone=N_("{amount} was refunded.").format(amount=self._total),
        )
        if charged.declined:
            raise self._stopped("declined", N_("The card was declined; nothing was charged."))
        self.charged = True
        self.progress.done("payment", workflow.now(), str(self._total))
        return charged

    async def _ship(self, saga: Saga) -> Shipped:
        self.progress.begin("shipment", N_("Handing the parcel to the carrier"), workflow.now())
        customer = self.case.input.customer
        shipment = Shipment(
            **self._key("shipment"),
            reference=self.case.reference,
            name=customer.name,
            address=customer.address,
            lines=list(self.reserved),
        )
        undone = N_("The shipment was cancelled.")
        shipped = await saga.do(create_shipment, shipment, undo=cancel_shipment, config=self.outside, undone=undone)
        self.progress.done("shipment", workflow.now(), shipped.tracking_number)
        return shipped

    async def _confirm(self, saga: Saga, shipped: Shipped) -> None:
        """Email the customer. An email that cannot be sent does not hold up the parcel."""
        self.progress.begin("confirmation", N_("Notifying the customer"), workflow.now())
        customer = self.case.input.customer
        confirmation = Confirmation(
            **self._key("confirmation"),
            order_id=self.case.input.order_id,
            name=customer.name,
            email=customer.email,
            total=self._total,
            tracking_number=shipped.tracking_number,
            lines=list(self.reserved),
        )
        try:
            await saga.do(send_confirmation, confirmation, undo=None, config=self.outside)
        except ActivityError:
            self.attention = N_("The customer's address does not accept email; notify them another way.")
            self.progress.failed("confirmation", workflow.now(), N_("The email was refused"))
            return
        self.progress.done("confirmation", workflow.now())

    def _fulfilled(self, charged: Charged, shipped: Shipped) -> CaseEnd:
        form, missing_count = self.case.input, sum(line.quantity for line in self._missing())
        sentence = N_("Order {number} is on its way to {name}.")
        if missing_count:
            sentence = NN_(
                "Order {number} is on its way to {name}. {count} missing item was not charged.",
                "Order {number} is on its way to {name}. {count} missing items were not charged.",
                missing_count,
            )
        return CaseEnd(
            outcome="fulfilled",
            sentence=sentence.format(number=form.order_id, name=form.customer.name, count=f"{missing_count:,}"),
            facts=order_numbers(charged, shipped, self._total),
            links={"Tracking number": shipped.tracking_url} if shipped.tracking_url.startswith("https://") else {},
        )

    def failed_end(self) -> CaseEnd:
        """A step was refused for good; everything before it was undone."""
        self.progress.fail_current(workflow.now(), N_("It was refused"))
        if self.charged:
            sentence = N_("The order could not be shipped; {amount} was refunded.").format(amount=self._total)
            return CaseEnd(outcome="refunded", sentence=sentence)
        return CaseEnd(outcome="failed", sentence=N_("The order could not be fulfilled; nothing was charged."))

    def withdrawn_end(self) -> CaseEnd:
        """To the customer an order is cancelled, not withdrawn."""
        sentence = N_("The order was cancelled. Nothing was charged.")
        if self.charged:
            sentence = N_("The order was cancelled. {amount} was refunded.").format(amount=self._total)
        return CaseEnd(outcome="cancelled", sentence=sentence)

    def _stopped(self, outcome: str, sentence: str) -> CaseStopped:
        self.progress.fail_current(workflow.now(), sentence)
        return CaseStopped(CaseEnd(outcome=outcome, sentence=sentence))

    def _key(self, step: str) -> dict[str, str]:
        return {"tenant": self.case.tenant, "key": f"{self.case.reference}:{step}"}

    def _missing(self) -> list[StockLine]:
        return missing(self.case.input, self.reserved)

    @property
    def _total(self) -> Money:
        return price_of(self.case.input, self.reserved)
