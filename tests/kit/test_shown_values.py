"""What a form shows below its deciding facts."""

from dataclasses import dataclass

from backend.kit.form_values import ShownForm, ShownValue


@dataclass(frozen=True)
class Fact:
    """A deciding fact of a process."""

    label: str
    value: str


def test_a_fact_replaces_the_same_value_and_an_empty_one_but_not_another_value() -> None:
    values = [
        ShownValue("Vendor", "Nordwerk"),
        ShownValue("Publish at", None),
        ShownValue("Tags", "news"),
        ShownValue("Title", None),
    ]
    facts = [Fact("Vendor", "Nordwerk"), Fact("Publish at", "as soon as it is approved"), Fact("Tags", "all")]
    left = ShownForm(values=values).values_not_in(facts)
    assert [(each.label, each.value) for each in left] == [("Tags", "news"), ("Title", None)]
