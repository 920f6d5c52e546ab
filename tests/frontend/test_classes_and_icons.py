"""Templates and style sheets match: every class has a rule, and every rule and icon is used."""

import json
import re
from pathlib import Path

from backend.api.routes.core.rendering import ROOT

BACKEND = ROOT.parent / "backend"
OWN = re.compile(r"(?<![\w-])(cs-[a-z][\w-]*)")


def text_of(folder: Path, *endings: str) -> str:
    """The text of all files below a folder with this suffix, without third-party files."""
    files = (file for ending in endings for file in sorted(folder.rglob(f"*.{ending}")))
    return "\n".join(file.read_text() for file in files if "vendor" not in file.parts)


def selectors() -> set[str]:
    """Our classes that have a rule in a style sheet."""
    sheets = re.sub(r"/\*.*?\*/", "", text_of(ROOT / "static", "css"), flags=re.DOTALL)
    return {name for rule in re.findall(r"([^{}]+)\{", sheets) for name in re.findall(r"\.(cs-[\w-]+)", rule)}


def spoken() -> set[str]:
    """Our classes that templates and scripts use; one that ends in a hyphen is a prefix."""
    places = (text_of(ROOT / "templates", "html"), text_of(ROOT / "static", "js"), text_of(BACKEND / "api", "py"))
    return {name for place in places for name in OWN.findall(place)}


def test_every_rule_is_used_and_every_class_has_one() -> None:
    named = spoken()
    begun = tuple(name for name in named if name.endswith("-"))
    assert begun
    assert not {name for name in selectors() if name not in named and not name.startswith(begun)}
    whole = {name for name in named if not name.endswith("-")}
    ids = set(re.findall(r'(?:id|for|name)="(cs-[\w-]+)"', text_of(ROOT / "templates", "html")))
    assert not whole - selectors() - ids


def test_every_pinned_icon_is_drawn_somewhere() -> None:
    packages = json.loads((ROOT / "vendor.json").read_text()).values()
    pinned = [icon for package in packages for icon in package.get("icons", ())]
    said = text_of(ROOT / "templates", "html") + text_of(BACKEND, "py", "txt")
    assert pinned
    assert not [icon for icon in pinned if not re.search(rf"""["']{icon}["']""", said)]
