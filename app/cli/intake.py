"""``cuadra import-bodies``, ``-people``, ``-assemblies``, ``-agreements``: tables in, shown before they are written."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from agendas.agreements.intake.kind import AGREEMENTS
from app.accounts import services as accounts
from app.admin.intake import services as people
from app.admin.intake.bodies import BODIES
from app.admin.intake.people import PEOPLE
from app.cli.operations import application
from app.cli.progress import Progress
from app.core import i18n, tabular
from app.core.tabular import ImpossibleTable, Kind, Options, Outcome, Plan, UnreadableTable
from app.core.transaction import database, transaction
from assemblies.meetings.intake.kind import ASSEMBLIES
from models.ledger import SYSTEM
from models.people import TokenPurpose
from territories.indicators.intake.kind import INDICATORS
from territories.indicators.intake.settling import UnknownCode, settle_said

MOST_LINES = 20
WORDS = {"reading": "Leyendo", "checking": "Revisando", "writing": "Escribiendo"}
COUNTS = {
    "new": "nuevos", "changed": "cambian", "unchanged": "iguales", "missing": "no vienen en el archivo", "repaired": "reparados",
    "ambiguous": "ambiguos", "rejected": "rechazados", "skipped": "se dejan fuera",
}
EPILOG = """
\b
Ejemplos:
  cuadra {command} --template > plantilla.csv
  cuadra {command} lista.xlsx --dry-run --errors por-corregir.csv
  cuadra {command} lista.csv --source "Padrón 2024" --map "Núm.=external_id" --map "Observaciones=" --constant "{constant}"

\b
Datos (para --map y --constant; con * los que no pueden faltar):
{fields}

