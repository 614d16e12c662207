"""The pages of an import: choose, bring the file, match its columns, see every row, confirm, watch, read the record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Blueprint, Flask, Response, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from app.admin.imports import lists, naming, queries, services, work
from app.admin.imports.forms import ConfirmForm, FileForm, StepForm
from app.admin.imports.kinds import UNITS, Kind, kind_named, kinds
from app.admin.imports.plans import Unusable
from app.core import navigation, progress
from app.core.access import requires
from app.core.actors import current_actor
from app.core.errors import Misfit, Refused
from app.core.forms import Versioned
from app.core.i18n import _, language, lazy
from app.core.idempotency import Answer, once
from app.core.listing import respond
from app.core.permissions import Denied, Permission, can
from app.core.transaction import read_session
from models.intake import ImportRun, RunState

blueprint = Blueprint("imports", __name__, template_folder="templates")
# Of some kind at least; each page asks for that of its own.
ANY = (Permission.UNITS_IMPORT, Permission.TABLES_IMPORT, Permission.ROLE_GRANT)
# The largest file of any kind, what may come along, and the form around them.
MOST_SENT = UNITS.most_bytes + services.MOST_COMPANION
# Seconds after which a job that nobody took means that no worker runs.
NOBODY_TOOK_IT = 20
# Seconds of silence after which its worker may be dead.
SILENT = 25
STEPS = {
    "reading": lazy("Leyendo el archivo"), "placing": lazy("Ubicando"), "comparing": lazy("Comparando con lo que hay"),
    "checking": lazy("Revisando renglones"), "planning": lazy("Preparando la revisión"), "keeping": lazy("Guardando la revisión"),
    "writing": lazy("Escribiendo"),
}  # fmt: skip


def init_imports(app: Flask) -> None:
    navigation.offer(app, "imports.index", lazy("Importar"), Permission.UNITS_IMPORT, order=70, within=Permission.ADMIN_SEE)
    work.take_jobs()


@blueprint.get("/staff/import")
@requires(*ANY)
def index():
    mine = [kind for kind in kinds() if _may(kind)]
    return respond("imports/index.html", lists.runs(mine), queries.runs([kind.slug for kind in mine]), kinds=mine)


@blueprint.get("/staff/import/new/<slug>")
@requires(*ANY)
def new(slug: str):
    kind = _kind(slug)
    return render_template("imports/new.html", kind=kind, form=FileForm.read())


@blueprint.get("/staff/import/new/<slug>/template")
@requires(*ANY)
def template(slug: str):
    kind = _kind(slug)
    content, mimetype = kind.template()
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{kind.template_name}"'})


@blueprint.post("/staff/import/new/<slug>")
@requires(*ANY, body_bytes=MOST_SENT)
def bring(slug: str):
    kind, form, actor = _kind(slug), FileForm.read(), current_actor()
    sent = form.file.data
    if not sent or not sent.filename:
        form.validate()
        form.file.errors = [_("Elija un archivo.")]
        return render_template("imports/new.html", kind=kind, form=form), 422
    if not form.validate():
        return render_template("imports/new.html", kind=kind, form=form), 422
    options = {"layer": form.layer.data} if form.layer.data else {}
    with TemporaryDirectory(prefix="cuadra-import-") as folder:
        path = Path(folder) / services.clean_name(sent.filename)
        sent.save(path)
        also = form.companion.data if kind.companion else None
        companion = Path(folder) / ".companion.zip" if also and also.filename else None
        if companion:
            also.save(companion)
        try:
            sha256 = services.look_at_once(kind, path, options, companion)
        except Unusable as wrong:
            form.file.errors = [str(wrong)]
            return render_template("imports/new.html", kind=kind, form=form), 422

        def act(session: Session) -> Answer:
            run = services.start(
                session, actor=actor, kind=kind, path=path, sha256=sha256, options=options, language=language(), companion=companion
            )
            return Answer(location=url_for(".show", run_id=run.id))

        body = {**form.fingerprint(), "file": sha256, "kind": kind.slug}
        return once(actor_key=actor.key, client_id=form.client_id.data, body=body, act=act).response()


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge):
    """What was being sent is too large to be looked at, form and all."""
    if current_actor() is None or request.endpoint != "imports.bring":
        raise Refused(_("Lo que envió es demasiado grande."), 413)
    kind, form = _kind(request.view_args["slug"]), FileForm()
    form.file.errors = [_("El archivo pesa más de %(limit)s MB. Divídalo en partes.", limit=kind.most_bytes // services.MB)]
    return render_template("imports/new.html", kind=kind, form=form), 413


@blueprint.get("/staff/import/<int:run_id>")
@requires(*ANY)
def show(run_id: int):
    """Where the import is: the worker's progress, the step that waits for a person, or how it ended."""
    run = _run(run_id)
    if run.state is RunState.UPLOADED:
        return redirect(url_for(f".{run.step}", run_id=run.id))
    session = read_session()
    if run.state in (RunState.QUEUED, RunState.RUNNING):
        reached = progress.reached(services.progress_key(run.id))
        waiting = run.state is RunState.QUEUED and services.waits_since(session) > NOBODY_TOOK_IT
        return render_template(
            "imports/progress.html", run=run, reached=reached, steps=STEPS, waiting=waiting, form=_step(run),
            silent=reached is not None and reached.age > SILENT, **_about(run),
        )
    seen = queries.map_of(session, run, at_most=queries.NAMED) if run.state is RunState.DONE else None
    return render_template("imports/ended.html", run=run, form=_step(run), drawn=seen, **_about(run))


