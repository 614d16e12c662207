"""Why an area answers as it does: reasons of each move of an agreement, those of works apart from those of services."""

from __future__ import annotations

from random import Random

from app.cli.demo.matters import WORKS
from models.agreement import Move

_WORKERS = frozenset(matter.owner for matter in WORKS) - {"collective"}

_ANY = {
    Move.ACCEPT: (
        "Se acepta el acuerdo y se programa la visita.", "Recibido. Se visita el lugar esta semana.",
        "Se acepta. El trabajo entra en el programa del mes.", "Aceptado; se nombró a una persona responsable del seguimiento.",
    ),
    Move.DECLINE: (
        "No hay presupuesto este año; se propone presentarlo en el próximo.", "Esto ya está incluido en otro acuerdo del territorio.",
        "No está entre las facultades de esta área y se explicó por escrito a quién pedirlo.",
    ),
    Move.PLAN: (
        "Los vecinos pidieron esperar a que terminen las clases.", "El contrato se firma el próximo mes.",
        "El personal está repartido en otros territorios hasta fin de mes.", "El material tarda tres semanas en llegar.",
        "Se acordó con los vecinos una fecha en que más gente puede estar.",
    ),
    Move.HOLD: (
        "El proveedor no ha entregado el material y se inició el reclamo.", "El espacio está en reparación y no hay otro cerca.",
        "Se espera la autorización del gasto.", "La persona encargada dejó el puesto y se busca quién la releve.",
    ),
    Move.RESUME: (
        "Llegó el material y se reanuda lo acordado.", "Se autorizó el gasto y se fijó nueva fecha con los vecinos.",
        "Ya hay persona encargada y se retoma el acuerdo.",
    ),
    Move.HAND_OVER: (
        "Por acuerdo entre áreas, lo atenderá la que tiene el personal.", "Después de la visita se vio que le toca a otra área.",
        "Es facultad de otro orden de gobierno; se entregó el expediente.",
    ),
    Move.CANCEL: (
        "La asamblea decidió pedir otra cosa en su lugar.", "La asamblea lo retiró: el problema se resolvió por otro camino.",
    ),
    Move.REOPEN: (
        "La asamblea vio que el problema volvió y pide que se atienda otra vez.", "A los dos meses volvió la falla; la asamblea lo reabre.",
    ),
}
_OF_WORKS = {
    Move.ACCEPT: ("Recibido. La cuadrilla hará la revisión esta semana.", "Se acepta; la obra entra en el programa de la zona."),
    Move.DECLINE: (
        "La calle es vialidad primaria y la atiende la ciudad.", "El predio es particular y no podemos hacer obra en él.",
        "El dictamen técnico dice que el suelo no soporta la obra.",
    ),
    Move.PLAN: (
        "Se hará junto con la calle vecina para cerrar una sola vez.", "Primero hay que localizar los ductos de gas.",
        "La lluvia retrasó a la cuadrilla.", "Se necesitan dos cuadrillas y una atiende una emergencia.",
    ),
    Move.HOLD: (
        "En espera del dictamen de protección civil.", "La obra de drenaje de la ciudad debe terminar primero.",
        "Se espera a que pase la temporada de lluvias para colar.", "Falta el permiso de la compañía de luz para trabajar en el poste.",
    ),
    Move.RESUME: (
        "El dictamen salió favorable.", "Terminó la obra de drenaje y ya se puede trabajar.",
        "Se obtuvo el permiso y se fijó nueva fecha con los vecinos.",
    ),
    Move.HAND_OVER: (
        "La vialidad es de la ciudad y le toca a su secretaría.", "La instalación es de otra red y la atiende quien la opera.",
    ),
}
MODERATION = (
    "El texto daba el nombre y el domicilio de una persona.", "En la foto se veía la cara de una niña y la placa de un coche.",
    "El mensaje insultaba a una persona y no hablaba del acuerdo.",
)


def reason(rng: Random, move: Move, owner: str) -> str:
    """What the body of code ``owner`` says when it makes ``move``. KeyError for a move whose words belong to the case
    itself (progress, report of done, dispute, verification: see ``words.Case``)."""
    pool = _ANY[move]
    if owner in _WORKERS:
        pool += _OF_WORKS.get(move, ())
    return rng.choice(pool)
