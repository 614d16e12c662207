"""The rules of the house, each with what to do instead."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from jinja2 import Environment

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("models", "app", "territories", "assemblies", "agendas")
TEMPLATES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.html"))]
MODULES = [
    path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "versions" not in path.parts
]
LONGEST = 450
VAGUE = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"}


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def calls(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield node


def test_only_the_unit_of_work_commits():
    wrong = [
        where(path, call.lineno) for path in MODULES if path.name != "transaction.py"
        for call in calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("commit", "rollback")
        and isinstance(call.func.value, ast.Name) and "session" in call.func.value.id
    ]
    assert not wrong, f"flush, and let transaction() commit: {wrong}"


def test_nobody_asks_the_system_what_time_it_is():
    wrong = [
        where(path, call.lineno) for path in MODULES if path.name not in ("clock.py",)
        for call in calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("now", "utcnow", "today")
        and isinstance(call.func.value, ast.Name) and call.func.value.id in ("datetime", "date")
    ]
    assert not wrong, f"ask app.core.clock: {wrong}"


def test_one_sqlite_library_in_the_process():
    wrong = [
        where(path, node.lineno) for path in [*MODULES, *(ROOT / "tests").rglob("*.py")]
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "sqlite3" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlite3")
    ]
    assert not wrong, f"import app.core.db and use its engine: {wrong}"


def test_gdal_stays_in_its_own_process():
    wrong = [
        where(path, node.lineno) for path in MODULES if path.name != "gdal_process.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Import) and any(alias.name.split(".")[0] in ("pyogrio", "pyproj") for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("pyogrio", "pyproj"))
    ]
    assert not wrong, f"untrusted files are read by territories.imports.gdal_process alone: {wrong}"


def test_nothing_is_random_where_it_must_be_secret():
    wrong = [
        where(path, number) for path in MODULES if "demo" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1) if re.search(r"^\s*(import random|from random)", line)
    ]
    assert not wrong, f"use secrets: {wrong}"


def test_no_module_has_a_vague_name():
    assert not [path for path in MODULES if path.stem in VAGUE or any(part in VAGUE for part in path.parts)]


def test_no_room_grows_too_big():
    big = {str(path.relative_to(ROOT)): n for path in [*MODULES, *TEMPLATES] if (n := len(path.read_text().splitlines())) > LONGEST}
    assert not big, f"split by subject: {big}"


def test_every_public_function_of_a_service_says_what_it_does():
    wrong = [
        f"{where(path, node.lineno)} {node.name}"
        for path in MODULES if path.stem in ("services", "queries") or "core" in path.parts
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith(("_", "init_")) and not ast.get_docstring(node)
        and len(node.body) > 3
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_escape_and_stay_plain(path):
    text = path.read_text()
    assert not re.search(r"\|\s*safe\b", text), f"{path.name}: escape, or make Markup where the words are made"
    assert not re.search(r"\son\w+=|<style|style=\"|javascript:", text), f"{path.name}: nothing inline"
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or 'type="application/ld+json"' in script, f"{path.name}: scripts are files"
    assert "strftime" not in text, f"{path.name}: dates go through the filters"


def outside_jinja(source: str) -> str:
    """What a template prints as it stands: neither expressions, nor comments, nor what a trans block wraps."""
    kept, inside_trans, opening = [], False, False
    for _line, kind, value in Environment().lex(source):
        if kind == "block_begin":
            opening = True
        elif opening and kind == "name":
            inside_trans = value == "trans" or (inside_trans and value != "endtrans")
            opening = False
        elif kind == "data" and not inside_trans:
            kept.append(value)
    return " ".join(kept)


WORDS = re.compile(r"[A-Za-zÁÉÍÓÚÑáéíóúñü]{3,}")
UNMARKED_ATTRIBUTES = re.compile(r"\b(?:alt|title|placeholder|aria-label|content)=\"([^\"{]*)\"")
NOT_SENTENCES = {
    "Cuadra", "utf", "viewport", "light", "width", "device", "initial", "scale", "GeoJSON", "JSON", "CSV", "XLSX", "Atom", "noindex",
    "GeoPackage", "OGC", "API", "Features",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_sentence_of_a_template_is_marked(path):
    text = re.sub(r"<(code|pre|kbd)\b.*?</\1>", " ", outside_jinja(path.read_text()), flags=re.S)
    spoken = re.sub(r"<[^>]*>", " ", text) + " ".join(UNMARKED_ATTRIBUTES.findall(text))
    unmarked = sorted(set(WORDS.findall(re.sub(r"&\w+;", " ", spoken))) - NOT_SENTENCES)
    assert not unmarked, f"mark with _() or {{% trans %}}: {unmarked}"


SPANISH = re.compile(r"[áéíóúñ¿¡]|\b(el|la|los|las|una|que|para|por|con|del|usted)\b", re.IGNORECASE)
MARKERS = {"_", "lazy", "ngettext", "gettext"}


def test_every_sentence_of_a_module_is_marked():
    """Spanish in a string literal that no marker wraps. The command line and the demo speak Spanish by design."""
    wrong = []
    for path in MODULES:
        relative = path.relative_to(ROOT).as_posix()
        if relative.startswith(("app/cli/", "app/config.py", "territories/imports/")):
            continue
        tree = ast.parse(path.read_text())
        marked, docs = set(), set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS:
                marked |= {id(inner) for inner in ast.walk(node)}
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body:
                first = node.body[0]
                if isinstance(first, ast.Expr):
                    docs.add(id(first.value))
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in marked | docs
                and " " in node.value and len(SPANISH.findall(node.value)) >= 2
            ):
                wrong.append(f"{relative}:{node.lineno}: {node.value[:60]!r}")
    assert not wrong, "mark with _() or lazy():\n" + "\n".join(wrong)
