"""An assembly as anybody sees it: when and where, then what came of it."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for

from app.core import clock, paper
from app.core.access import public
from app.core.links import assembly_path, whole
from app.core.transaction import read_session
from assemblies.meetings.calendar import calendar_of, vevent
from assemblies.meetings.public import linked
from assemblies.meetings.public.queries import Public, public_page
from assemblies.meetings.queries import assembly_by_folio
from models.assembly import Assembly, AssemblyState

blueprint = Blueprint("assembly", __name__, template_folder="templates")


def published_or_404(folio: str) -> Assembly:
    """A convocation that was made public; a draft is nobody's business yet."""
    assembly = assembly_by_folio(read_session(), folio) if len(folio) <= 40 else None
    if assembly is None or assembly.convened_at is None:
        abort(404)
    return assembly


def canonical(assembly: Assembly, folio: str):
    """A redirect to the folio as it is written, or None when it is already there."""
    return None if folio == assembly.folio else redirect(url_for(request.endpoint, folio=assembly.folio), 301)


@blueprint.get("/assemblies/<folio>")
@public(kept="minute")
def show(folio: str):
    assembly = published_or_404(folio)
    if moved := canonical(assembly, folio):
        return moved
    page = public_page(read_session(), assembly)
    ahead = assembly.state is AssemblyState.CONVENED and assembly.starts_at > clock.now()
    return render_template("assembly/show.html", page=page, assembly=assembly, ahead=ahead, instant=instant, linked=linked.event(page))


@blueprint.get("/assemblies/<folio>.ics")
@public(localised=False, kept="minute")
def calendar(folio: str):
    assembly = published_or_404(folio)
    page = public_page(read_session(), assembly)
    event = vevent(
        assembly, unit_name=assembly.unit.name, address=address_of(assembly), stamp=page.entries[-1].event.recorded_at
    )
    response = Response(calendar_of([event]), mimetype="text/calendar")
    response.headers.set("Content-Disposition", "inline", filename=f"{assembly.folio}.ics")
    return response


@blueprint.get("/assemblies/<folio>/notice.pdf")
@public(localised=False, kept="minute")
def notice(folio: str):
    assembly = published_or_404(folio)
    return paper.pdf_response(notice_html(public_page(read_session(), assembly)), f"{assembly.folio}.pdf")


def notice_html(page: Public) -> str:
    """The notice for the wall, as the document that paper is made of."""
    address = address_of(page.assembly)
    return render_template("assembly/notice.html", page=page, assembly=page.assembly, address=address, qr=paper.qr(address))


def address_of(assembly: Assembly) -> str:
    """The whole address of the public page, as a QR carries it."""
    return whole(assembly_path(assembly.folio))


def instant(text: str) -> datetime:
    """A moment as the ledger writes it."""
    return datetime.fromisoformat(text)
