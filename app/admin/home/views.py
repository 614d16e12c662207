"""The door of the administration: what needs attention, then every matter."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Flask, render_template, url_for

from app.admin.home import queries
from app.core import clock, navigation
from app.core.access import requires
from app.core.actors import current_actor
from app.core.formatters import number, zone
from app.core.i18n import _, lazy
from app.core.permissions import Permission, may_somewhere
from app.core.transaction import read_session

blueprint = Blueprint("admin", __name__, template_folder="templates")


def init_admin(app: Flask) -> None:
    navigation.offer(app, "admin.index", lazy("Administración"), Permission.ADMIN_SEE, order=80)


@dataclass(frozen=True)
class Matter:
    """One thing to look after: where it is, what it is for, and how many there are (empty: not counted)."""

    title: str
    hint: str
    url: str
    count: str = ""


@dataclass(frozen=True)
class Alarm:
    words: str
    url: str
    do: str


@blueprint.get("/admin")
@requires(Permission.ADMIN_SEE)
def index():
    counts = queries.counts(read_session(), clock.today(zone().key))
    return render_template("admin/home.html", alarms=_alarms(counts), matters=_matters(counts))


def _alarms(counts: queries.Counts) -> list[Alarm]:
    """Only those that ring, and only to whoever may do something about them."""
    actor, found = current_actor(), []

    def ring(permission: Permission, many: int, words: str, url: str, do: str) -> None:
        if many and may_somewhere(actor, permission):
            found.append(Alarm(words, url, do))

    return found


def _matters(counts: queries.Counts) -> list[Matter]:
    actor = current_actor()
    every = (
        (
            Permission.STAGE_RECORD,
            Matter(_("Etapas y fases"), _("Dónde va el proceso de cada territorio, y las fases del programa."), url_for("stages.index")),
        ),
        (
            Permission.THEME_EDIT,
            Matter(_("Temas"), _("De qué se habla: agregar, renombrar, unir, reservar."), url_for("themes.index"), number(counts.themes)),
        ),
    )
    return [matter for permission, matter in every if may_somewhere(actor, permission)]
