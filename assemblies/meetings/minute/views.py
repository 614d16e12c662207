"""The minutes: reviewed and sealed by whoever held the assembly, read by anybody."""

from __future__ import annotations

from datetime import date, datetime

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import get_locale

from app.core import paper, storage
from app.core.access import public, requires
from app.core.actors import current_actor
from app.core.errors import Refused
from app.core.i18n import SOURCE, force_locale
from app.core.labels import CAPACITIES, label
from app.core.links import assembly_path, whole
from app.core.permissions import Permission, can
from app.core.transaction import read_session, transaction
from assemblies.meetings import queries as meetings
from assemblies.meetings.hold.forms import Act
from assemblies.meetings.hold.queries import item_at
from assemblies.meetings.hold.sending import look, send
from assemblies.meetings.hold.services import keep_notes as keep_item_notes
from assemblies.meetings.minute import queries, services
from assemblies.meetings.minute.forms import AddendumForm, GeneralNotesForm, ItemNotesForm, SealForm
from models import Assembly, Minutes
from models.assembly import AgeBand, AssemblyKind, AssemblyState, Gender, ItemType, Method, Mode, Outcome
from models.people import Role

blueprint = Blueprint("minute", __name__, template_folder="templates")
SEAL = requires(Permission.MINUTES_SEAL, Permission.MINUTES_ADD)
WORK = "/work/assemblies/<folio>/minutes"


@blueprint.app_context_processor
def _readers() -> dict:
    """What turns the frozen content's plain values back into words and moments."""
    return {
        "minutes_words": WORDS, "instant": datetime.fromisoformat, "iso_day": date.fromisoformat, "theme_name": theme_name,
        "role_words": role_words,
    }


WORDS = {
    "kind": AssemblyKind, "mode": Mode, "type": ItemType, "method": Method, "outcome": Outcome, "gender": Gender, "age": AgeBand,
}


def role_words(role: str) -> str:
    """The words for the capacity of a convener: a role, or one that is no role."""
    return str(CAPACITIES[role]) if role in CAPACITIES else label(Role(role))


def theme_name(theme: dict[str, str]) -> str:
    """The name of a frozen theme in the page's language."""
    return theme.get(f"name_{get_locale().language}") or theme["name_es"]


@blueprint.get(WORK)
@SEAL
def review(folio: str):
    return _review(folio)


def _review(folio: str, sent_back: Act | None = None, status: int = 422, refused: str | None = None):
    assembly = look(folio, Permission.MINUTES_SEAL)
    session = read_session()
    if assembly.state is AssemblyState.CLOSED:
        return _added_to(assembly, sent_back)
    if assembly.state is not AssemblyState.HELD:
        return redirect(url_for("hold.session", folio=assembly.folio))
    content = queries.content_of(session, assembly)
    general = sent_back if isinstance(sent_back, GeneralNotesForm) else GeneralNotesForm.fresh(
        notes=assembly.notes, version=str(assembly.version)
    )
    notes = {item.position: ItemNotesForm.of(item, sent_back) for item in meetings.items_of(session, assembly.id)}
    html = render_template(
        "minute/review.html", assembly=assembly, minutes=content, general=general, notes=notes, refused=refused, wrong=sent_back,
        seal=SealForm(None, reviewed=queries.digest_of(content)), sent=request.args.get("sent"),
    )
    return html, status if sent_back or refused else 200


def _added_to(assembly: Assembly, sent_back: Act | None):
    session = read_session()
    form = sent_back if isinstance(sent_back, AddendumForm) else AddendumForm.fresh()
    html = render_template(
        "minute/closed.html", assembly=assembly, sealed=queries.sealed_of(session, assembly.id), form=form, sent=request.args.get("sent"),
        may_add=can(current_actor(), Permission.MINUTES_ADD, meetings.thing_of(session, assembly)),
    )
    return html, 422 if sent_back else 200


def _back(folio: str, anchor: str | None = None):
    return lambda: url_for("minute.review", folio=folio, _anchor=anchor)


