"""Words of the assemblies of the invented borough: where, what about, what the minutes say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from app.cli.demo.spanish import listed, sentence, territory_with_article, with_article
from models.assembly import AssemblyKind, ItemType, Method
from models.territory import UnitKind

_HOMES = (
    "Patio de la escuela primaria {school}", "Salón de usos múltiples de la secundaria {school}", "Cancha techada {green}",
    "Explanada del mercado {market}",
    "Atrio de la capilla de {saint}", "Kiosco del parque {green}", "Casa de cultura {green}", "Biblioteca comunitaria {school}",
    "Centro comunitario {green}",
    "Comedor comunitario {market}", "Módulo deportivo {green}",
)
_SCHOOLS = (
    "Maestra Elodia Zepeda", "Profesor Anselmo Tovar", "Voces de la Milpa", "Amanecer Fabril", "Niños del Maíz",
    "Maestra Cuca Landeros", "Luz y Trabajo",
    "Caminos de Obsidiana", "Profesora Ofelia Rentería", "Nuevo Sol", "Hijos de la Barranca",
)
_GREENS = ("El Ahuehuete", "La Fuente", "Los Encinos", "El Rehilete", "La Rayuela", "El Papalote", "Tres Piedras", "La Noria",
"El Sabino", "Los Pinos")
_MARKETS = ("La Espiga", "Las Canastas", "El Petate", "Los Cántaros", "La Jarcia", "El Molcajete", "Las Tres Marías")
_SAINTS = ("San Crispín", "Santa Zita", "San Homobono", "la Candelaria", "San Eloy", "la Soledad", "San Isidoro", "Santa Eduviges")


@dataclass(frozen=True)
class ItemSpec:
    """An item as convened. ``method`` only for what is decided."""

    title: str
    type: ItemType
    method: Method | None = None


def home_place(rng: Random) -> str:
    """A roof or a yard where assemblies of a territory meet: at most 80 characters."""
    return rng.choice(_HOMES).format(
        school=rng.choice(_SCHOOLS), green=rng.choice(_GREENS), market=rng.choice(_MARKETS), saint=rng.choice(_SAINTS)
    )


def block_place(rng: Random, streets: Sequence[str]) -> str:
    """Where a block meets: in the street, more often than not."""
    one, *others = rng.sample(list(streets), len(streets))
    other = others[0] if others else ""
    patterns = [f"{one}, frente al número {rng.randint(3, 240)}", f"{one}, frente a la tienda"]
    if other:
        patterns += [f"Esquina de {with_article(one)} y {with_article(other)}", f"{one}, a la altura de {with_article(other)}"]
    return sentence(rng.choice(patterns))


def assembly_title(rng: Random, kind: AssemblyKind, *, territory: str, unit_kind: UnitKind, streets: Sequence[str] = ()) -> str:
    """A title of at most 160 characters, without a final period. ``streets`` for assemblies of blocks."""
    where = territory_with_article(territory, unit_kind)
    named = listed([with_article(street) for street in streets[:2]])
    titles = {
        AssemblyKind.BLOCK: (f"Asamblea de cuadra en {named or where}", f"Asamblea de vecinas y vecinos de {named or where}"),
        AssemblyKind.TERRITORY: (f"Asamblea general de {where}", f"Asamblea comunitaria de {where}"),
        AssemblyKind.WORKSHOP: (f"Taller de planeación de {where}", f"Taller de diagnóstico de {where}"),
        AssemblyKind.SECURITY: (f"Diálogo de seguridad de {where}",),
        AssemblyKind.ITINERANT: (f"Alcaldía en su calle: asamblea con {where}",),
        AssemblyKind.FOLLOW_UP: (f"Asamblea de seguimiento de acuerdos de {where}", f"Revisión de acuerdos de {where}"),
    }[kind]
    return sentence(rng.choice(titles))


_OPENING = (
    ItemSpec("Bienvenida y lectura del orden del día", ItemType.INFORMATION),
    ItemSpec("Presentación de vecinas, vecinos y personal de la alcaldía", ItemType.INFORMATION),
)
FOLLOW_UP = ItemSpec("Revisión de los acuerdos abiertos", ItemType.FOLLOW_UP, Method.CONSENSUS)
_MIDDLE = {
    AssemblyKind.BLOCK: (
        ItemSpec("Qué le hace falta a nuestra calle", ItemType.PROBLEMS),
        ItemSpec("Problemas de luz, agua y banquetas", ItemType.PROBLEMS),
        ItemSpec("Acuerdos con las áreas de la alcaldía", ItemType.DECISION, Method.CONSENSUS),
        ItemSpec("Elección de enlaces de la cuadra", ItemType.ELECTION, Method.VOTE),
        ItemSpec("Jornada vecinal del mes", ItemType.DECISION, Method.CONSENT),
    ),
    AssemblyKind.TERRITORY: (
        ItemSpec("Informe de avances en el territorio", ItemType.INFORMATION),
        ItemSpec("Problemas que comparten varias cuadras", ItemType.PROBLEMS),
        ItemSpec("Prioridades del territorio para el semestre", ItemType.DECISION, Method.VOTE),
        ItemSpec("Elección del colectivo de planeación", ItemType.ELECTION, Method.VOTE),
        ItemSpec("Uso del salón y de las canchas", ItemType.DECISION, Method.CONSENSUS),
    ),
    AssemblyKind.WORKSHOP: (
        ItemSpec("Mapa de problemas y fortalezas", ItemType.PROBLEMS),
        ItemSpec("Causas y efectos de lo que más preocupa", ItemType.PROBLEMS),
        ItemSpec("Propuestas para la agenda local", ItemType.DECISION, Method.CONSENSUS),
    ),
    AssemblyKind.SECURITY: (
        ItemSpec("Informe del cuadrante", ItemType.INFORMATION),
        ItemSpec("Lo que preocupa a las vecinas y vecinos", ItemType.PROBLEMS),
        ItemSpec("Compromisos de vigilancia y prevención", ItemType.DECISION, Method.CONSENSUS),
    ),
    AssemblyKind.ITINERANT: (
        ItemSpec("Palabras de la alcaldía", ItemType.INFORMATION), ItemSpec("Peticiones de vecinas y vecinos", ItemType.PROBLEMS),
        ItemSpec("Compromisos de las áreas presentes", ItemType.DECISION, Method.CONSENT),
    ),
    AssemblyKind.FOLLOW_UP: (
        ItemSpec("Respuesta de las áreas a lo pendiente", ItemType.INFORMATION),
        ItemSpec("Nuevos problemas en la calle", ItemType.PROBLEMS),
        ItemSpec("Qué se pide a cada área", ItemType.DECISION, Method.CONSENSUS),
    ),
}
_CLOSING = ItemSpec("Asuntos generales y fecha de la próxima asamblea", ItemType.INFORMATION)


def items(rng: Random, kind: AssemblyKind) -> tuple[ItemSpec, ...]:
    """Four to seven items in the order taken up, always with one for problems and one for decisions. The follow-up of
    open agreements (``FOLLOW_UP``) is not among them: it comes by itself."""
    pool = _MIDDLE[kind]
    kept = {next(at for at, item in enumerate(pool) if item.type is wanted) for wanted in (ItemType.PROBLEMS, ItemType.DECISION)}
    kept |= {at for at in range(len(pool)) if rng.random() < 0.45}
    return (rng.choice(_OPENING), *(pool[at] for at in sorted(kept)), _CLOSING)


_MINUTES = {
    ItemType.INFORMATION: (
        "Se leyó el orden del día y nadie pidió cambios.",
        "Se explicó para qué sirve la asamblea y cómo se da seguimiento a los acuerdos.",
        "Se presentó el personal de las áreas y dejó sus teléfonos de oficina.",
        "Se informó cuántos acuerdos se cumplieron y cuántos van tarde.",
        "Se recordó que nadie necesita credencial ni registro para participar.",
    ),
    ItemType.PROBLEMS: (
        "Se escucharon los problemas por turno, dos minutos por persona.",
        "Varias vecinas dijeron que el problema viene de antes y pidieron fechas.",
        "Se anotaron los problemas en hojas grandes y se agruparon por tema.",
        "Los niños presentes también opinaron y se anotó lo que dijeron.",
        "Se pidió empezar por lo que pone en riesgo a las personas.",
    ),
    ItemType.DECISION: (
        "Después de platicarlo, se llegó a un acuerdo sin votos en contra.",
        "Hubo dos propuestas; se quedó la que alcanza a más casas.",
        "Se fijó una fecha y quién responde de cada compromiso.", "Una persona pidió que conste que prefería otra prioridad.",
    ),
    ItemType.FOLLOW_UP: (
        "Se revisaron uno por uno los acuerdos abiertos.", "Se fue al lugar a ver si el trabajo estaba hecho.",
        "Dos vecinas presentes confirmaron lo que se terminó.", "El área explicó el retraso y dio nueva fecha.",
    ),
    ItemType.ELECTION: (
        "Se explicó qué hace un enlace y que nadie cobra por ello.",
        "Se propusieron voluntarias y voluntarios y se votó a mano alzada.",
        "La votación se hizo a la vista de todos y se contó dos veces.",
    ),
}
_CLOSINGS = (
    "Se leyó lo acordado y se dio por terminada la asamblea.", "Se agradeció la asistencia y se invitó a la próxima reunión.",
    "Se repartieron papeletas para confirmar los trabajos cuando se terminen.",
)


def minutes_of(rng: Random, kind: ItemType) -> str:
    """One to three sentences on what happened in an item."""
    pool = _MINUTES[kind]
    return " ".join(rng.sample(pool, rng.randint(1, min(3, len(pool)))))


def closing(rng: Random) -> str:
    return rng.choice(_CLOSINGS)


DECISION_TEXTS = (
    "Se aprueba pedir a las áreas los trabajos anotados, con la fecha que se fijó para cada uno.",
    "Se acuerda empezar por lo que pone en riesgo a niñas, niños y personas mayores.",
    "Se aprueba la jornada vecinal y la alcaldía presta la herramienta.",
    "Se acuerda reunirse otra vez en dos meses para revisar lo hecho.",
    "Se acuerda que dos vecinas acompañen cada visita de las áreas.",
)
OBJECTION_TEXTS = (
    "Dos personas piden que conste que la fecha les parece lejana.",
    "Un vecino prefería empezar por la otra calle y acepta la decisión.",
)
NOT_HELD_REASONS = (
    "Llovió muy fuerte y no se juntó la gente necesaria.", "No se reunió el mínimo de vecinos en la segunda llamada.",
    "Hubo un velorio en la calle y se prefirió no hacerla.",
)
CANCEL_REASONS = (
    "El salón no estuvo disponible; se convocará de nuevo.", "Se juntó con la asamblea de la cuadra de al lado.",
    "Hay obra en la calle y no hay espacio para reunirse.",
)
RESCHEDULE_REASONS = (
    "Ese día es la fiesta del barrio.", "Los vecinos pidieron un horario después del trabajo.", "Se pronostica lluvia fuerte.",
)
ADDENDA = (
    "Se corrige el número de la casa: donde dice 14 debe decir 41.",
    "Se agrega que también estuvo presente personal de parques y arbolado.",
    "Se aclara que la fecha del acuerdo se cuenta en días naturales.",
)
