"""Commands about people's data: erase what is due, hand over what is kept of a person."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.queries import user_by_email
from app.admin.privacy import person as persons
from app.admin.privacy import purge as purging
from app.cli.operations import application
from app.core.errors import Refused
from app.core.transaction import read_session, transaction
from models import DataRequest, User
from models.ledger import SYSTEM


@click.command()
@click.option("--dry-run", is_flag=True, help="Solo dice qué borraría.")
@click.option("--json", "as_json", is_flag=True, help="El resultado para programas.")
def purge(dry_run: bool, as_json: bool) -> None:
    """Borra los datos personales cuyo plazo terminó. El libro conserva cuántos, nunca cuáles."""
    app = application()
    with app.app_context():
        found = purging.due(read_session()) if dry_run else purging.purge()
    if as_json:
        erased = 0 if dry_run else sum(one.count for one in found)
        click.echo(json.dumps({"dry_run": dry_run, "erased": erased, "rules": [one.as_json() for one in found]}))
        return
    for one in found:
        since = f"  (el más antiguo: {one.oldest:%Y-%m-%d})" if one.oldest else ""
        click.echo(f"{one.count:>7,}  {one.rule.key}: {one.rule.words}{since}")
    total = sum(one.count for one in found)
    click.echo(f"Se borrarían {total:,}; no se borró nada." if dry_run else f"Se borraron {total:,}.", err=True)


@click.group()
def person() -> None:
    """Lo que se guarda de una persona con cuenta: entregarlo o borrarlo."""


def _whom(command):
    for option in (
        click.option("--request", "folio", metavar="FOLIO", help="La solicitud que lo pide."),
        click.option("--account", "account", type=int, help="Número de su cuenta."),
        click.option("--email", help="Correo de su cuenta."),
    ):
        command = option(command)
    return command


@person.command()
@_whom
@click.option("--reason", type=click.Choice(["own", "authority"]), help="Sin solicitud: la persona lo pide aquí, o una autoridad.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="El ZIP que se escribe.")
def export(email: str | None, account: int | None, folio: str | None, reason: str | None, out: Path) -> None:
    """Escribe en un ZIP (JSON y CSV) todo lo que el registro dice de una persona. El libro anota que se hizo y por qué."""
    if (folio is None) == (reason is None):
        raise click.UsageError("Diga --request FOLIO o --reason, uno de los dos.")
    # For nobody else's eyes, and never in place of another file.
    with open(out, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        try:
            with application().app_context(), transaction() as session:
                why = persons.ExportReason(reason) if reason else persons.ExportReason.REQUEST
                packed = persons.export(
                    session, user_id=_account(session, email, account), capacity=SYSTEM, request=_folio(session, folio), reason=why
                )
            file.write(packed.getvalue())
        except BaseException:
            out.unlink()
            raise
    click.echo(f"Listo: {out}. Entréguelo por un medio seguro y bórrelo de aquí.", err=True)


@person.command()
@_whom
def erase(email: str | None, account: int | None, folio: str | None) -> None:
    """Borra nombre, correo y accesos de una cuenta sin cargo, porque se pidió y procede. No se puede deshacer."""
    try:
        with application().app_context(), transaction() as session:
            persons.erase(session, user_id=_account(session, email, account), capacity=SYSTEM, request=_folio(session, folio))
    except Refused as no:
        raise click.UsageError(no.sentence) from no
    click.echo("Listo: de esa cuenta ya no se sabe de quién fue.", err=True)


def _account(session: Session, email: str | None, account: int | None) -> int:
    if (email is None) == (account is None):
        raise click.UsageError("Diga --email o --account, uno de los dos.")
    user = user_by_email(session, email) if email else session.get(User, account)
    if user is None:
        raise click.UsageError("No hay esa cuenta.")
    return user.id


def _folio(session: Session, folio: str | None) -> str | None:
    if folio is not None and session.scalar(select(DataRequest.id).where(DataRequest.folio == folio)) is None:
        raise click.UsageError(f"No hay ninguna solicitud con el folio «{folio}».")
    return folio
