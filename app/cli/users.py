"""Accounts from the command line: the first administrator comes in by a link made here."""

from __future__ import annotations

import sys

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import queries, services
from app.cli.operations import application
from app.core.transaction import read_session, transaction
from models import Body, Role, TerritorialUnit, User
from models.ledger import SYSTEM

NEEDS = {
    "unit": "El cargo «{role}» se tiene en una unidad: use --unit.",
    "block": "El cargo «{role}» se tiene en una cuadra: --unit debe ser la clave de una cuadra.",
    "body": "El cargo «{role}» se tiene por una instancia: use --body.",
    "area": "El cargo «{role}» es de un área de gobierno, y esa instancia no lo es.",
    "community": "El cargo «{role}» es de un colectivo, comisión o mesa, y esa instancia es un área de gobierno.",
}


@click.group()
def user() -> None:
    """Cuentas: invitar, entregar enlaces, cerrar."""


@user.command()
@click.argument("email")
@click.option("--role", "role_name", required=True, type=click.Choice([str(role) for role in Role]), help="El cargo.")
@click.option("--unit", "unit_code", help="Clave de la unidad en que se tiene el cargo.")
@click.option("--body", "body_code", help="Clave de la instancia por la que se tiene (area, collective).")
@click.option("--name", default="", help="Nombre de la persona; puede cambiarlo al activar.")
@click.option("--language", default="es", type=click.Choice(["es", "fr", "en"]), show_default=True)
@click.option("--focal-point", is_flag=True, help="Responde por un área que no tiene usuarios aquí.")
def invite(email: str, role_name: str, unit_code: str | None, body_code: str | None, name: str, language: str, focal_point: bool) -> None:
    """Da un cargo a EMAIL e imprime un enlace de un solo uso para activar su cuenta (dura 7 días)."""
    if (unit_code is None) == (body_code is None):
        raise click.UsageError("Diga --unit CLAVE o --body CLAVE, una de las dos.")
    if not _looks_like_email(email):
        raise click.UsageError(f"«{email}» no parece un correo.")
    app, role = application(), Role(role_name)
    with app.app_context(), transaction() as session:
        try:
            unit = _unit(session, unit_code)
            token = services.invite(
                session, email=email, name=name, language=language, role=role, unit=unit,
                body=_body(session, body_code), focal_point=focal_point, capacity=SYSTEM,
            )
            if role is Role.LIAISON:
                services.enlist(session, email=email, block=unit)
        except services.WrongPlace as wrong:
            raise click.UsageError(NEEDS[wrong.needs].format(role=wrong.role)) from wrong
        except services.LeadTaken as taken:
            raise click.UsageError("Esa unidad ya tiene responsable: termine antes su periodo en Administración.") from taken
        base = app.extensions["config"].base_url
    if token is None:
        click.echo("Esa cuenta ya está activa: recibió el cargo y entra como siempre.", err=True)
        click.echo(f"{base}/signin")
        return
    click.echo("Entregue este enlace a la persona por un medio seguro. Sirve una vez, durante 7 días.", err=True)
    click.echo(f"{base}/account/activate/{token}")


@user.command()
@click.argument("email")
def reset(email: str) -> None:
    """Imprime un enlace de un solo uso para elegir otra contraseña (dura 1 hora)."""
    app = application()
    with app.app_context(), transaction() as session:
        found = _account(session, email)
        if found.password is None:
            raise click.UsageError("Esa cuenta no se ha activado: invítela de nuevo con «cuadra user invite».")
        token = services.reset_link(session, found)
        base = app.extensions["config"].base_url
    click.echo("Compruebe por otro medio que se lo pide esa persona. El enlace sirve una vez, durante 1 hora.", err=True)
    click.echo(f"{base}/reset/{token}")


@user.command()
def requests() -> None:
    """Lista quién pidió otra contraseña y espera su enlace."""
    app = application()
    with app.app_context():
        waiting = read_session().scalars(select(User).where(User.reset_asked_at.is_not(None), User.active).order_by(User.reset_asked_at))
        for one in waiting:
            click.echo(f"{one.reset_asked_at:%Y-%m-%dT%H:%MZ}\t{one.email}")


@user.command("second-factor-off")
@click.argument("email")
def second_factor_off(email: str) -> None:
    """Quita el segundo paso a quien perdió teléfono y códigos; cierra sus sesiones."""
    app = application()
    with app.app_context(), transaction() as session:
        services.remove_second_factor(session, user=_account(session, email))
    click.echo("Listo: lo activará de nuevo al entrar.", err=True)


@user.command()
@click.argument("email")
def disable(email: str) -> None:
    """Cierra la cuenta: termina sus sesiones y anula sus enlaces. Lo que hizo queda."""
    app = application()
    with app.app_context(), transaction() as session:
        services.disable(session, user=_account(session, email))
    click.echo("Cuenta cerrada.", err=True)


def _looks_like_email(text: str) -> bool:
    name, _at, domain = text.strip().partition("@")
    return bool(name) and "." in domain and not any(letter.isspace() for letter in text.strip()) and len(text) <= 254


def _account(session: Session, email: str) -> User:
    found = queries.user_by_email(session, email)
    if found is None:
        click.echo(f"No hay cuenta con el correo {email}.", err=True)
        sys.exit(1)
    return found


def _unit(session: Session, code: str | None) -> TerritorialUnit | None:
    if code is None:
        return None
    found = session.scalar(select(TerritorialUnit).where(TerritorialUnit.code_key == code.lower()))
    if found is None:
        raise click.UsageError(f"No hay ninguna unidad con la clave «{code}».")
    return found


def _body(session: Session, code: str | None) -> Body | None:
    if code is None:
        return None
    found = session.scalar(select(Body).where(Body.code == code))
    if found is None:
        raise click.UsageError(f"No hay ninguna instancia con la clave «{code}».")
    return found
