"""Reviewing, sealing and adding to the minutes."""

from __future__ import annotations

from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.i18n import lazy
from assemblies.meetings.hold.forms import Act, NotesForm


def _stripped(value: str | None) -> str | None:
    return value.strip() if isinstance(value, str) else value


class ItemNotesForm(NotesForm):
    """Notes of one item on the review page; ``position`` says which."""

    name = "item-notes"
    position = HiddenField()

    @classmethod
    def of(cls, item, sent_back: Act | None = None) -> ItemNotesForm:
        """The form of one item: what was sent back or set aside if it was about it, else what is saved."""
        form = sent_back if isinstance(sent_back, cls) else cls.fresh()
        if form.position.data != str(item.position):
            form = cls(None, position=str(item.position), notes=item.notes, version=str(item.version))
        form.notes.id = f"notes-{item.position}"
        return form


class GeneralNotesForm(Act):
    name = "general-notes"
    notes = TextAreaField(lazy("Notas generales"), id="general-notes", filters=[_stripped], validators=[Length(max=8000)])
    version = HiddenField(default="1")

    @property
    def seen(self) -> int | None:
        return int(self.version.data) if (self.version.data or "").isdigit() else None


class SealForm(Act):
    name = "seal"
    reviewed = HiddenField()


class AddendumForm(Act):
    name = "addendum"
    text = TextAreaField(
        lazy("Adenda"), id="addendum-text", filters=[_stripped],
        validators=[DataRequired(lazy("Escriba qué se agrega o se corrige.")), Length(max=4000)],
    )
