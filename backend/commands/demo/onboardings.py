"""Onboardings of the demo: to be confirmed, in preparation, rejected."""

from collections.abc import Iterator
from datetime import date, timedelta

from backend.commands.demo.story import Decides, Step, Story
from backend.kit.approval import DecisionKind


def stories() -> Iterator[Story]:
    """Three people who start in two weeks, or do not."""
    yield _story("to be confirmed", "Nina Holm", "Logistics planner", "Logistics")
    yield _story(
        "being prepared",
        "Samir Haddad",
        "Welder",
        "Workshop",
        Decides("mona", "manager", comment="Looking forward to it."),
    )
    rejects = Decides("mona", "manager", DecisionKind.REJECT, "The position went to another candidate.")
    yield _story("refused", "Tom Reiter", "Office assistant", "Office", rejects)


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