@blueprint.get("/staff/import/<int:run_id>/columns")
@requires(*ANY)
def columns(run_id: int):
    run = _run(run_id)
    return _columns(run, _columns_form(run)) if run.state is RunState.UPLOADED else _back(run)


@blueprint.post("/staff/import/<int:run_id>/columns")
@requires(*ANY)
def match(run_id: int):
    run, actor = _run(run_id), current_actor()
    if not (run.plan or {}).get("look"):
        return _back(run)
    form = _columns_form(run)
    if not form.validate():
        return _columns(run, form), 422
    options = {**{name: run.options[name] for name in ("layer",) if name in run.options}, **form.options()}
    return _act(run, form, lambda session: services.match(
        session, actor=actor, run_id=run.id, seen=form.version.data, options=options, back=url_for(".show", run_id=run.id)
    ))  # fmt: skip


@blueprint.get("/staff/import/<int:run_id>/preview")
@requires(*ANY)
def preview(run_id: int):
    run = _run(run_id)
    if (run.plan or {}).get("counts") is None or run.state is RunState.DISCARDED:
        return _back(run)
    return _preview(run, ConfirmForm.read(version=run.version))


@blueprint.post("/staff/import/<int:run_id>/preview")
@requires(*ANY)
def confirm(run_id: int):
    run, actor, form = _run(run_id), current_actor(), ConfirmForm.read()
    if not form.validate():
        abort(400)
    try:
        return _act(run, form, lambda session: services.confirm(
            session, actor=actor, run_id=run.id, seen=form.version.data, skip_rejected=form.skip_rejected.data,
            back=url_for(".show", run_id=run.id),
        ))  # fmt: skip
    except services.NotSkipped as no:
        form.skip_rejected.errors = [no.sentence]
        return _preview(run, form), 422


@blueprint.get("/staff/import/<int:run_id>/names")
@requires(*ANY)
def names(run_id: int):
    """The names of its rows that nobody could tell without asking."""
    run = _run(run_id)
    if run.state is not RunState.UPLOADED or not ((run.plan or {}).get("facts") or {}).get("questions"):
        return _back(run)
    return _names(run, naming.form_of(run))


