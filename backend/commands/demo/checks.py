"""Credit checks of the demo, and the maintenance that administrators start."""

from collections.abc import Iterator

from backend.commands.demo.story import Story


def stories() -> Iterator[Story]:
    """One for each outcome, and one for each maintenance process."""
    asked = {"granted": ("Nordwerk Möbel GmbH", "12000.00"), "refused": ("Brandt & Söhne", "300.00")}
    asked["needs review"] = ("Lindner Spedition", "4200.00")
    for answer, (customer, amount) in asked.items():
        yield Story(f"credit {answer}", "credit_check", "olga", {"customer": customer, "amount": amount})
    yield Story("clean-up counted", "retention_cleanup", "root", {"only_count": True})
    yield Story("overdue told", "overdue_digest", "root", {"remark": "Please decide today."})
