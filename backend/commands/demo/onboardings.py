"""Onboardings of the demo: to be confirmed, being prepared, refused."""

from collections.abc import Iterator
from datetime import date, timedelta

from backend.commands.demo.story import Says, Step, Story
from backend.kit.approval import DecisionKind


def stories() -> Iterator[Story]:
    """Three who come in two weeks, or do not."""
    yield _story("to be confirmed", "Nina Holm", "Logistics planner", "Logistics")
    yield _story("being prepared", "Samir Haddad", "Welder", "Workshop", Says("mona", "manager", comment="Welcome."))
    no = Says("mona", "manager", DecisionKind.REJECT, "The post was given to somebody else.")
    yield _story("refused", "Tom Reiter", "Clerk", "Office", no)


def _story(name: str, who: str, role: str, department: str, *steps: Step) -> Story:
    form = {
        "name": who,
        "email": f"{who.lower().replace(' ', '.')}@example.com",
        "role": role,
        "department": department,
        "start_date": date.today() + timedelta(weeks=2),  # noqa: DTZ011 - any day in two weeks will do
        "manager": "mona",
        "equipment": ["laptop", "phone", "badge"],
    }
    return Story(f"onboarding {name}", "employee_onboarding", "hugo", form, steps)
