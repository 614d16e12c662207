"""The words people read for the values the code keeps. One word per thing (DOMAIN.md)."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import get_locale

from app.core.i18n import lazy
from models.agreement import AgreementState
from models.assembly import (
    AgeBand,
    AssemblyKind,
    AssemblyState,
    Gathered,
    Gender,
    ItemState,
    ItemType,
    Method,
    Mode,
    Outcome,
)
from models.body import BodyKind, GovernmentLevel
from models.document import Tongue
from models.indicator import Aggregation, Direction, Frequency, Indicator
from models.liaison import Field
from models.people import Role
from models.priority import Place, PrioritySelection, Scale, WhenMissing
from models.privacy import Channel, IdentityProof, ReplyOutcome, RequestKind, RequestState
from models.process import Phase, ProcessStage
from models.territory import Level, UnitKind
from models.theme import Theme

LABELS = (
    (AgreementState.PROPOSED, lazy("Propuesto")),
    (AgreementState.ACCEPTED, lazy("Aceptado")),
    (AgreementState.IN_PROGRESS, lazy("En proceso")),
    (AgreementState.REPORTED_DONE, lazy("Reportado como hecho")),
    (AgreementState.VERIFIED, lazy("Verificado por vecinos")),
    (AgreementState.ON_HOLD, lazy("En pausa")),
    (AgreementState.DECLINED, lazy("No aceptado")),
    (AgreementState.CANCELLED, lazy("Cancelado")),
    (AssemblyState.DRAFT, lazy("Borrador")),
    (AssemblyState.CONVENED, lazy("Convocada")),
    (AssemblyState.IN_SESSION, lazy("En sesión")),
    (AssemblyState.HELD, lazy("Realizada, acta pendiente")),
    (AssemblyState.CLOSED, lazy("Realizada, con acta")),
    (AssemblyState.CANCELLED, lazy("Cancelada")),
    (AssemblyState.NOT_HELD, lazy("No se realizó")),
    (AssemblyKind.BLOCK, lazy("Asamblea de cuadra")),
    (AssemblyKind.TERRITORY, lazy("Asamblea de territorio")),
    (AssemblyKind.WORKSHOP, lazy("Taller de planeación")),
    (AssemblyKind.SECURITY, lazy("Diálogo de seguridad")),
    (AssemblyKind.ITINERANT, lazy("Asamblea itinerante")),
    (AssemblyKind.FOLLOW_UP, lazy("Asamblea de seguimiento")),
    (Mode.IN_PERSON, lazy("Presencial")),
    (Mode.ONLINE, lazy("En línea")),
    (Mode.BOTH, lazy("Presencial y en línea")),
    (ItemType.INFORMATION, lazy("Información")),
    (ItemType.PROBLEMS, lazy("Problemas del lugar")),
    (ItemType.DECISION, lazy("Decisión")),
    (ItemType.FOLLOW_UP, lazy("Seguimiento de acuerdos")),
    (ItemType.ELECTION, lazy("Elección")),
    (ItemState.PENDING, lazy("Pendiente")),
    (ItemState.OPEN, lazy("Abierto")),
    (ItemState.CLOSED, lazy("Cerrado")),
    (Method.CONSENSUS, lazy("Consenso")),
    (Method.CONSENT, lazy("Consentimiento")),
    (Method.VOTE, lazy("Votación")),
    (Outcome.ADOPTED, lazy("Se aprobó")),
    (Outcome.REJECTED, lazy("No se aprobó")),
    (Outcome.POSTPONED, lazy("Queda para otra asamblea")),
    (Gender.WOMEN, lazy("Mujeres")),
    (Gender.MEN, lazy("Hombres")),
    (Gender.OTHER, lazy("Otra identidad")),
    (Gathered.NEVER, lazy("Nunca se ha reunido")),
    (Gathered.LONG_AGO, lazy("Se reunió hace mucho")),
    (Gathered.CONVENED, lazy("Convocada")),
    (Gathered.MET, lazy("Ya se reunió")),
    (AgeBand.CHILDREN, lazy("Menores de 12")),
    (AgeBand.TEENAGERS, lazy("12 a 17")),
    (AgeBand.YOUNG, lazy("18 a 29")),
    (AgeBand.ADULTS, lazy("30 a 59")),
    (AgeBand.OLDER, lazy("60 o más")),
    (GovernmentLevel.BOROUGH, lazy("Alcaldía")),
    (GovernmentLevel.CITY, lazy("Ciudad")),
    (GovernmentLevel.FEDERAL, lazy("Federación")),
    (GovernmentLevel.COMMUNITY, lazy("Comunidad")),
    (BodyKind.AREA, lazy("Área de gobierno")),
    (BodyKind.COLLECTIVE, lazy("Colectivo de planeación")),
    (BodyKind.COMMISSION, lazy("Comisión")),
    (BodyKind.TABLE, lazy("Mesa de trabajo")),
    (UnitKind.COLONIA, lazy("Colonia")),
    (UnitKind.BARRIO, lazy("Barrio")),
    (UnitKind.PUEBLO, lazy("Pueblo")),
    (UnitKind.UNIDAD_HABITACIONAL, lazy("Unidad habitacional")),
    (Role.ADMIN, lazy("Administración")),
    (Role.PLANNING, lazy("Dirección de planeación")),
    (Role.DIRECTOR, lazy("Dirección territorial")),
    (Role.LEAD, lazy("Responsable del territorio")),
    (Role.OFFICIAL, lazy("Funcionario de participación")),
    (Role.PROMOTER, lazy("Promotor comunitario")),
    (Role.AREA, lazy("Área de gobierno")),
    (Role.LIAISON, lazy("Enlace comunitario")),
    (Role.COLLECTIVE, lazy("Colectivo de planeación")),
    (ProcessStage.FIRST_CONTACT, lazy("Primer contacto")),
    (ProcessStage.GENERAL_DIAGNOSTIC, lazy("Diagnóstico general")),
    (ProcessStage.PARTICIPATORY_DIAGNOSTIC, lazy("Diagnóstico participativo")),
    (ProcessStage.PROPOSALS, lazy("Propuestas")),
    (ProcessStage.PRELIMINARY_AGENDA, lazy("Agenda preliminar")),
    (ProcessStage.APPROVED, lazy("Agenda aprobada")),
    (ProcessStage.FOLLOW_UP, lazy("Seguimiento")),
    (ProcessStage.EVALUATION, lazy("Evaluación")),
    (Tongue.SPANISH, lazy("Español")),
    (Tongue.FRENCH, lazy("Francés")),
    (Tongue.ENGLISH, lazy("Inglés")),
    (Tongue.NAHUATL, lazy("Náhuatl")),
    (Tongue.MIXTEC, lazy("Mixteco")),
    (Tongue.ZAPOTEC, lazy("Zapoteco")),
    (Tongue.OTOMI, lazy("Otomí")),
    (Tongue.OTHER, lazy("Otra lengua")),
    (Field.PEACE, lazy("Paz y bienestar")),
    (Field.HEALTH, lazy("Salud")),
    (Field.CIVIL_PROTECTION, lazy("Protección civil")),
    (Field.WOMEN, lazy("Mujeres")),
    (Field.YOUTH, lazy("Juventudes")),
    (Field.CHILDREN, lazy("Niñez")),
    (Field.OLDER_PEOPLE, lazy("Personas mayores")),
    (Aggregation.SUM, lazy("Se suma")),
    (Aggregation.AREA_MEAN, lazy("Promedio según la superficie")),
    (Aggregation.POPULATION_MEAN, lazy("Promedio según la población")),
    (Aggregation.NONE, lazy("No se calcula para unidades mayores")),
    (Direction.HIGHER, lazy("Más es mejor")),
    (Direction.LOWER, lazy("Menos es mejor")),
    (Direction.NEITHER, lazy("Ni mejor ni peor")),
    (Frequency.YEAR, lazy("Cada año")),
    (Frequency.QUARTER, lazy("Cada trimestre")),
    (Frequency.MONTH, lazy("Cada mes")),
    (Frequency.DAY, lazy("Un día cualquiera")),
    (Scale.RANK, lazy("Por lugar: cuántas unidades tienen menos necesidad")),
    (Scale.RANGE, lazy("En proporción: entre el valor menor y el mayor")),
    (Scale.DEVIATION, lazy("En desviaciones: qué tan lejos del promedio")),
    (WhenMissing.LEAVE_OUT, lazy("Queda aparte, sin lugar en la lista")),
    (WhenMissing.SHARE_OUT, lazy("Los demás indicadores se reparten el peso del que falta")),
    (Place.CHOSEN, lazy("Elegida")),
    (Place.BEHIND, lazy("No elegida")),
    (Place.OUTSIDE, lazy("Fuera de las condiciones")),
    (Place.NO_DATA, lazy("Sin datos suficientes")),
    (RequestKind.ACCESS, lazy("Acceso")),
    (RequestKind.RECTIFICATION, lazy("Rectificación")),
    (RequestKind.CANCELLATION, lazy("Cancelación")),
    (RequestKind.OPPOSITION, lazy("Oposición")),
    (RequestState.RECEIVED, lazy("Recibida")),
    (RequestState.IDENTITY_CHECKED, lazy("Identidad comprobada")),
    (RequestState.EXTENDED, lazy("Con más plazo")),
    (RequestState.ANSWERED, lazy("Respondida")),
    (RequestState.CLOSED, lazy("Cerrada")),
    (Channel.OFFICE, lazy("En la oficina")),
    (Channel.EMAIL, lazy("Por correo")),
    (Channel.FORM, lazy("Por esta página")),
    (IdentityProof.DOCUMENT, lazy("Mostró una identificación")),
    (IdentityProof.ACCOUNT, lazy("Escribió desde el correo de su cuenta")),
    (IdentityProof.REPRESENTATIVE, lazy("Mostró que representa a esa persona")),
    (ReplyOutcome.GRANTED, lazy("Procede")),
    (ReplyOutcome.PARTLY, lazy("Procede en parte")),
    (ReplyOutcome.DENIED, lazy("No procede")),
)
# Members of StrEnum hash like their text: two kinds that share a value would share a label.
_BY_KIND = {(type(member), member): text for member, text in LABELS}
CAPACITIES = {
    "focal_point": lazy("Punto focal"),
    "system": lazy("Sistema"),
    "voice": lazy("Una vecina o un vecino"),
    "resident": lazy("Una persona que reside aquí"),
    "assembly": lazy("La asamblea"),
}


def label(member) -> str:
    """The words for a value of one of the domain's enumerations. Raises KeyError for one without words."""
    return str(_BY_KIND[type(member), member])


def role_words(role: str) -> str:
    """The words for the role of a capacity: one of the nine rights, or a quality that is no right."""
    return label(Role(role)) if role in set(Role) else str(CAPACITIES.get(role, role))


def local_name(thing: Indicator | Level | Phase | PrioritySelection | Theme) -> str:
    """The name of an indicator, level, phase, selection or theme in the page's language."""
    return local_text(thing, "name")


def local_text(thing: Any, field: str) -> str:
    """What ``thing`` keeps in three languages under ``field``, in the page's; in Spanish where it is not translated."""
    return getattr(thing, f"{field}_{get_locale().language}", None) or getattr(thing, f"{field}_es")


def init_labels(app: Flask) -> None:
    app.jinja_env.filters.update(label=label, local_name=local_name, local_text=local_text, role_words=role_words)
