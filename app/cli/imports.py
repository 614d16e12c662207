"""``cuadra import-units``: boundaries in, shown before they are written."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from app.cli.operations import application
from app.cli.progress import Progress
from app.core import clock
from app.core.transaction import database, transaction
from models.ledger import SYSTEM
from models.settings import setting
from models.territory import LevelRole, UnitKind
from territories.imports import services as imports
from territories.imports.choosing import ImpossibleImport
from territories.imports.plan import Plan, refused
from territories.imports.queries import load_tree
from territories.imports.reader import UnreadableFile
from territories.imports.services import ImportRequest, PreparedImport, TreeChanged
from territories.imports.tree import Tree

ATTEMPTS = 3
MOST_LINES = 20
WORDS = {"reading": "Leyendo", "placing": "Ubicando", "comparing": "Comparando", "writing": "Escribiendo"}
LEVELS = [str(role) for role in LevelRole]
DIFFERENCES = {"name": "nombre", "shape": "límite", "parent": "unidad superior", "kind": "tipo"}
EPILOG = """
\b
Ejemplos:
  cuadra import-units alcaldias.geojson --level root --only 09007
  cuadra import-units colonias.zip --level territory --kind-from-name --source "IECM 2022"
  cuadra import-units root=alcaldia.geojson territory=colonias.geojson block=manzanas.gpkg
  cuadra import-units alcaldias.geojson --level root --root CDMX --root-name "Ciudad de México"

