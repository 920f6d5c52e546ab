"""An article from the draft to its publication and retraction."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.browser.desk import Desk
from tests.browser.looking import EITHER_WAY, Looks, SignIn, Way
from tests.support.articles import article, moment

TEXT = """# Saturday

We began at **five**, with [the plan](https://example.com/plan) and <script>alert(1)</script> no coffee.

* forty people
* one [broken](javascript:alert(1)) lamp
"""


@EITHER_WAY
def test_written_sent_back_with_its_differences_and_reviewed(
    sign_in: SignIn, desk: Desk, look: Looks, way: Way
) -> None:
    ann, edda = way.page(sign_in, "ann"), way.page(sign_in, "edda")
    title = f"The warehouse, moved from a {way.name}"
    ann.goto("/processes/article_publication/start")
    look.at(ann, "ann")
    ann.get_by_label("Title", exact=True).fill(title)
    ann.get_by_label("Summary").fill("One weekend, forty people.")
    ann.get_by_label("Text").fill(TEXT)
    ann.get_by_label("Tags").fill("logistics, news")
    ann.get_by_label("Publish at").fill("2099-01-15T08:00")
    if not way.script:
        way.press(ann.get_by_role("button", name="Preview"))
    preview = ann.get_by_role("region", name="Preview")
    expect(preview.get_by_role("heading", name="Saturday")).to_be_visible()
    expect(preview.locator("strong")).to_have_text("five")
    look.at(ann, "ann")
    way.press(ann.get_by_role("button", name=re.compile("^Submit")))
    ann.wait_for_url(re.compile(r"/cases/ART-\d+"))
    reference = ann.url.rsplit("/", 1)[1].partition("?")[0]
    edda.goto(f"/approvals/{desk.waiting(reference, who='edda')['id']}")
    expect(edda.get_by_role("heading", name="Saturday")).to_be_visible()
    edda.get_by_label("Comment").fill("It was six o'clock.")
    way.press(edda.get_by_role("button", name="Request changes"))
    expect(edda.locator(".cs-toasts")).to_contain_text("Changes requested")
    desk.until(reference, "requested changes")
    ann.goto(f"/cases/{reference}")
    way.press(ann.get_by_role("link", name="Edit and resubmit"))
    expect(ann.get_by_role("main")).to_contain_text("It was six o'clock.")
    ann.get_by_label("Text").fill(TEXT.replace("five", "six"))
    way.press(ann.get_by_role("button", name="Resubmit"))
    ann.wait_for_url(re.compile(rf"/cases/{reference}"))
    edda.goto(f"/approvals/{desk.waiting(reference, who='edda')['id']}")
    marked = edda.get_by_role("region", name="Changes")
    expect(marked.locator("del")).to_contain_text(["five"])
    expect(marked.locator("ins")).to_contain_text(["six"])
    look.at(edda, "edda")
    expect(edda.get_by_role("main")).to_contain_text("Publishes the article on Thu 15 Jan 2099 08:00")
    way.press(edda.get_by_role("button", name=re.compile("^Approve|^Publish")))
    desk.until(reference, "is scheduled for publication")
    ann.goto(f"/cases/{reference}")
    look.at(ann, "ann")
    milestones = ann.get_by_role("list").filter(has=ann.get_by_text("Submitted", exact=True))
    expect(milestones).to_contain_text("Thu 15 Jan 2099 08:00")
    way.press(ann.get_by_role("link", name="Reschedule publication"))
    expect(ann.get_by_label("Publish at")).to_have_value("2099-01-15T08:00")
    look.at(ann, "ann")


@EITHER_WAY
def test_published_at_its_moment_read_and_retracted(sign_in: SignIn, desk: Desk, look: Looks, way: Way) -> None:
    ann, title = way.page(sign_in, "ann"), f"Read on a {way.name}"
    reference = desk.open("article_publication", article(title=title, body=TEXT, publish_at=moment().isoformat()))
    desk.decide(desk.waiting(reference, who="edda"), "approve", who="edda")
    desk.until(reference, "is scheduled for publication")
    soon = datetime.now(UTC) + timedelta(seconds=2)
    desk.act(reference, "move_publication", {"publish_at": soon.isoformat()})
    desk.until(reference, "is published")
    ann.goto(f"/cases/{reference}")
    look.at(ann, "ann")
    way.press(ann.get_by_role("link", name="Read the article"))
    shown = ann.get_by_role("article")
    expect(shown.get_by_role("heading", level=1)).to_have_text(title)
    expect(shown.locator("strong")).to_have_text("five")
    expect(shown.locator(".cs-prose").get_by_role("link")).to_have_text(["the plan"])
    expect(shown.locator("script")).to_have_count(0)
    expect(shown).to_contain_text("<script>alert(1)</script>")
    look.at(ann, "ann")
    address = ann.url
    ann.goto("/articles")
    expect(ann.get_by_role("link", name=title)).to_be_visible()
    look.at(ann, "ann")
    ann.goto(f"/cases/{reference}")
    way.press(ann.get_by_role("link", name="Retract article"))
    ann.get_by_label("Reason").fill("The numbers were wrong.")
    way.press(ann.get_by_role("button", name="Retract article"))
    ann.wait_for_url(re.compile(rf"/cases/{reference}"))
    desk.until(reference, "retracted")
    gone = ann.goto(address)
    assert gone is not None
    assert gone.status == 410
    expect(shown).to_contain_text("The numbers were wrong.")
    expect(shown).not_to_contain_text("five")
    look.at(ann, "ann")
