"""The moderation queue."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, render_template, request, url_for
from sqlalchemy.exc import NoResultFound
from wtforms import StringField
from wtforms.validators import AnyOf, Length

from agendas.agreements.moderation import services
from agendas.agreements.moderation.queries import queue
from app.core import navigation
from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Refused
from app.core.forms import Form
from app.core.i18n import lazy
from app.core.idempotency import Answer, once
from app.core.pagination import BadCursor
from app.core.permissions import Permission
from app.core.transaction import read_session

blueprint = Blueprint("moderation", __name__, template_folder="../templates")
MODERATES = requires(Permission.TEXT_MODERATE)


def init_moderation(app: Flask) -> None:
    navigation.offer(
        app, "moderation.index", lazy("Textos y fotos por revisar"), Permission.TEXT_MODERATE, order=60, within=Permission.ADMIN_SEE
    )


class VerdictForm(Form):
    verdict = StringField(validators=[AnyOf(["publish", "hide"])])
    reason = StringField(lazy("Razón (si se oculta)"), [Length(max=300, message=lazy("Use menos de 300 letras."))])


@blueprint.get("/work/moderation")
@MODERATES
def index():
    return _page()


@blueprint.post("/work/moderation/texts/<int:text_id>")
@MODERATES
def text(text_id: int):
    return _judge(lambda session, facts: services.moderate_text(session, text_id=text_id, **facts), f"t{text_id}")


@blueprint.post("/work/moderation/photos/<int:evidence_id>")
@MODERATES
def photo(evidence_id: int):
    return _judge(lambda session, facts: services.moderate_photo(session, evidence_id=evidence_id, **facts), f"p{evidence_id}")


def _judge(moderate, what: str):
    form, actor = VerdictForm.read(), current_actor()
    if not form.validate():
        return _page(form, what, 422)

    def act(session) -> Answer:
        moderate(session, {"actor": actor, "hide": form.verdict.data == "hide", "reason": form.reason.data or ""})
        return Answer(location=url_for(".index"))

    try:
        return once(
            actor_key=actor.key, client_id=form.client_id.data, body={**form.fingerprint(), "what": what}, act=act
        ).response()
    except NoResultFound:
        abort(404)
    except Refused as no:
        form.reason.errors = [no.sentence]
        return _page(form, what, no.status)


def _page(form: VerdictForm | None = None, about: str = "", status: int = 200):
    """The queue; ``about`` names the piece whose form came back with an error."""
    if form is not None:
        # The page has a form for each piece: the summary of errors leads to the one that came back.
        form.reason.id = f"reason-{about}"
    try:
        page = queue(read_session(), cursor=request.args.get("cursor"))
    except BadCursor:
        abort(400)
    return render_template(
        "agreements/moderation.html", page=page, new=lambda: VerdictForm(), sent=form, about=about
    ), status
