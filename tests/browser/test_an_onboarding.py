"""An onboarding from the form to its four parts, and the execution pages of the parts."""

import re

from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.looking import EITHER_WAY, Looks, SignIn, Way

PARTS = ["Accounts", "Equipment", "Workplace", "Training"]


@EITHER_WAY
def test_announced_confirmed_prepared_side_by_side_and_moved(
    sign_in: SignIn, desk: Desk, look: Looks, way: Way
) -> None:
    hugo, root = way.page(sign_in, "hugo"), way.page(sign_in, "root")
    hugo.goto("/processes/employee_onboarding/start")
    look.at(hugo, "hugo")
    hugo.get_by_label("Name", exact=True).fill("Nina Holm")
    hugo.get_by_label("First day").fill("2099-01-15")
    hugo.get_by_label("Work email").fill(f"nina.{way.name}@example.com")
    hugo.get_by_label("Manager").select_option("mona")
    hugo.get_by_label("Role").fill("Logistics planner")
    hugo.get_by_label("Department").fill("Logistics")
    hugo.get_by_label("Equipment").fill("laptop, phone")
    way.press(hugo.get_by_role("button", name=re.compile("^Submit")))
    hugo.wait_for_url(re.compile(r"/cases/ONB-\d+"))
    reference = hugo.url.rsplit("/", 1)[1].partition("?")[0]
    desk.decide(desk.waiting(reference), "approve")
    desk.until(reference, "Nina Holm starts on", who="hugo")
    hugo.goto(f"/cases/{reference}")
    parts = hugo.get_by_role("list", name="Parts")
    expect(parts.get_by_role("heading")).to_have_text(PARTS)
    expect(parts).to_contain_text("In progress")
    look.at(hugo, "hugo")
    way.press(hugo.get_by_role("link", name="Move first day"))
    expect(hugo.get_by_label("First day")).to_have_value("2099-01-15")
    look.at(hugo, "hugo")
    hugo.get_by_label("First day").fill("2020-01-15")
    way.press(hugo.get_by_role("button", name="Move first day"))
    expect(hugo.get_by_role("alert")).to_contain_text("Choose today or a later day")
    hugo.get_by_label("First day").fill("2099-02-16")
    way.press(hugo.get_by_role("button", name="Move first day"))
    hugo.wait_for_url(re.compile(rf"/cases/{reference}"))
    desk.until(reference, "starts on Mon 16 Feb 2099", who="hugo")
    hugo.goto(f"/cases/{reference}")
    for told in ("moved the first day to Mon 16 Feb 2099.", "Accounts: work started."):
        expect(hugo.get_by_role("main")).to_contain_text(told)
    case = desk.case(reference, who="hugo")
    root.goto(f"/executions/{case['workflow_id']}/{case['run_id']}")
    expect(root.get_by_role("heading", name="Child workflows")).to_be_visible()
    way.press(root.get_by_role("link", name=re.compile("accounts")).first)
    expect(root.get_by_role("heading", level=1)).to_contain_text("accounts")
    expect(root.get_by_role("main")).to_contain_text("First day")
    look.at(root, "root")
    way.press(root.get_by_role("link", name=case["workflow_id"], exact=True))
    expect(root.get_by_role("heading", level=1)).to_have_text(case["workflow_id"])
    expect(root.get_by_role("main")).to_contain_text("until the first day begins")
    look.at(root, "root")