Sale con 0 si todo quedó, con 1 si hubo renglones rechazados y con 2 si algo se pidió mal.
"""


class Sources(click.ParamType):
    """``FILE`` or ``LEVEL=FILE``; a file whose own name has that form is found first."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[LevelRole | None, Path]:
        if isinstance(value, tuple):
            return value
        head, equals, rest = value.partition("=")
        if equals and not Path(value).exists():
            if head not in LEVELS:
                self.fail(f"«{head}» no es un nivel: use {', '.join(LEVELS)}.", param, ctx)
            return LevelRole(head), self._present(rest, param, ctx)
        return None, self._present(value, param, ctx)

    def _present(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(value)
        if not path.is_file():
            self.fail(f"No se encontró el archivo {value}.", param, ctx)
        return path


@click.command("import-units", epilog=EPILOG, context_settings={"max_content_width": 110})
@click.argument("sources", metavar="[NIVEL=]FILE...", nargs=-1, required=True, type=Sources())
@click.option("--dry-run", is_flag=True, help="Solo muestra lo que haría; no escribe nada.")
@click.option("--skip-rejected", is_flag=True, help="Escribe lo demás aunque haya renglones rechazados.")
@click.option("--json", "as_json", is_flag=True, help="El resultado en JSON: un objeto, o una lista si son varios archivos.")
@click.option(
    "--level", type=click.Choice(LEVELS),
    help="Nivel de las unidades. Sin él se deduce: el que ya tiene esas claves o, si ninguno, el que sigue en el árbol.",
)
@click.option("--key", metavar="COLUMNA", help="Columna de la clave (si no, se busca: CVEUT, CVEGEO, CLAVE…).")
@click.option("--name", metavar="COLUMNA", help="Columna del nombre (si no, se busca; sin nombre se usa la clave).")
@click.option("--parent", metavar="COLUMNA", help="Columna con la clave de la unidad superior. Sin ella, la que más la cubre.")
@click.option("--kind-field", metavar="COLUMNA", help="Columna del tipo: colonia, barrio, pueblo, unidad habitacional.")
@click.option("--kind", type=click.Choice([str(kind) for kind in UnitKind]), help="Un mismo tipo para todas.")
@click.option("--kind-from-name", is_flag=True, help="Toma el tipo del final del nombre: «SAN MIGUEL (BARR)».")
@click.option("--layer", metavar="CAPA", help="Cuál capa, si el archivo trae varias.")
@click.option("--only", metavar="CLAVE[,CLAVE…]", help="Importa solo los renglones con estas claves.")
@click.option(
    "--root", metavar="CLAVE",
    help="Junta las figuras del archivo en la unidad de hasta arriba, con esta clave. Con otro nivel, solo si el árbol está vacío "
    f"(sin esta opción, la clave es {imports.ROOT_CODE}).",
)
@click.option("--root-name", metavar="NOMBRE", help="Nombre de la unidad de hasta arriba (si no, el del municipio).")
@click.option("--source", metavar="TEXTO", help="De dónde vienen los límites; queda guardado con ellos (si no, el nombre del archivo).")
@click.option("--valid-from", type=click.DateTime(["%Y-%m-%d"]), metavar="AAAA-MM-DD", help="Desde cuándo valen (si no, hoy).")
def import_units(
    sources: tuple[tuple[LevelRole | None, Path], ...], dry_run: bool, skip_rejected: bool, as_json: bool, level: str | None,
    layer: str | None, only: str | None, valid_from: datetime | None, kind: str | None, **fields: Any,
) -> None:
    """Importa límites (GeoJSON, GeoPackage, Shapefile en .zip o KML) al árbol de unidades.

    Dice qué unidades son nuevas, cuáles cambian, cuáles siguen igual y cuáles no vienen en el archivo (esas se
    quedan como están). Escribe cada archivo completo o no escribe nada de él: si algún renglón se rechaza, no se
    escribe, salvo con --skip-rejected. Importar dos veces lo mismo no cambia nada. Con varios archivos, se
    importan en orden, de arriba hacia abajo del árbol, y se detiene en el primero que no se pueda escribir.
    """
    request = ImportRequest(
        level=LevelRole(level) if level else None, key_field=fields["key"], name_field=fields["name"], parent_field=fields["parent"],
        kind_field=fields["kind_field"], kind=UnitKind(kind) if kind else None, kind_from_name=fields["kind_from_name"],
        only=tuple(code.strip() for code in (only or "").split(",") if code.strip()), root=fields["root"],
        root_name=fields["root_name"], source=fields["source"], valid_from=valid_from.date() if valid_from else None,
    )
    app, run = application(), _Run(dry_run=dry_run, skip_rejected=skip_rejected, layer=layer, quiet=as_json)
    with app.app_context():
        try:
            for own_level, path in sources:
                if not run.take(path, replace(request, level=own_level or request.level)):
                    break
        except ImpossibleImport as wrong:
            raise click.UsageError(str(wrong)) from wrong
        except OperationalError as wrong:
            raise click.ClickException("La base de datos está ocupada o no responde. No se escribió nada; intente de nuevo.") from wrong
        finally:
            run.progress.end()
    if as_json:
        click.echo(json.dumps(run.answers[0] if len(sources) == 1 else run.answers, ensure_ascii=False, indent=1))
    sys.exit(1 if run.has_rejected else 0)


class _Run:
    """One call of the command: the files in order, what each did, and in a trial the tree it would leave."""

    def __init__(self, *, dry_run: bool, skip_rejected: bool, layer: str | None, quiet: bool):
        self.dry_run, self.skip_rejected, self.layer, self.quiet = dry_run, skip_rejected, layer, quiet
        self.progress = Progress(WORDS)
        self.answers: list[dict[str, Any]] = []
        self.has_rejected = False
        self._trial: Tree | None = None

    def take(self, path: Path, request: ImportRequest) -> bool:
        """Import one file, or try it; False when nothing should come after it. Raises ImpossibleImport."""
        try:
            source = imports.read_file(path, layer=self.layer, on_progress=self.progress)
        except UnreadableFile as wrong:
            self._tell(path.name, refused(wrong), written=False)
            return False
        for attempt in range(1, ATTEMPTS + 1):
            prepared = self._prepare(source, request)
            blocked = bool(prepared.plan.rejected) and not self.skip_rejected
            if self.dry_run or blocked:
                self._tell(path.name, prepared.plan, prepared=prepared, written=False)
                return not blocked
            try:
                with transaction() as session:
                    written = imports.apply_import(
                        session, prepared, capacity=SYSTEM, skip_rejected=self.skip_rejected, on_progress=self.progress
                    )
                break
            except TreeChanged as wrong:
                if attempt == ATTEMPTS:
                    raise click.ClickException(
                        "Otras personas están cambiando las unidades al mismo tiempo. No se escribió nada; intente de nuevo."
                    ) from wrong
        self._tell(path.name, prepared.plan, prepared=prepared, written=written)
        return True

    def _prepare(self, source: imports.SourceFile, request: ImportRequest) -> PreparedImport:
        # A session of its own for each reading: an older one would still see the tree as it was.
        with database().read() as session:
            tree = self._trial or load_tree(session)
            today, municipality = clock.today(setting(session, "time_zone")), setting(session, "municipality")
        prepared = imports.prepare(source, tree, request, today=today, municipality=municipality, on_progress=self.progress)
        if self.dry_run:
            if prepared.root is not None:
                tree = tree.after(LevelRole.ROOT, Plan(new=(prepared.root,)))
            self._trial = tree.after(prepared.level, prepared.plan)
        return prepared

    def _tell(self, name: str, plan: Plan, *, written: bool, prepared: PreparedImport | None = None) -> None:
        self.progress.end()
        self.has_rejected = self.has_rejected or bool(plan.rejected)
        self.answers.append(plan.as_json(written=written))
        for note in prepared.notes if prepared else ():
            click.echo(note, err=True)
        if not self.quiet:
            for line in _report(name, plan, prepared):
                click.echo(line)
            click.echo(self._outcome(plan, written))

    def _outcome(self, plan: Plan, written: bool) -> str:
        if written:
            return "Escrito."
        if plan.rejected and not self.skip_rejected:
            return "No se escribió nada: hay rechazos. Corríjalos, o repita con --skip-rejected para dejarlos fuera."
        return "Prueba: no se escribió nada." if self.dry_run else "No había nada que escribir."


def _report(name: str, plan: Plan, prepared: PreparedImport | None) -> list[str]:
    lines = [f"{name} ({prepared.level})" if prepared else name]
    counts = (
        ("nuevas", plan.new), ("cambian", plan.changed), ("iguales", plan.unchanged), ("no vienen en el archivo", plan.missing),
        ("reparadas", {code for code, _what in plan.repaired}), ("ambiguas", plan.ambiguous), ("rechazadas", plan.rejected),
    )
    lines.append("  " + " · ".join(f"{words}: {len(things):,}" for words, things in counts))
    lines += _listed("Cambian", [f"{unit.code}: {', '.join(DIFFERENCES[what] for what in unit.differs)}" for unit in plan.changed])
    lines += _listed("No vienen en el archivo y se quedan como están", list(plan.missing))
    lines += _listed("Reparadas", [f"{code}: {what}" for code, what in plan.repaired])
    lines += _listed("Ambiguas (queda la primera)", [f"{code}: {', '.join(candidates)}" for code, candidates in plan.ambiguous])
    lines += _listed(
        "Rechazadas",
        [f"renglón {row.row}, {row.code or 'sin clave'}: {row.message}" if row.row else row.message for row in plan.rejected],
    )
    return lines


def _listed(title: str, things: list[str]) -> list[str]:
    if not things:
        return []
    more = [f"    … y {len(things) - MOST_LINES:,} más (con --json salen todas)"] if len(things) > MOST_LINES else []
    return [f"  {title}:", *(f"    {thing}" for thing in things[:MOST_LINES]), *more]
