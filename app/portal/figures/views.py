"""The figures of the municipality, each with how it is computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Blueprint, Response, render_template

from app.core import clock
from app.core.access import public
from app.core.formatters import zone
from app.core.sheets import CSV_TYPE, csv_line
from app.core.transaction import read_session
from app.portal.figures.queries import Figures, Line, figures
from app.portal.figures.trend import trend
from models.agreement import AgreementState
from models.assembly import AssemblyState

blueprint = Blueprint("figures", __name__, template_folder="templates")
# Once convened; held and closed are one figure, and who is in session will be.
AHEAD = (AssemblyState.CONVENED, AssemblyState.IN_SESSION)
MONTH_COLUMNS = ("month", "assemblies_held", "agreements_made", "agreements_verified")


def _figures() -> tuple[Figures, str]:
    today = clock.today(zone().key)
    return figures(read_session(), today, zone()), today


@blueprint.get("/figures")
@public
def page():
    now, today = _figures()
    series = {name: trend([getattr(month, name) for month in now.months]) for name in ("held", "made", "verified")} if now.months else {}
    return render_template(
        "figures/figures.html", now=now, today=today, states=list(AgreementState), ahead=AHEAD, trends=series,
    )


@blueprint.get("/figures.csv")
@public(localised=False)
def units() -> Response:
    now, today = _figures()
    rows = [_row(line) | {"date": today.isoformat()} for line in ([now.whole, *now.lines] if now.whole else [])]
    names = list(rows[0]) if rows else ["unit", "name"]
    return _file([names, *[[row[name] for name in names] for row in rows]], "figures.csv")


@blueprint.get("/figures/months.csv")
@public(localised=False)
def months() -> Response:
    now, _today = _figures()
    lines = [[month.first_day.strftime("%Y-%m"), month.held, month.made, month.verified] for month in now.months]
    return _file([MONTH_COLUMNS, *lines], "months.csv")


def _row(line: Line) -> dict[str, object]:
    first, current = line.shares.first, line.shares.current
    return {
        "unit": line.code, "name": line.name, "level": str(line.role), "blocks_met": line.coverage.met, "blocks": line.coverage.of,
        "kept_first": first.kept, "of_first": first.of, "kept_current": current.kept, "of_current": current.of,
        "late": line.tally.late, "owed": line.tally.owed, "agreements": line.tally.all,
        **{str(state): line.tally.by_state.get(state, 0) for state in AgreementState},
        "liaisons": line.liaisons, "assemblies_held": line.held,
        "assemblies_ahead": sum(line.assemblies.get(state, 0) for state in AHEAD),
        "assemblies_cancelled": line.assemblies.get(AssemblyState.CANCELLED, 0),
        "assemblies_not_held": line.assemblies.get(AssemblyState.NOT_HELD, 0),
    }


def _file(rows: Iterable[Sequence[object]], name: str) -> Response:
    response = Response("".join(csv_line(row) for row in rows), content_type=CSV_TYPE)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
