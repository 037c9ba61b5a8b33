"""Imports run one way: cli, then the command line, then the orchestrators, then the wings."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
WINGS = ("loaders", "statistics", "categories", "maps", "reports")
# what each orchestrator stands on, from the door inwards
FLOORS = (
    ("__main__",),
    ("history_commands",),
    ("command", "progress"),
    (
        "backtesting",
        "checking",
        "comparison",
        "explanation",
        "matching",
        "official",
        "proposal",
        "running",
    ),
    ("publishing",),
    ("verification",),
    ("folder", "run_folder"),
    ("drawings",),
    ("review_facts",),
    ("disclosure",),
    ("monthly",),
    ("notes", "stability"),
    ("rankings", "setting"),
    (
        "account",
        "backtest",
        "criteria_choice",
        "density",
        "flips",
        "replay",
        "review",
        "rollups",
        "zeros",
    ),
    ("boundaries", "placement", "sensitivity", "uncertainty"),
    ("tally",),
    ("evidence", "kinds"),
    WINGS,
    ("job",),
    ("sections",),
    ("columns", "labels", "sample", "validation", "whole"),
    ("errors", "palette", "rollup_columns", "trust_columns"),
    ("language",),
)


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are absolute"
            names = [node.module]
            if node.module == "hotspot":
                names = [f"hotspot.{alias.name}" for alias in node.names]
            found |= set(names)
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.startswith("hotspot.")}


def _room(module: str) -> str:
    return module.split(".")[1]


def test_imports_run_from_the_door_inwards() -> None:
    floor = {room: depth for depth, rooms in enumerate(FLOORS) for room in rooms}
    for path in sorted((ROOT / "hotspot").rglob("*.py")):
        room = path.relative_to(ROOT / "hotspot").parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        for module in sorted(_imports(path)):
            other = _room(module)
            assert other == room or floor[other] > floor[room], f"{path} imports {module}"


def test_the_wings_do_not_import_each_other() -> None:
    for wing in WINGS:
        for path in sorted((ROOT / "hotspot" / wing).glob("*.py")):
            others = {_room(module) for module in _imports(path)} - {wing}
            assert others.isdisjoint(WINGS), f"{path} imports {others & set(WINGS)}"


def test_statistics_do_not_import_each_other() -> None:
    for path in sorted((ROOT / "hotspot" / "statistics").glob("*.py")):
        own = {module for module in _imports(path) if _room(module) == "statistics"}
        assert not own, f"{path} imports {own}"


def test_no_module_is_longer_than_one_room() -> None:
    for path in sorted((ROOT / "hotspot").rglob("*.py")):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= 350, f"{path} has {lines} lines"
