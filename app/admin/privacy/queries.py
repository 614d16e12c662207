"""The register as people read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.admin.privacy.retention import RULES, Rule
from app.core.i18n import _, ngettext
from app.core.personal import TREATMENTS, Entry, Form, Treatment, entries
from models.settings import setting

BY_KEY = {rule.key: rule for rule in RULES}


@dataclass(frozen=True)
class Line:
    """A line of the register: one column, how long it is kept and how, in words."""

    entry: Entry
    kept: str
    form: str
    shown: str
    basis: str

    def cells(self) -> list[str]:
        entry, use = self.entry, self.entry.treatment
        return [
            str(use.words), entry.table, entry.column, str(entry.personal.what), str(use.whose), str(use.purpose), self.basis, self.kept,
            self.form, self.shown, str(use.recipients),
        ]


def header() -> list[str]:
    return [
        _("Uso"), _("Tabla"), _("Columna"), _("Dato"), _("De quién"), _("Para qué"), _("En qué ley se funda"), _("Cuánto se guarda"),
        _("Cómo se guarda"), _("Se publica"), _("Quién lo recibe"),
    ]


def register(session: Session) -> list[tuple[Treatment, list[Line]]]:
    """Every treatment with its lines; the settings are read once."""
    lines = list(_lines(session))
    return [(use, [line for line in lines if line.entry.personal.treatment == key]) for key, use in TREATMENTS.items()]


def _lines(session: Session) -> Iterator[Line]:
    forms = {
        Form.PLAIN: _("Legible"), Form.ENCRYPTED: _("Cifrado"), Form.DIGEST: _("Como huella, que no permite saber quién es"),
        Form.TOTAL: _("Solo como total"),
    }
    for entry in entries():
        personal = entry.personal
        rule = BY_KEY[personal.rule] if personal.rule else None
        yield Line(
            entry, kept_words(session, rule) if rule else _("Mientras exista aquello a lo que pertenece"), forms[personal.form],
            str(personal.open_when) if personal.open_when else _("Nunca"), setting(session, entry.treatment.basis),
        )


def kept_words(session: Session, rule: Rule) -> str:
    """How long a rule keeps: "30 days after it ended"."""
    days = rule.days if isinstance(rule.days, int) else setting(session, rule.days)
    return f"{ngettext('%(num)s día', '%(num)s días', days)} {rule.since}"