@blueprint.post("/staff/import/<int:run_id>/names")
@requires(*ANY)
def settle(run_id: int):
    run, actor = _run(run_id), current_actor()
    if not ((run.plan or {}).get("facts") or {}).get("questions"):
        return _back(run)
    form = naming.form_of(run)
    if not form.validate():
        return _names(run, form), 422
    try:
        return _act(run, form, lambda session: naming.settle(
            session, actor=actor, run_id=run.id, seen=form.version.data, answers=form.answers(), back=url_for(".show", run_id=run.id)
        ))  # fmt: skip
    except Misfit as no:
        form.refuse_code(no.field, no.sentence)
        return _names(run, form), 422


@blueprint.get("/staff/import/<int:run_id>/map")
@requires(*ANY)
def drawing(run_id: int):
    run = _run(run_id)
    return render_template("imports/map.html", run=run, drawn=queries.map_of(read_session(), run), **_about(run))


@blueprint.post("/staff/import/<int:run_id>/again")
@requires(*ANY)
def again(run_id: int):
    return _stepped(run_id, services.again)


@blueprint.post("/staff/import/<int:run_id>/discard")
@requires(*ANY)
def discard(run_id: int):
    return _stepped(run_id, services.discard)


def _stepped(run_id: int, change: Callable[..., ImportRun]) -> Response:
    run, actor, form = _run(run_id), current_actor(), StepForm.read()
    if not form.validate():
        abort(400)
    return _act(run, form, lambda session: change(
        session, actor=actor, run_id=run.id, seen=form.version.data, back=url_for(".show", run_id=run.id)
    ), what=change.__name__)  # fmt: skip


def _act(run: ImportRun, form: Versioned, change: Callable[[Session], ImportRun], *, what: str = "") -> Response:
    def act(session: Session) -> Answer:
        change(session)
        return Answer(location=url_for(".show", run_id=run.id))

    body = {**form.fingerprint(), "run": run.id, "what": what or request.endpoint}
    return once(actor_key=current_actor().key, client_id=form.client_id.data, body=body, act=act).response()


def _names(run: ImportRun, form: naming.NamesForm) -> str:
    left = len(run.plan["facts"]["questions"]) - len(form.questions)
    return render_template("imports/names.html", run=run, form=form, left=left, leave=_step(run), **_about(run))


def _columns(run: ImportRun, form: Versioned) -> str:
    return render_template(f"imports/columns_{kind_named(run.kind).columns}.html", run=run, form=form, look=run.plan["look"], **_about(run))


def _columns_form(run: ImportRun) -> Versioned:
    return kind_named(run.kind).form(read_session(), run)


def _preview(run: ImportRun, form: ConfirmForm):
    drawn = queries.map_of(read_session(), run, at_most=queries.NAMED) if "cursor" not in request.args else None
    return respond(
        "imports/preview.html", lists.preview(run), queries.rows_of(run), run=run, form=form, drawn=drawn,
        counted=lists.counted(run), mend=lists.to_mend(run), leave=_step(run), **_about(run),
    )


def _step(run: ImportRun) -> StepForm:
    return StepForm(version=run.version)


def _about(run: ImportRun) -> dict:
    """What every page of one import says of it."""
    return {"kind": kind_named(run.kind), "who": queries.who(read_session(), run), "words": lists}


def _back(run: ImportRun) -> Response:
    return redirect(url_for(".show", run_id=run.id))


def _run(run_id: int) -> ImportRun:
    run = queries.run_of(read_session(), run_id)
    if run is None:
        abort(404)
    _kind(run.kind)
    return run


def _kind(slug: str) -> Kind:
    try:
        kind = kind_named(slug)
    except KeyError:
        abort(404)
    if not _may(kind):
        raise Denied(kind.permission)
    return kind


def _may(kind: Kind) -> bool:
    return can(current_actor(), kind.permission, services.ANYWHERE)
