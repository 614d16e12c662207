"""Imports point left only: each wrong edge is named with what to do instead."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("models", "app", "territories", "assemblies", "agendas")

# From the ground up; a package may import what stands on a lower floor, or itself.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("models",),
    ("app.config",),
    ("app.core",),
    (
        "territories.units", "territories.documents", "territories.imports", "territories.processes",
        "territories.layers", "territories.indicators", "territories.directory", "territories.walks",
        "territories.priorities", "territories.places", "territories.subjects",
    ),
    ("agendas.agreements",),
    ("assemblies.meetings", "assemblies.liaisons", "assemblies.decisions", "assemblies.tables", "assemblies.panels"),
    ("agendas.diagnostics", "agendas.drafting", "agendas.programmes", "agendas.evaluation"),
    ("app.accounts", "app.admin", "app.portal", "app.api"),
    ("app.factory",),
    ("app.cli",),
)
LAYERS = {"policies": 0, "queries": 0, "forms": 0, "services": 1, "views": 2}


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "versions" not in path.parts]


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> list[tuple[int, str]]:
    """Every module named by an import, inside functions and TYPE_CHECKING too; ``from a import b`` gives ``a.b``."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write the whole name of what you import"
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def section_of(module: str) -> str | None:
    for floor in FLOORS:
        for section in floor:
            if module == section or module.startswith(section + "."):
                return section
    return None


def floor_of(section: str) -> int:
    return next(number for number, floor in enumerate(FLOORS) if section in floor)


def test_imports_point_left_only():
    wrong = []
    for path in modules():
        here = section_of(name_of(path))
        if here is None:
            continue
        for line, target in imports(path):
            there = section_of(target)
            if there is None or there == here:
                continue
            if floor_of(there) > floor_of(here):
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {here} may not import {there}; move what both need to the left")
            elif here == "app.config":
                wrong.append(f"{path.relative_to(ROOT)}:{line}: the configuration stands alone")
    assert not wrong, "\n".join(wrong)


def test_every_module_has_a_place():
    bare = {"app", "models", "territories", "assemblies", "agendas"}
    lost = [name for path in modules() if (name := name_of(path)) not in bare and section_of(name) is None]
    assert not lost, f"say in FLOORS where these stand: {lost}"


WEB = ("flask", "werkzeug", "flask_login", "flask_security", "wtforms", "jinja2")


def test_models_know_neither_flask_nor_a_request():
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {target}"
        for path in modules() if name_of(path).startswith("models")
        for line, target in imports(path) if target.split(".")[0] in WEB
    ]
    assert not wrong, "\n".join(wrong)


def test_services_and_queries_never_import_flask():
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {target}; pass what you need from the view"
        for path in modules() if path.stem in ("services", "queries", "policies") and section_of(name_of(path)) not in (None, "app.core")
        for line, target in imports(path) if target.split(".")[0] in ("flask", "flask_login")
    ]
    assert not wrong, "\n".join(wrong)


def test_inside_a_section_views_come_last():
    wrong = []
    for path in modules():
        here = LAYERS.get(path.stem)
        if here is None:
            continue
        for line, target in imports(path):
            parts = target.split(".")
            layer = next((LAYERS[part] for part in reversed(parts[-2:]) if part in LAYERS), None)
            same = section_of(target) is not None and section_of(target) == section_of(name_of(path))
            if same and layer is not None and layer > here:
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {path.stem} may not import {target}")
            if layer == LAYERS["views"] and not same:
                wrong.append(f"{path.relative_to(ROOT)}:{line}: only the factory imports another section's views; link with url_for")
    assert not wrong, "\n".join(wrong)


def test_no_import_hides_in_a_function():
    wrong = []
    for path in modules():
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                wrong += [
                    f"{path.relative_to(ROOT)}:{node.lineno}: import at the top; a cycle means something stands on the wrong floor"
                    for node in ast.walk(function) if isinstance(node, (ast.Import, ast.ImportFrom))
                ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "source, wrong",
    [("territories.units", "assemblies.meetings"), ("models", "app.core"), ("agendas.agreements", "assemblies.meetings")],
)
def test_the_floors_say_what_the_house_says(source, wrong):
    assert floor_of(source) < floor_of(wrong)