Sale con 0 si todo quedó, con 1 si hubo renglones rechazados y con 2 si algo se pidió mal.
"""
# What each brings, in the words of the help, and the constant its example gives.
KINDS = {
    BODIES: ("instancias (áreas de gobierno, colectivos, mesas)", "level=alcaldía"),
    PEOPLE: ("personas con sus cargos y periodos, y enlaces de cuadra", "role=promotor"),
    ASSEMBLIES: ("asambleas que ya se realizaron", "unit=TER-01"),
    AGREEMENTS: ("acuerdos que ya existen", "owner=OBRAS"),
    INDICATORS: ("el valor de indicadores en cada unidad, por su clave o su nombre,", "indicator=poblacion"),
}


def _spoken() -> Flask:
    """Enough of an application to say sentences in: help and templates need no instance."""
    app = Flask("app")
    app.extensions["access"] = {}
    i18n.init_i18n(app)
    return app


class Pair(click.ParamType):
    """``LEFT=RIGHT``; the right side may be empty, the left may hold ``=`` (headers do)."""

    name = "par"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        # A header may hold «=»; the name of a field never does. A value may; the name of its field never does.
        left, equals, right = value.rpartition("=") if param is not None and param.name == "mapped" else value.partition("=")
        if not equals or not left.strip():
            self.fail(f"«{value}» no tiene la forma NOMBRE=VALOR.", param, ctx)
        return left.strip(), right.strip()


class TableCommand(click.Command):
    """Lists the fields of its kind in the help, when somebody asks for it."""

    kind: Kind

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with _spoken().app_context():
            fields = "\n".join(f"  {field.name}{'*' if field.required else ''}: {field.label}" for field in self.kind.fields if field.asked)
        self.epilog = EPILOG.format(command=self.name, constant=KINDS[self.kind][1], fields=fields)
        super().format_epilog(ctx, formatter)


PATH, PAIR = click.Path(path_type=Path), Pair()
PARAMS = (
    click.Argument(["file"], metavar="FILE", required=False, type=PATH),
    click.Option(["--template"], is_flag=True, help="Escribe la plantilla CSV en la salida y termina."),
    click.Option(["--dry-run"], is_flag=True, help="Solo muestra lo que haría; no escribe nada."),
    click.Option(["--skip-rejected"], is_flag=True, help="Escribe lo demás aunque haya renglones rechazados o ambiguos."),
    click.Option(["--json", "as_json"], is_flag=True, help="El resultado en JSON."),
    click.Option(
        ["--map", "mapped"], metavar="COLUMNA=DATO", multiple=True, type=PAIR, help="De qué columna sale un dato; sin dato, no se usa."
    ),
    click.Option(
        ["--constant", "constants"], metavar="DATO=VALOR", multiple=True, type=PAIR, help="Un valor para los renglones que no lo dicen."
    ),
    click.Option(["--source"], metavar="NOMBRE", help="De quién es la lista; sus identificadores son únicos dentro de ella."),
    click.Option(["--errors", "errors_file"], metavar="FILE", type=PATH, help="Guarda aquí, en CSV, lo que hay que corregir."),
    click.Option(["--preview", "preview_file"], metavar="FILE", type=PATH, help="Guarda aquí, en CSV, qué pasa con cada renglón."),
    click.Option(["--files"], metavar="ZIP|CARPETA", type=PATH, help="Los documentos que nombran los renglones (actas)."),
    click.Option(["--sheet"], metavar="HOJA", help="Cuál hoja del libro de Excel (si no, la primera)."),
    click.Option(["--encoding"], metavar="NOMBRE", help="Codificación del CSV, si no se reconoce sola (utf-8, latin-1…)."),
)


INVITATIONS = click.Option(
    ["--invitations", "invitations_file"], metavar="FILE", type=PATH,
    help="Guarda aquí, en CSV, un enlace de un solo uso (7 días) para cada persona con correo que aún no tiene contraseña.",
)
SETTLE = click.Option(
    ["--settle", "settled"], metavar="NOMBRE=CLAVE", multiple=True, type=PAIR,
    help="A qué unidad corresponde un nombre de esta lista; sin clave, a ninguna. Se recuerda para las siguientes de la misma fuente.",
)
MORE = {PEOPLE: [INVITATIONS], INDICATORS: [SETTLE]}


def command_for(kind: Kind) -> click.Command:
    """``cuadra import-KIND``."""
    what, _constant = KINDS[kind]

    def call(file: Path | None, template: bool, **said: Any) -> None:
        if template:
            with _spoken().app_context():
                sys.stdout.buffer.write(tabular.template_csv(kind))
            return
        if file is None or not file.is_file():
            raise click.UsageError("Diga qué archivo importar." if file is None else f"No se encontró el archivo {file}.")
        with application().app_context():
            sys.exit(_run(kind, file, **said))

    command = TableCommand(
        f"import-{kind.name}", callback=call, params=[*PARAMS, *MORE.get(kind, ())],
        context_settings={"max_content_width": 110},
        short_help=f"Importa {what}.",
        help=f"Importa {what} de una tabla CSV o XLSX. Dice qué renglones son nuevos, cuáles cambian, cuáles siguen igual y cuáles se "
        "rechazan y por qué. Escribe todo o nada, salvo con --skip-rejected; lo que el archivo ya no trae se queda como está. "
        "Importar dos veces lo mismo no cambia nada. Las columnas se reconocen por su nombre o como se dijo la última vez.",
    )
    command.kind = kind
    return command


def _run(
    kind: Kind, file: Path, *, dry_run: bool, skip_rejected: bool, as_json: bool, mapped: tuple, constants: tuple, source: str | None,
    errors_file: Path | None, preview_file: Path | None, files: Path | None, sheet: str | None, encoding: str | None,
    invitations_file: Path | None = None, settled: tuple = (),
) -> int:
    progress, links = Progress(WORDS), []
    try:
        progress("reading", 0, 0)
        table = tabular.read_table(file.read_bytes(), file.name, encoding=encoding, sheet=sheet)
        with database().read() as session:
            options = _options(tabular.suggest(session, kind, table), mapped, constants, source, files)
            plan = tabular.plan(session, kind, table, options, progress=progress) if dry_run else None
        written: dict[str, Any] = {"written": False}
        if plan is None:
            with transaction() as session:
                settle_said(session, settled, options)
                plan = tabular.plan(session, kind, table, options, progress=progress)
                if not plan.blocked or skip_rejected:
                    written = tabular.write(session, plan, capacity=SYSTEM, progress=progress, skip_rejected=skip_rejected)
                    if invitations_file is not None:
                        links = _links(session, plan.options.source)
    except UnreadableTable as wrong:
        return _refused_whole(file, wrong, as_json)
    except (ImpossibleTable, OSError, UnknownCode) as wrong:
        raise click.UsageError(str(wrong)) from wrong
    except IntegrityError as wrong:
        raise click.ClickException("Otra persona escribió lo mismo al mismo tiempo. No se escribió nada; intente de nuevo.") from wrong
    except OperationalError as wrong:
        raise click.ClickException("La base de datos está ocupada o no responde. No se escribió nada; intente de nuevo.") from wrong
    finally:
        progress.end()
    if errors_file is not None:
        errors_file.write_bytes(tabular.errors_csv(plan))
    if preview_file is not None:
        preview_file.write_bytes(tabular.preview_csv(plan))
    if invitations_file is not None and not dry_run:
        # Whoever reads it could take the accounts: for the eyes of who runs the command alone.
        invitations_file.touch(mode=0o600)
        invitations_file.write_bytes(tabular.csv_bytes([["correo", "enlace"], *links]))
        click.echo(f"{len(links):,} invitaciones en {invitations_file}: entréguelas por un medio seguro y borre el archivo.", err=True)
    for note in plan.notes:
        click.echo(note, err=True)
    if as_json:
        click.echo(json.dumps({**plan.as_json(written=written["written"]), "counts": plan.counts}, ensure_ascii=False, indent=1))
    else:
        for line in (*_report(plan), _ending(plan, written, dry_run=dry_run, skip_rejected=skip_rejected)):
            click.echo(line)
    return 1 if plan.blocked else 0


def _links(session: Session, source: str) -> list[list[str]]:
    base = current_app.extensions["config"].base_url
    return [
        [user.email, f"{base}/account/activate/{accounts.new_link(session, user, TokenPurpose.INVITATION)}"]
        for user in people.to_invite(session, source)
    ]


def _options(suggested: Options, mapped: tuple, constants: tuple, source: str | None, files: Path | None) -> Options:
    mapping = dict(suggested.mapping)
    for column, field in mapped:
        # Asked for by name, a field leaves the column it was guessed from.
        mapping = {one: "" if kept == field and field else kept for one, kept in mapping.items()} | {column: field}
    companion = {} if files is None else tabular.Folder(files) if files.is_dir() else tabular.Packed(files.read_bytes())
    return replace(
        suggested, mapping=mapping, constants={**suggested.constants, **dict(constants)}, companion=companion,
        source=suggested.source if source is None else source,
    )


def _refused_whole(file: Path, wrong: UnreadableTable, as_json: bool) -> int:
    if as_json:
        empty = {name: [] for name in ("new", "changed", "unchanged", "missing", "repaired", "ambiguous")}
        row = {"row": None, "id": None, "field": None, "reason": wrong.code, "message": str(wrong)}
        click.echo(json.dumps({**empty, "rejected": [row], "written": False}, ensure_ascii=False, indent=1))
    else:
        click.echo(f"{file.name}: {wrong}\nNo se escribió nada.")
    return 1


def _report(plan: Plan) -> list[str]:
    counts, words = plan.counts, tabular.words_of(plan.kind)
    told = " · ".join(f"{said}: {counts[name]:,}" for name, said in COUNTS.items())
    lines = [f"{plan.table.filename}: {len(plan.rows):,} renglones", f"  {told}"]
    for outcome, title in ((Outcome.NEW, "Nuevos"), (Outcome.CHANGED, "Cambian"), (Outcome.UNCHANGED, "Iguales")):
        lines += _listed(title, [
            " · ".join([
                f"renglón {row.number}", row.key, *(f"{words[name]}: {said}" for name, said in row.shown.items()), *row.repairs
            ])
            for row in plan.of(outcome)
        ])  # fmt: skip
    lines += _listed("Rechazados y ambiguos", [
        f"renglón {row.number}{f' ({row.key})' if row.key else ''}: {' '.join(str(problem) for problem in row.problems)}"
        for row in plan.of(Outcome.REJECTED, Outcome.AMBIGUOUS)
    ])  # fmt: skip
    if plan.blocked:
        lines.append("  Por qué:")
        lines += [
            f"    {times:,} × {code}{f' ({words[field]})' if field else ''}: {sentence}" for code, field, times, sentence in plan.why()
        ]
    return lines + _listed("No vienen en el archivo y se quedan como están", list(plan.missing))


def _listed(title: str, things: list[str]) -> list[str]:
    if not things:
        return []
    more = [f"    … y {len(things) - MOST_LINES:,} más (con --json o --errors salen todos)"] if len(things) > MOST_LINES else []
    return [f"  {title}:", *(f"    {thing}" for thing in things[:MOST_LINES]), *more]


def _ending(plan: Plan, written: dict[str, Any], *, dry_run: bool, skip_rejected: bool) -> str:
    if written["written"]:
        return "Escrito."
    if plan.blocked and not skip_rejected:
        return "No se escribió nada: hay rechazos. Corríjalos, o repita con --skip-rejected para dejarlos fuera."
    return "Prueba: no se escribió nada." if dry_run else "No había nada que escribir."
