"""PROCESSES: the one list of business processes. Forms, pages, REST and workers all read it."""

from typing import Literal

from backend.activities.activate_account_activity import activate_account
from backend.activities.assign_workplace_activity import assign_workplace
from backend.activities.book_training_activity import book_training
from backend.activities.cancel_purchase_order_activity import cancel_purchase_order
from backend.activities.cancel_shipment_activity import cancel_shipment
from backend.activities.cancel_training_activity import cancel_training
from backend.activities.charge_payment_activity import charge_payment
from backend.activities.close_account_activity import close_account
from backend.activities.create_account_activity import create_account
from backend.activities.create_shipment_activity import create_shipment
from backend.activities.hand_out_equipment_activity import hand_out_equipment
from backend.activities.issue_purchase_order_activity import issue_purchase_order
from backend.activities.look_up_rating_activity import look_up_rating
from backend.activities.publish_article_activity import publish_article
from backend.activities.refund_payment_activity import refund_payment
from backend.activities.release_budget_activity import release_budget
from backend.activities.release_equipment_activity import release_equipment
from backend.activities.release_inventory_activity import release_inventory
from backend.activities.release_workplace_activity import release_workplace
from backend.activities.remind_person_activity import remind_person
from backend.activities.reserve_budget_activity import reserve_budget
from backend.activities.reserve_equipment_activity import reserve_equipment
from backend.activities.reserve_inventory_activity import reserve_inventory
from backend.activities.retract_article_activity import retract_article
from backend.activities.send_confirmation_activity import send_confirmation
from backend.kit.i18n import N_
from backend.kit.process import Outcome, Process, Rights, WithdrawalWords
from backend.maintenance import MAINTENANCE
from backend.workflows.account_setup_workflow import AccountSetupWorkflow
from backend.workflows.article_publication_actions import ARTICLE_ACTIONS
from backend.workflows.article_publication_workflow import (
    ARTICLE_EFFECTS,
    ArticlePublication,
    ArticlePublicationWorkflow,
    PublicationPlan,
    article_facts,
    article_milestones,
    article_steps,
)
from backend.workflows.credit_check_workflow import (
    CreditCheck,
    CreditCheckWorkflow,
    CreditPlan,
    credit_facts,
    credit_milestones,
)
from backend.workflows.employee_onboarding_actions import ONBOARDING_ACTIONS
from backend.workflows.employee_onboarding_workflow import (
    ONBOARDING_EFFECTS,
    EmployeeOnboarding,
    EmployeeOnboardingWorkflow,
    OnboardingPlan,
    onboarding_facts,
    onboarding_milestones,
    onboarding_steps,
)
from backend.workflows.equipment_handout_workflow import EquipmentHandoutWorkflow
from backend.workflows.order import OrderFulfillment, OrderPlan, order_facts, order_milestones
from backend.workflows.order_fulfillment_actions import ORDER_ACTIONS
from backend.workflows.order_fulfillment_workflow import ORDER_EFFECTS, OrderFulfillmentWorkflow
from backend.workflows.purchase import (
    PurchaseApproval,
    PurchasePlan,
    approval_steps,
    purchase_facts,
    purchase_milestones,
    purchase_priority,
)
from backend.workflows.purchase_approval_workflow import PURCHASE_EFFECTS, PurchaseApprovalWorkflow
from backend.workflows.training_plan_workflow import TrainingPlanWorkflow
from backend.workflows.workplace_setup_workflow import WorkplaceSetupWorkflow

