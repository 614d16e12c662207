"""The register of personal data and its retention schedule, for whoever answers for them."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile

from flask import Blueprint, Flask, Response, abort, render_template, request, send_file

from app.admin.privacy import purge, queries
from app.core import clock, navigation, sheets
from app.core.access import requires
from app.core.actors import current_actor
from app.core.formatters import zone
from app.core.i18n import _, lazy
from app.core.listing import FORMATS
from app.core.permissions import Permission, may_somewhere
from app.core.transaction import read_session

blueprint = Blueprint("privacy", __name__, template_folder="templates")


def init_privacy(app: Flask) -> None:
    navigation.offer(app, "privacy.index", lazy("Datos personales"), Permission.PRIVACY_SEE, order=85, within=Permission.ADMIN_SEE)


@blueprint.get("/admin/privacy")
@requires(Permission.PRIVACY_SEE)
def index():
    session, wanted = read_session(), request.args.get("format")
    register = queries.register(session)
    if wanted:
        return _file(register, wanted) if wanted in FORMATS else abort(400)
    due = [(one, queries.kept_words(session, one.rule)) for one in purge.due(session)]
    return render_template(
        "privacy/index.html", register=register, due=due, may_answer=may_somewhere(current_actor(), Permission.REQUEST_ANSWER)
    )


def _file(register: list, form: str) -> Response:
    rows = (line.cells() for _use, lines in register for line in lines)
    out = SpooledTemporaryFile(max_size=2**20)  # noqa: SIM115 — the answer closes it once it is sent
    if form == "csv":
        sheets.write_csv(out, queries.header(), rows)
    else:
        sheets.write_xlsx(out, queries.header(), rows, name=_("Datos personales"))
    out.seek(0)
    return send_file(
        out, mimetype=sheets.CSV_TYPE if form == "csv" else sheets.XLSX_TYPE, as_attachment=True,
        download_name=f"datos-personales-{clock.today(zone().key).isoformat()}.{form}", etag=False,
    )
