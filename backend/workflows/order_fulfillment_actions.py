"""What the customer's contact or orders staff can do with an order that is partly out of stock."""

from collections.abc import Sequence

from backend.kit.action import REQUESTER, CaseAction, NoInput
from backend.kit.i18n import N_

ORDERS = "group:orders"

SHIP_AVAILABLE: CaseAction[NoInput] = CaseAction(
    key="send_what_there_is",
    label=N_("Ship available items"),
    input=NoInput,
    who=(REQUESTER, ORDERS),
    journal=lambda _: N_("chose to ship the available items."),
    help=N_("Only shipped items are charged; missing items are removed from the order."),
    icon="truck",
)
WAIT: CaseAction[NoInput] = CaseAction(
    key="wait_for_rest",
    label=N_("Wait for missing items"),
    input=NoInput,
    who=(REQUESTER, ORDERS),
    journal=lambda _: N_("chose to wait for the missing items."),
    help=N_("Available items stay reserved; we check stock daily."),
    icon="clock",
)
CANCEL: CaseAction[NoInput] = CaseAction(
    key="cancel_order",
    label=N_("Cancel order"),
    input=NoInput,
    who=(REQUESTER, ORDERS),
    journal=lambda _: N_("cancelled the order."),
    help=N_("Reserved items return to stock. Nothing was charged."),
    icon="x",
    replaces_withdrawal=True,
)
ORDER_ACTIONS: Sequence[CaseAction[NoInput]] = (SHIP_AVAILABLE, WAIT, CANCEL)