PROCESSES = (
    Process(
        key="purchase_approval",
        prefix="PUR",
        title=N_("Purchase"),
        call_to_action=N_("New purchase request"),
        summary=N_("Request goods or services."),
        typical_duration=N_("Usually ordered within 2 days."),
        submit_label=N_("Submit for approval"),
        domain="purchasing",
        icon="shopping-cart",
        input=PurchaseApproval,
        plan=PurchasePlan,
        workflow=PurchaseApprovalWorkflow,
        activities=(reserve_budget, release_budget, issue_purchase_order, cancel_purchase_order),
        rights=Rights(start=frozenset({"employees"}), see=frozenset({"finance"})),
        outcomes={
            "ordered": Outcome(label=N_("Ordered"), kind="ok"),
            "rejected": Outcome(label=N_("Rejected"), kind="bad"),
            "over_budget": Outcome(label=N_("Over budget"), kind="warn"),
            "expired": Outcome(label=N_("Expired"), kind="warn"),
            "recalled": Outcome(label=N_("Withdrawn"), kind="rest"),
            "order_failed": Outcome(label=N_("Order failed"), kind="bad"),
        },
        title_of=lambda form: form.title,
        amount_of=lambda form: form.total,
        facts_of=purchase_facts,
        columns=("vendor", "cost_centre", "needed_by"),
        priority_of=purchase_priority,
        milestones=purchase_milestones,
        change_within_of=lambda plan: plan.amend_within,
        steps=approval_steps,
        approved_effects=PURCHASE_EFFECTS,
        withdrawal=WithdrawalWords(effect=N_("A reserved budget is released. An order that was already issued stays.")),
        form_notes=(
            N_("From EUR 10,000.00 all of finance must approve."),
            N_("You cannot approve your own request."),
        ),
    ),
    Process(
        key="credit_check",
        prefix="CRE",
        title=N_("Credit check"),
        call_to_action=N_("Check a customer's credit"),
        summary=N_("Find out whether a customer has credit for an amount."),
        typical_duration=N_("Usually answered within a second; within a day if a person has to decide."),
        submit_label=N_("Check credit"),
        domain="finance",
        icon="gauge",
        input=CreditCheck,
        plan=CreditPlan,
        workflow=CreditCheckWorkflow,
        activities=(look_up_rating,),
        rights=Rights(start=frozenset({"finance", "orders"}), see=frozenset({"finance"})),
        outcomes={
            "granted": Outcome(label=N_("Granted"), kind="ok"),
            "refused": Outcome(label=N_("Refused"), kind="bad"),
            "needs_review": Outcome(label=N_("Needs review"), kind="warn"),
            "recalled": Outcome(label=N_("Withdrawn"), kind="rest"),
        },
        title_of=lambda form: N_("Credit for {name}").format(name=form.customer),
        amount_of=lambda form: form.total,
        facts_of=credit_facts,
        milestones=credit_milestones,
        ad_hoc_approvals=True,
        time_limit_of=lambda plan: plan.time_limit,
    ),
    Process(
        key="employee_onboarding",
        prefix="ONB",
        title=N_("Onboarding"),
        call_to_action=N_("Onboard an employee"),
        summary=N_("Get everything ready for a new employee's first day."),
        typical_duration=N_("Usually confirmed within 2 days and ready on the first day."),
        submit_label=N_("Submit to manager"),
        domain="people",
        icon="user-plus",
        input=EmployeeOnboarding,
        plan=OnboardingPlan,
        workflow=EmployeeOnboardingWorkflow,
        children=(AccountSetupWorkflow, EquipmentHandoutWorkflow, WorkplaceSetupWorkflow, TrainingPlanWorkflow),
        activities=(
            create_account,
            activate_account,
            close_account,
            reserve_equipment,
            hand_out_equipment,
            release_equipment,
            assign_workplace,
            release_workplace,
            book_training,
            cancel_training,
            remind_person,
        ),
        rights=Rights(start=frozenset({"people-operations"}), see=frozenset({"people-operations"})),
        outcomes={
            "onboarded": Outcome(label=N_("Onboarded"), kind="ok"),
            "rejected": Outcome(label=N_("Rejected"), kind="bad"),
            "expired": Outcome(label=N_("Expired"), kind="warn"),
            "recalled": Outcome(label=N_("Withdrawn"), kind="rest"),
        },
        title_of=lambda form: f"{form.name}, {form.role}",
        facts_of=onboarding_facts,
        columns=("role", "department", "start_date"),
        milestones=onboarding_milestones,
        change_within_of=lambda plan: plan.amend_within,
        steps=onboarding_steps,
        approved_effects=ONBOARDING_EFFECTS,
        actions=ONBOARDING_ACTIONS,
        withdrawal=WithdrawalWords(
            effect=N_("Closes the account, returns the equipment, releases the desk and cancels the training.")
        ),
        form_notes=(N_("Preparation starts when the manager has confirmed."),),
    ),
    Process(
        key="order_fulfillment",
        prefix="ORD",
        title=N_("Order"),
        call_to_action=N_("New order"),
        summary=N_("Reserve, charge and ship a customer's order."),
        typical_duration=N_("Usually shipped within a minute; risky orders within 4 hours."),
        submit_label=N_("Submit order"),
        domain="orders",
        icon="box",
        input=OrderFulfillment,
        plan=OrderPlan,
        workflow=OrderFulfillmentWorkflow,
        activities=(
            reserve_inventory,
            release_inventory,
            charge_payment,
            refund_payment,
            create_shipment,
            cancel_shipment,
            send_confirmation,
        ),
        rights=Rights(start=frozenset({"employees"}), see=frozenset({"orders"})),
        outcomes={
            "fulfilled": Outcome(label=N_("Fulfilled"), kind="ok"),
            "out_of_stock": Outcome(label=N_("Out of stock"), kind="warn"),
            "unknown_article": Outcome(label=N_("Unknown article"), kind="bad"),
            "declined": Outcome(label=N_("Card declined"), kind="bad"),
            "rejected": Outcome(label=N_("Rejected"), kind="bad"),
            "expired": Outcome(label=N_("Expired"), kind="warn"),
            "cancelled": Outcome(label=N_("Cancelled"), kind="rest"),
            "refunded": Outcome(label=N_("Refunded"), kind="warn"),
            "failed": Outcome(label=N_("Failed"), kind="bad"),
        },
        title_of=lambda form: N_("Order {number} for {name}").format(number=form.order_id, name=form.customer.name),
        amount_of=lambda form: form.total,
        facts_of=order_facts,
        columns=("order_id",),
        milestones=order_milestones,
        ad_hoc_approvals=True,
        approved_effects=ORDER_EFFECTS,
        actions=ORDER_ACTIONS,
        withdrawal=WithdrawalWords(
            action=N_("Cancel order"),
            requested=N_("Cancellation requested"),
            journal=N_("cancelled the order."),
            done=N_("{reference} was cancelled."),
            effect=N_("Stops the parcel, refunds the payment and returns reserved items to stock."),
        ),
        form_notes=(N_("Orders from 5,000.00 or to a new address are reviewed before they are charged."),),
    ),
    Process(
        key="article_publication",
        prefix="ART",
        title=N_("Article"),
        call_to_action=N_("Publish an article"),
        summary=N_("Write an article and have it reviewed before publication."),
        typical_duration=N_("Usually reviewed within 3 days."),
        submit_label=N_("Submit for review"),
        domain="content",
        icon="news",
        input=ArticlePublication,
        plan=PublicationPlan,
        workflow=ArticlePublicationWorkflow,
        activities=(publish_article, retract_article),
        rights=Rights(start=frozenset({"editors", "employees"}), see=frozenset({"editors"})),
        outcomes={
            "published": Outcome(label=N_("Published"), kind="ok"),
            "retracted": Outcome(label=N_("Retracted"), kind="warn"),
            "rejected": Outcome(label=N_("Rejected"), kind="bad"),
            "expired": Outcome(label=N_("Expired"), kind="warn"),
            "recalled": Outcome(label=N_("Withdrawn"), kind="rest"),
        },
        title_of=lambda form: form.title,
        facts_of=article_facts,
        milestones=article_milestones,
        change_within_of=lambda plan: plan.amend_within,
        steps=article_steps,
        approved_effects=ARTICLE_EFFECTS,
        actions=ARTICLE_ACTIONS,
        withdrawal=WithdrawalWords(
            effect=N_("The article is not published; if it is already published, it is taken down.")
        ),
        form_notes=(
            N_("Authors cannot review their own articles."),
            N_("A published article can be retracted for 30 days."),
        ),
    ),
    *MAINTENANCE,
)


def domains(kind: Literal["workflow", "activity"]) -> list[str]:
    """The domains that need workers of this kind; a domain may have no activities of its own."""
    return sorted({process.domain for process in PROCESSES if kind == "workflow" or process.activities})


def by_key() -> dict[str, Process]:
    """The processes by their key."""
    return {process.key: process for process in PROCESSES}
