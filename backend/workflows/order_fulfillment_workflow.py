"""Order fulfillment: reserve, have risky orders looked at, charge, ship and confirm; or take all of it back."""

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
    from backend.cases.lifecycle.former_orders import FormerOrders
    from backend.kit.action import REQUESTER, CaseAction, NoInput
    from backend.kit.approval import APPROVE, REJECT, ApprovalState, Step
    from backend.kit.case import CaseEnd
    from backend.kit.money import Money
    from backend.kit.progress import MilestoneState, Turn
    from backend.services.confirmations import Confirmation
    from backend.services.inventory import Stock, StockLine, StockRequest
    from backend.services.payments import Charge
    from backend.services.shipping import Shipment, Shipped
    from backend.workflows.core.case_workflow import CaseWorkflow
    from backend.workflows.core.retry_policies import PATIENT, WORKFLOW_WRITES
    from backend.workflows.core.saga import Saga, Stopped
    from backend.workflows.core.task_queues import activity_queue
    from backend.workflows.order import OrderCase, missing, order_milestones, price_of, risks, together, wanted

RELEASE = APPROVE.model_copy(update={"label": "Release", "done": "released"})
SEND_SOME = CaseAction(
    key="send_what_there_is",
    label="Send what there is",
    input=NoInput,
    who=(REQUESTER, "group:orders"),
    told=lambda _: "chose to send what there is.",
    help="You pay for what is sent; the rest is not ordered any more.",
    icon="truck",
)
WAIT = CaseAction(
    key="wait_for_rest",
    label="Wait for the rest",
    input=NoInput,
    who=(REQUESTER, "group:orders"),
    told=lambda _: "chose to wait for the rest.",
    help="What there is stays put aside, and we look for the rest every day.",
    icon="clock",
)
CANCEL = CaseAction(
    key="cancel_order",
    label="Cancel the order",
    input=NoInput,
    who=(REQUESTER, "group:orders"),
    told=lambda _: "cancelled the order.",
    help="What is put aside goes back on the shelf. Nothing was charged.",
    icon="x",
)
CHOICES = (SEND_SOME, WAIT, CANCEL)