@blueprint.post(f"{WORK}/items/<int:position>/notes")
@SEAL
def item_notes(folio: str, position: int):
    form = ItemNotesForm.read()
    if not form.validate():
        return _review(folio, form)

    def deed(session, assembly):
        item = item_at(session, assembly.id, position) or abort(404)
        keep_item_notes(
            session, actor=current_actor(), assembly=assembly, item=item, notes=form.notes.data or "", seen=form.seen,
            back=url_for("minute.review", folio=folio, dropped=form.client_id.data, _anchor=f"item-{position}"),
        )

    return send(folio, form, deed, to=_back(folio, f"item-{position}"))


@blueprint.post(f"{WORK}/notes")
@SEAL
def general_notes(folio: str):
    form = GeneralNotesForm.read()
    if not form.validate():
        return _review(folio, form)

    def deed(session, assembly):
        services.keep_notes(
            session, actor=current_actor(), assembly=assembly, notes=form.notes.data or "", seen=form.seen,
            back=url_for("minute.review", folio=folio, dropped=form.client_id.data, _anchor="general"),
        )

    return send(folio, form, deed, to=_back(folio, "general"))


@blueprint.post(f"{WORK}/seal")
@SEAL
def seal(folio: str):
    form = SealForm.read()
    if not form.validate():
        abort(422)
    made: list[Minutes] = []

    def deed(session, assembly):
        made.append(services.seal(session, actor=current_actor(), assembly=assembly, reviewed=form.reviewed.data or None))

    try:
        answer = send(folio, form, deed, to=_back(folio))
    except services.ChangedSince as no:
        return _review(folio, status=no.status, refused=no.sentence)
    if made:
        _put_on_paper(folio, made[0])
    return answer


def _put_on_paper(folio: str, minutes: Minutes) -> None:
    """After the commit, because making a PDF takes longer than anybody should wait for the ledger. If it
    fails the minutes are sealed all the same, and their PDF is made from the frozen content when asked for."""
    try:
        kept = storage.keep(_pdf(minutes))
    except paper.NoPaper:
        return
    with transaction() as session:
        services.keep_paper(session, minutes_id=minutes.id, pdf_sha256=kept)


def _pdf(minutes: Minutes) -> bytes:
    """The sealed original on paper, in the language of the record."""
    address = whole(f"/assemblies/{minutes.content['folio']}/minutes")
    with force_locale(SOURCE):
        return paper.pdf(
            render_template("minute/paper.html", minutes=minutes.content, sealed=minutes, address=address, qr=paper.qr(address))
        )


@blueprint.post(f"{WORK}/addenda")
@SEAL
def add(folio: str):
    form = AddendumForm.read()
    if not form.validate():
        return _review(folio, form)

    def deed(session, assembly):
        services.add(session, actor=current_actor(), assembly=assembly, text=form.text.data)

    try:
        return send(folio, form, deed, to=_back(folio, "addenda"))
    except Refused as no:
        form.text.errors = [no.sentence]
        return _review(folio, form)


def _sealed_or_404(folio: str) -> tuple[Assembly, queries.Sealed]:
    session = read_session()
    assembly = meetings.assembly_by_folio(session, folio) if len(folio) <= 40 else None
    sealed = queries.sealed_of(session, assembly.id) if assembly else None
    if sealed is None:
        abort(404)
    return assembly, sealed


@blueprint.get("/assemblies/<folio>/minutes")
@public
def page(folio: str):
    assembly, sealed = _sealed_or_404(folio)
    if folio != assembly.folio:
        return redirect(url_for("minute.page", folio=assembly.folio), 301)
    return render_template(
        "minute/page.html", assembly=assembly, minutes=sealed.minutes.content, sealed=sealed, assembly_path=assembly_path(assembly.folio)
    )


@blueprint.get("/assemblies/<folio>/minutes.pdf")
@public(localised=False)
def pdf(folio: str) -> Response:
    assembly, sealed = _sealed_or_404(folio)
    if folio != assembly.folio:
        return redirect(url_for("minute.pdf", folio=assembly.folio), 301)
    kept = sealed.minutes.pdf_sha256
    response = Response(storage.read(kept) if kept else _pdf(sealed.minutes), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=f"{assembly.folio}-acta.pdf")
    if kept:
        response.set_etag(kept)
    return response.make_conditional(request)
