"""The library as whoever keeps it works on it."""

from __future__ import annotations

from datetime import date, datetime

from flask import Blueprint, Flask, abort, render_template, request, url_for

from app.core import listing as lists
from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Misfit
from app.core.forms import Form
from app.core.i18n import _, lazy
from app.core.idempotency import Answer, once
from app.core.navigation import offer
from app.core.permissions import Permission, Thing, can
from app.core.transaction import read_session
from app.core.uploads import Accepted, Unacceptable, receive
from models import Document, TerritorialUnit
from models.settings import setting
from models.territory import path_of
from territories.documents import queries, services
from territories.documents.forms import DocumentWords, NewDocument, WithdrawForm
from territories.documents.views import served
from territories.subjects import find_subject

blueprint = Blueprint("library", __name__, template_folder="templates", url_prefix="/work/documents")
KEEPS = requires(Permission.DOCUMENT_ADD)


def init_documents(app: Flask) -> None:
    offer(app, "library.index", lazy("Documentos"), Permission.DOCUMENT_ADD, order=40)


def shelf() -> lists.Listing:
    """The documents of one's reach, the latest added first."""
    return lists.Listing(
        name="documents", title=_("Documentos"), sort="-added", tie=Document.id,
        empty=_("Todavía no hay documentos aquí. Agregue el primero: un acta escaneada, un folleto, un video."),
        columns=(
            lists.Column(
                "title", _("Título"), lambda row: row.Document.title, sort=lists.Sort(Document.title),
                link=lambda row: url_for("library.edit", document_id=row.Document.id),
            ),
            lists.Column("unit", _("Lugar"), lambda row: row.TerritorialUnit.name, sort=lists.Sort(TerritorialUnit.name)),
            lists.Column("dated", _("Fecha"), lambda row: row.Document.dated_on, sort=lists.Sort(Document.dated_on, date, descending=True)),
            lists.Column("language", _("Lengua"), lambda row: row.Document.language),
            lists.Column(
                "added", _("Agregado"), lambda row: row.Document.added_at,
                sort=lists.Sort(Document.added_at, datetime, descending=True),
            ),
            lists.Column("seen", _("A la vista"), lambda row: row.Document.withdrawn_at is None),
        ),
        filters=(
            lists.Flag("withdrawn", _("Solo los retirados"), lambda query: query.where(Document.withdrawn_at.is_not(None))),
        ),
    )


@blueprint.get("")
@KEEPS
def index():
    return lists.respond("documents/index.html", shelf(), queries.in_reach(current_actor()))


@blueprint.route("/new", methods=["GET", "POST"])
@KEEPS
def new():
    form = NewDocument.read(about=request.args.get("about", "")[:60])
    form.offer_languages()
    if request.method == "POST" and form.validate():
        try:
            return _add(form)
        except Misfit as wrong:
            form[wrong.field].errors = [wrong.sentence]
        except Unacceptable as wrong:
            form.file.errors = [wrong.sentence]
    session = read_session()
    return render_template(
        "documents/new.html", form=form, hosts=setting(session, "media_hosts"),
        subject=find_subject(session, form.about.data) if form.about.data else None,
    ), 422 if form.errors or request.method == "POST" else 200


def _add(form: NewDocument):
    actor, kept = current_actor(), _file(form)

    def act(session) -> Answer:
        subject = find_subject(session, form.about.data)
        if subject is None:
            raise Misfit("about", _("No encontramos ese folio ni esa clave."))
        document = services.add(
            session, actor=actor, subject=subject, draft=form.draft(), file=kept, link=form.link.data
        )
        return Answer(url_for("library.edit", document_id=document.id, saved=1))

    body = {**form.fingerprint(), "file": None if kept is None else len(kept.content)}
    return once(actor_key=actor.key, client_id=form.client_id.data, body=body, act=act).response()


def _file(form: NewDocument) -> Accepted | None:
    """Raises Unacceptable."""
    sent = form.file.data
    return receive(sent.stream, sent.filename) if sent and sent.filename else None


def _mine_or_404(session, document_id: int, *, lock: bool = False) -> Document:
    document = queries.find(session, document_id, lock=lock)
    if document is None or not _may(session, document, Permission.DOCUMENT_ADD):
        abort(404)
    return document


def _may(session, document: Document, permission: Permission) -> bool:
    return can(current_actor(), permission, Thing(path=path_of(session, document.unit_id), unit_id=document.unit_id))


@blueprint.route("/<int:document_id>", methods=["GET", "POST"])
@KEEPS
def edit(document_id: int):
    session, actor = read_session(), current_actor()
    document = _mine_or_404(session, document_id)
    form = DocumentWords.read(document)
    form.offer_languages()
    if request.method == "POST" and form.validate():

        def act(writing) -> Answer:
            services.correct(
                writing, actor=actor, document=_mine_or_404(writing, document_id, lock=True), draft=form.draft(),
                seen=form.version.data, back=url_for("library.edit", document_id=document_id),
            )
            return Answer(url_for("library.edit", document_id=document_id, saved=1))

        try:
            return _once(form, document_id, act)
        except Misfit as wrong:
            form[wrong.field].errors = [wrong.sentence]
    return render_template(
        "documents/edit.html", form=form, document=document, subject=queries.subject_of(document),
        may_withdraw=_may(session, document, Permission.DOCUMENT_WITHDRAW), saved=request.args.get("saved") == "1", plain=Form(),
    ), 422 if form.errors else 200


@blueprint.get("/<int:document_id>/file")
@KEEPS
def file(document_id: int):
    """What was withdrawn too, for whoever decides whether to bring it back."""
    document = _mine_or_404(read_session(), document_id)
    return served(document) if document.sha256 is not None else abort(404)


@blueprint.route("/<int:document_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_WITHDRAW)
def withdraw(document_id: int):
    form, actor = WithdrawForm.read(), current_actor()
    document = _mine_or_404(read_session(), document_id)
    if request.method == "POST" and form.validate():

        def act(writing) -> Answer:
            services.withdraw(
                writing, actor=actor, document=_mine_or_404(writing, document_id, lock=True), reason=form.reason.data
            )
            return Answer(url_for("library.edit", document_id=document_id, saved=1))

        return _once(form, document_id, act)
    return render_template("documents/withdraw.html", form=form, document=document), 422 if form.errors else 200


@blueprint.post("/<int:document_id>/restore")
@requires(Permission.DOCUMENT_WITHDRAW)
def restore(document_id: int):
    form, actor = Form.read(), current_actor()
    if not form.validate():
        abort(400)

    def act(writing) -> Answer:
        services.restore(writing, actor=actor, document=_mine_or_404(writing, document_id, lock=True))
        return Answer(url_for("library.edit", document_id=document_id, saved=1))

    return _once(form, document_id, act)


def _once(form: Form, document_id: int, act):
    body = {**form.fingerprint(), "document": document_id, "page": request.path}
    return once(actor_key=current_actor().key, client_id=form.client_id.data, body=body, act=act).response()