@workflow.defn
class OrderFulfillmentWorkflow(CaseWorkflow):
    """One order, from the shelf to the customer's door."""

    @workflow.init
    def __init__(self, case: OrderCase) -> None:
        super().__init__(case, order_milestones(case))
        self.reserved: Sequence[StockLine] = ()
        self.charged = ""
        self.outside = workflow.ActivityConfig(
            task_queue=activity_queue("orders"),
            start_to_close_timeout=case.plan.step_within,
            retry_policy=PATIENT,
        )

    @workflow.run
    async def run(self, case: OrderCase) -> CaseEnd:  # noqa: ARG002 - as `init` has it
        """Fulfil the order, or leave nothing behind."""
        return await self.conclude(self._fulfil(), failed=self._failed)

    async def _fulfil(self) -> CaseEnd:
        async with self.saga(self._taken_back) as saga:
            await self._reserve(saga)
            await self._have_it_looked_at()
            await self._charge(saga)
            shipped = await self._ship(saga)
            await self._confirm(saga, shipped)
        return self._fulfilled(shipped)

    async def _reserve(self, saga: Saga) -> None:
        self.now_at.working("stock", "The stock is being reserved", workflow.now())
        stock = await self._put_aside(saga, wanted(self.case.input), "inventory")
        if stock.unknown:
            raise self._ends("unknown_article", f"Nobody knows the article {', '.join(stock.unknown)}.")
        self.reserved = stock.reserved
        if not self.reserved:
            raise self._ends("out_of_stock", "Nothing of what was ordered is in stock.")
        if missing(self.case.input, self.reserved):
            await self._let_the_customer_choose(saga)
        self.now_at.done("stock", workflow.now(), _pieces(self.reserved))

    async def _put_aside(self, saga: Saga, lines: list[StockLine], step: str) -> Stock:
        return await saga.do(
            reserve_inventory,
            StockRequest(**self._key(step), reference=self.case.reference, lines=lines),
            undo=release_inventory,
            config=self.outside,
            nothing_if=lambda stock: not stock.reserved,
            told="What was put aside went back on the shelf.",
        )

    async def _let_the_customer_choose(self, saga: Saga) -> None:
        """Some of it is missing: send what there is, wait for the rest, or cancel."""
        plan = self.case.plan
        until = workflow.now() + plan.choose_within
        chosen = await self._choice(saga, CHOICES, until, "The order expires, and nothing is charged.")
        if chosen is None:
            raise self._ends("expired", "Nobody chose what to do about the missing articles in time.")
        if chosen == WAIT.key:
            await self._wait_for_the_rest(saga, workflow.now() + plan.wait_for_stock)

    async def _wait_for_the_rest(self, saga: Saga, until: datetime) -> None:
        look = 1
        while missing(self.case.input, self.reserved):
            next_look = min(workflow.now() + self.case.plan.look_again, until)
            then = "We look whether the rest is there."
            chosen = await self._choice(saga, (SEND_SOME, CANCEL), next_look, then, stands_still=False)
            if chosen == SEND_SOME.key:
                return
            look += 1
            more = await self._put_aside(saga, missing(self.case.input, self.reserved), f"inventory-{look}")
            self.reserved = together(self.reserved, more.reserved)
            if missing(self.case.input, self.reserved) and workflow.now() >= until:
                raise self._ends("out_of_stock", "The rest did not come in time, so nothing was sent.")

    async def _choice(
        self,
        saga: Saga,
        actions: Sequence[CaseAction[NoInput]],
        until: datetime,
        then: str,
        *,
        stands_still: bool = True,
    ) -> str | None:
        """Which of these was chosen; None if nobody chose in time. Who waits for the rest need not choose again."""
        left = missing(self.case.input, self.reserved)
        customer = self.case.opened_by_name
        self.now_at.sentence = f"{customer} can choose: {_some_of(left, wanted(self.case.input))} not there"
        turn = Turn(who=customer, since=workflow.now(), until=until, if_nobody=then)
        self.now_at.turn = turn if stands_still else None
        act = await self.act_on(*actions, until=until, then=then)
        saga.stop_if_told()
        if act is not None and act.action == CANCEL.key:
            raise self._ends("cancelled", "The order was cancelled before anything was charged.")
        return act.action if act else None

    async def _have_it_looked_at(self) -> None:
        """Orders staff release a risky order, or reject it."""
        reasons = risks(self.case.input, await self._former_addresses())
        if not reasons:
            self.now_at.milestone("review").state = MilestoneState.NOT_NEEDED
            self.now_at.milestone("review").detail = ""
            return
        decision = await self.ask(self._review(reasons), f"order {self.case.input.order_id} for {self._total}")
        if not decision.goes_on:
            words = {
                ApprovalState.REJECTED: ("rejected", f"{decision.names} rejected the order; nothing was charged."),
                ApprovalState.EXPIRED: ("expired", "Nobody looked at the order in time, so nothing was charged."),
            }
            raise self._ends(
                *words.get(decision.verdict, ("cancelled", "The order was cancelled. Nothing was charged."))
            )

    async def _former_addresses(self) -> list[str]:
        asked = FormerOrders(
            tenant=self.case.tenant,
            case_id=self.case.case_id,
            process=self.case.process,
            email=self.case.input.customer.email,
        )
        return (await workflow.execute_local_activity(look_up_address, asked, **WORKFLOW_WRITES)).addresses

    def _review(self, reasons: list[str]) -> Step:
        form, plan = self.case.input, self.case.plan
        return Step(
            key="review",
            label="Orders review",
            question=f"Release order {form.order_id} of {form.customer.name}? {_sentence(reasons)}",
            who=("group:orders",),
            options=(RELEASE, REJECT),
            due=plan.review_due,
            reminder=plan.review_reminder,
            deadline=plan.review_deadline,
            if_nobody="At the deadline the order expires, and nothing is charged.",
            effects=(f"charge {self._total}", f"send it to {form.customer.address}", f"tell {form.customer.name}"),
        )

    async def _charge(self, saga: Saga) -> None:
        self.now_at.working("payment", f"{self._total} is being charged", workflow.now())
        charged = await saga.do(
            charge_payment,
            Charge(**self._key("charge"), reference=self.case.reference, total=self._total),
            undo=refund_payment,
            config=self.outside,
            nothing_if=lambda answer: answer.declined,
            told=f"{self._total} was given back.",
        )
        if charged.declined:
            raise self._ends("declined", "The card was declined; nothing was charged.")
        self.charged = charged.number or self._key("charge")["key"]
        self.now_at.done("payment", workflow.now(), str(self._total))

    async def _ship(self, saga: Saga) -> Shipped:
        self.now_at.working("shipment", "The parcel is being handed over", workflow.now())
        customer = self.case.input.customer
        shipment = Shipment(
            **self._key("shipment"),
            reference=self.case.reference,
            name=customer.name,
            address=customer.address,
            lines=list(self.reserved),
        )
        told = "The shipment was cancelled."
        shipped = await saga.do(create_shipment, shipment, undo=cancel_shipment, config=self.outside, told=told)
        self.now_at.done("shipment", workflow.now(), shipped.tracking_number)
        return shipped

    async def _confirm(self, saga: Saga, shipped: Shipped) -> None:
        """Tell the customer. A mail that cannot be sent holds no parcel up."""
        self.now_at.working("confirmation", "The customer is being told", workflow.now())
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
            self.attention = "The customer's address takes no mail; tell them on another way that the order is coming."
            self.now_at.failed("confirmation", workflow.now(), "The mail was refused")
            return
        self.now_at.done("confirmation", workflow.now())

    def _fulfilled(self, shipped: Shipped) -> CaseEnd:
        left = missing(self.case.input, self.reserved)
        some = f" {_pieces(left)} were not there and were not charged." if left else ""
        facts = {"Tracking number": shipped.tracking_number, "Charged": str(self._total), "Payment": self.charged}
        links = {"Tracking number": shipped.tracking_url} if shipped.tracking_url.startswith("https://") else {}
        sentence = f"Order {self.case.input.order_id} is on its way to {self.case.input.customer.name}.{some}"
        return CaseEnd(outcome="fulfilled", sentence=sentence, facts=facts, links=links)

    def _failed(self) -> CaseEnd:
        """A step was refused for good; what was done before it is undone."""
        self.now_at.stuck(workflow.now(), "It was refused")
        if self.charged:
            return CaseEnd(outcome="refunded", sentence=f"The order could not be sent; {self._total} was given back.")
        return CaseEnd(outcome="failed", sentence="The order could not be fulfilled; nothing was charged.")

    def _taken_back(self) -> CaseEnd | None:
        if self.recalled is None:
            return None
        money = f"{self._total} was given back." if self.charged else "Nothing was charged."
        return CaseEnd(outcome="cancelled", sentence=f"The order was cancelled. {money}")

    def _ends(self, outcome: str, sentence: str) -> Stopped:
        self.now_at.stuck(workflow.now(), sentence)
        return Stopped(CaseEnd(outcome=outcome, sentence=sentence))

    def _key(self, step: str) -> dict[str, str]:
        return {"tenant": self.case.tenant, "key": f"{self.case.reference}:{step}"}

    @property
    def _total(self) -> Money:
        return price_of(self.case.input, self.reserved)


def _pieces(lines: Sequence[StockLine]) -> str:
    count = sum(line.quantity for line in lines)
    return "1 piece" if count == 1 else f"{count:,} pieces"


def _some_of(some: Sequence[StockLine], lines: Sequence[StockLine]) -> str:
    count = sum(line.quantity for line in some)
    return f"{count:,} of {_pieces(lines)} {'is' if count == 1 else 'are'}"


def _sentence(reasons: Sequence[str]) -> str:
    return f"It is looked at because {' and '.join(reasons)}."
