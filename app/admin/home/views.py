"""The door of the administration: what needs attention, then every matter."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Flask, render_template, url_for

from app.admin.home import queries
from app.core import clock, navigation
from app.core.access import requires
from app.core.actors import current_actor
from app.core.formatters import number, zone
from app.core.i18n import _, lazy, ngettext
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

    ring(
        Permission.ADMIN_SEE, counts.without_lead,
        ngettext("%(num)s territorio no tiene responsable.", "%(num)s territorios no tienen responsable.", counts.without_lead),
        url_for("people.leads", lead="missing"), _("Ver cuáles"),
    )
    ring(
        Permission.ADMIN_SEE, counts.leads_ending,
        ngettext(
            "%(num)s responsable termina en los próximos 30 días.", "%(num)s responsables terminan en los próximos 30 días.",
            counts.leads_ending,
        ),
        url_for("people.leads", lead="ending"), _("Nombrar a quien sigue"),
    )
    ring(
        Permission.BODY_EDIT, counts.bodies_unanswered,
        ngettext(
            "%(num)s área debe acuerdos y nadie responde por ella.", "%(num)s áreas deben acuerdos y nadie responde por ellas.",
            counts.bodies_unanswered,
        ),
        url_for("bodies.index", state="unanswered", kind="area"), _("Nombrar un punto focal"),
    )
    ring(
        Permission.ROLE_GRANT, counts.resets_waiting,
        ngettext("%(num)s persona espera un enlace para entrar.", "%(num)s personas esperan un enlace para entrar.", counts.resets_waiting),
        url_for("people.index", account="asked"), _("Darles su enlace"),
    )
    ring(
        Permission.ROLE_GRANT, counts.accounts_without_role,
        ngettext("%(num)s cuenta activa no tiene cargo.", "%(num)s cuentas activas no tienen cargo.", counts.accounts_without_role),
        url_for("people.index", role="none"), _("Darles un cargo o cerrarlas"),
    )
    ring(
        Permission.REQUEST_ANSWER, counts.requests_late,
        ngettext(
            "%(num)s solicitud sobre datos personales venció sin respuesta.",
            "%(num)s solicitudes sobre datos personales vencieron sin respuesta.", counts.requests_late,
        ),
        url_for("requests.index", state="late"), _("Responderlas"),
    )
    waiting = counts.texts_waiting + counts.photos_waiting
    ring(
        Permission.TEXT_MODERATE, waiting,
        ngettext("%(num)s texto o foto espera revisión.", "%(num)s textos o fotos esperan revisión.", waiting),
        url_for("moderation.index"), _("Revisarlos"),
    )
    return found


def _matters(counts: queries.Counts) -> list[Matter]:
    actor = current_actor()
    every = (
        (
            Permission.ROLE_GRANT,
            Matter(
                _("Personas y cargos"), _("Invitar, dar y terminar cargos, entregar enlaces, cerrar cuentas."), url_for("people.index"),
                number(counts.people),
            ),
        ),
        (
            Permission.ADMIN_SEE,
            Matter(_("Responsables de territorio"), _("Quién responde por cada territorio, y desde cuándo."), url_for("people.leads")),
        ),
        (
            Permission.BODY_EDIT,
            Matter(
                _("Instancias"), _("Quién puede deber o responder, y los puntos focales de las que no tienen usuarios."),
                url_for("bodies.index"), number(counts.bodies),
            ),
        ),
        (
            Permission.STAGE_RECORD,
            Matter(_("Etapas y fases"), _("Dónde va el proceso de cada territorio, y las fases del programa."), url_for("stages.index")),
        ),
        (
            Permission.PRIORITY_EDIT,
            Matter(
                _("Dónde empezar"), _("Qué unidades quedan primero según los indicadores, con su porqué a la vista."),
                url_for("choose.index"),
            ),
        ),
        (
            Permission.UNITS_RESHAPE,
            Matter(
                _("Unidades y límites"), _("Corregir un límite, dividir, unir y retirar unidades, con su historia."),
                url_for("reshape.index"),
            ),
        ),
        (
            Permission.UNITS_IMPORT,
            Matter(
                _("Importar"), _("Unidades, instancias, personas, asambleas y acuerdos que ya existen en otra parte."),
                url_for("imports.index"),
            ),
        ),
        (
            Permission.INDICATOR_EDIT,
            Matter(_("Indicadores"), _("Qué se mide de cada unidad, con qué fuente y cómo se suma."), url_for("indicator_admin.index")),
        ),
        (
            Permission.THEME_EDIT,
            Matter(_("Temas"), _("De qué se habla: agregar, renombrar, unir, reservar."), url_for("themes.index"), number(counts.themes)),
        ),
    )
    every += (
        (
            Permission.SETTING_CHANGE,
            Matter(
                _("Ajustes"), _("Nombre, idiomas y zona horaria; umbrales y avisos; logotipo y colores; aviso de privacidad."),
                url_for("settings.index"),
            ),
        ),
        (
            Permission.SETTING_CHANGE,
            Matter(_("Niveles del territorio"), _("Cómo se llama cada nivel."), url_for("levels.index")),
        ),
        (
            Permission.PRIVACY_SEE,
            Matter(_("Datos personales"), _("Qué guardamos de cada persona, y hasta cuándo."), url_for("privacy.index")),
        ),
        (
            Permission.TEXT_MODERATE,
            Matter(
                _("Textos y fotos por revisar"), _("Lo que espera una mirada antes de publicarse."), url_for("moderation.index"),
                number(counts.texts_waiting + counts.photos_waiting),
            ),
        ),
    )
    return [matter for permission, matter in every if may_somewhere(actor, permission)]
