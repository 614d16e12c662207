"""Slips of an assembly: issue, print, forget the codes, void."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request, url_for

from app.core import clock, paper
from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Refused
from app.core.i18n import _
from app.core.links import whole
from app.core.permissions import Permission
from app.core.transaction import read_session
from assemblies.meetings.hold.forms import Act
from assemblies.meetings.hold.queries import count_of, slips_out
from assemblies.meetings.hold.sending import look, send
from assemblies.meetings.slips import queries, services
from assemblies.meetings.slips.forms import IssueForm
from models import Assembly, SlipBatch

blueprint = Blueprint("slips", __name__, template_folder="templates", url_prefix="/work/assemblies/<folio>/slips")
ISSUE = requires(Permission.SLIPS_ISSUE)


@blueprint.get("")
@ISSUE
def page(folio: str):
    return _page(folio)


def _page(folio: str, form: IssueForm | None = None):
    assembly = look(folio, Permission.SLIPS_ISSUE)
    session = read_session()
    people, out = count_of(session, assembly.id).people, slips_out(session, assembly.id)
    html = render_template(
        "slips/page.html", assembly=assembly, people=people, out=out, batches=queries.batches_of(session, assembly.id), plain=Act(),
        form=form or IssueForm.fresh(count=max(people - out, 0)), readable=lambda batch: queries.readable(batch, clock.now()),
        sent=request.args.get("sent"),
    )
    return html, 422 if form else 200


@blueprint.post("")
@ISSUE
def issue(folio: str):
    form = IssueForm.read()
    if not form.validate():
        return _page(folio, form)

    def deed(session, assembly):
        services.issue(session, actor=current_actor(), assembly=assembly, count=form.count.data, occurred_at=form.moment)

    try:
        return send(folio, form, deed, to=lambda: url_for("slips.page", folio=folio))
    except Refused as no:
        form.count.errors = [no.sentence]
        return _page(folio, form)


def _sheet_or_404(folio: str, number: int) -> tuple[Assembly, SlipBatch, queries.Sheet]:
    assembly = look(folio, Permission.SLIPS_ISSUE)
    session = read_session()
    batch = queries.batch_of(session, assembly, number) or abort(404)
    sheet = queries.sheet_of(session, assembly, batch)
    if sheet is None:
        raise Refused(_("Las claves de este lote ya se borraron. Si se perdieron las papeletas, anúlelo y entregue otras."), 410)
    return assembly, batch, sheet


@blueprint.get("/<int:number>/sheet")
@ISSUE
def sheet(folio: str, number: int):
    assembly, batch, found = _sheet_or_404(folio, number)
    return render_template("slips/codes.html", assembly=assembly, batch=batch, sheet=found, plain=Act())


@blueprint.get("/<int:number>/sheet.pdf")
@ISSUE
def sheet_pdf(folio: str, number: int) -> Response:
    assembly, batch, found = _sheet_or_404(folio, number)
    place = whole(f"/t/{assembly.unit.code}")
    # The code travels in the fragment, which browsers keep to themselves: no server log ever holds it.
    slips = [(serial, code, paper.qr(f"{place}#papeleta={code}")) for serial, code in enumerate(found.codes, 1)]
    html = render_template("slips/sheet.html", assembly=assembly, batch=batch, sheet=found, slips=slips, place=place)
    return paper.pdf_response(html, f"papeletas-{assembly.folio}-{batch.id}.pdf", secret=True)


@blueprint.post("/<int:number>/printed")
@ISSUE
def printed(folio: str, number: int):
    form = _act()

    def deed(session, assembly):
        batch = queries.batch_of(session, assembly, number, lock=True) or abort(404)
        services.printed(session, actor=current_actor(), assembly=assembly, batch=batch)

    return send(folio, form, deed, to=lambda: url_for("slips.page", folio=folio))


@blueprint.post("/<int:number>/void")
@ISSUE
def void(folio: str, number: int):
    form = _act()

    def deed(session, assembly):
        batch = queries.batch_of(session, assembly, number, lock=True) or abort(404)
        services.void(session, actor=current_actor(), assembly=assembly, batch=batch, occurred_at=form.moment)

    return send(folio, form, deed, to=lambda: url_for("slips.page", folio=folio))


def _act() -> Act:
    form = Act.read()
    if not form.validate():
        abort(422)
    return form
