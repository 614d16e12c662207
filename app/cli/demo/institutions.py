"""The themes of the invented borough and the bodies that answer: areas of three governments and community bodies."""

from __future__ import annotations

from dataclasses import dataclass

from models.body import BodyKind, GovernmentLevel


@dataclass(frozen=True)
class ThemeSpec:
    """A theme with its names in three languages; ``sensitive`` keeps no point and no public place (DOMAIN.md 7)."""

    code: str
    name_es: str
    name_fr: str
    name_en: str
    sensitive: bool = False


@dataclass(frozen=True)
class BodySpec:
    """``code`` unique among bodies; ``short`` is how the area is called in a sentence, with its article."""

    code: str
    name: str
    level: GovernmentLevel
    kind: BodyKind = BodyKind.AREA
    short: str = ""


THEMES = (
    ThemeSpec("lighting", "Alumbrado público", "Éclairage public", "Street lighting"),
    ThemeSpec("water", "Agua y drenaje", "Eau et assainissement", "Water and drainage"),
    ThemeSpec("streets", "Calles y banquetas", "Rues et trottoirs", "Streets and pavements"),
    ThemeSpec("waste", "Basura y limpieza", "Déchets et propreté", "Waste and cleaning"),
    ThemeSpec("public-space", "Parques y espacio público", "Parcs et espace public", "Parks and public space"),
    ThemeSpec("mobility", "Movilidad y transporte", "Mobilité et transports", "Mobility and transport"),
    ThemeSpec("security", "Seguridad", "Sécurité", "Security", sensitive=True),
    ThemeSpec("violence", "Vida libre de violencia", "Vie sans violence", "Freedom from violence", sensitive=True),
    ThemeSpec("health", "Salud", "Santé", "Health"),
    ThemeSpec("civil-protection", "Protección civil", "Protection civile", "Civil protection"),
    ThemeSpec("culture-sport", "Cultura y deporte", "Culture et sport", "Culture and sport"),
    ThemeSpec("women", "Mujeres", "Femmes", "Women"),
    ThemeSpec("youth", "Jóvenes", "Jeunes", "Young people"),
    ThemeSpec("children", "Niñas y niños", "Enfants", "Children"),
    ThemeSpec("older-people", "Personas mayores", "Personnes âgées", "Older people"),
)
SENSITIVE = frozenset(theme.code for theme in THEMES if theme.sensitive)

_B, _C, _F = GovernmentLevel.BOROUGH, GovernmentLevel.CITY, GovernmentLevel.FEDERAL

AREAS = (
    BodySpec("alumbrado", "Jefatura de Alumbrado Público", _B, short="la jefatura de alumbrado"),
    BodySpec("agua", "Dirección de Agua y Drenaje", _B, short="la dirección de agua"),
    BodySpec("obras", "Dirección de Obras y Banquetas", _B, short="la dirección de obras"),
    BodySpec("limpia", "Jefatura de Limpia y Recolección", _B, short="la jefatura de limpia"),
    BodySpec("parques", "Jefatura de Parques y Arbolado", _B, short="la jefatura de parques"),
    BodySpec("via-publica", "Jefatura de Vía Pública y Mercados", _B, short="la jefatura de vía pública"),
    BodySpec("movilidad", "Jefatura de Movilidad y Señales", _B, short="la jefatura de movilidad"),
    BodySpec("seguridad", "Dirección de Seguridad Vecinal", _B, short="la dirección de seguridad vecinal"),
    BodySpec("gobierno", "Dirección de Gobierno y Verificación", _B, short="la dirección de gobierno"),
    BodySpec("proteccion-civil", "Dirección de Protección Civil", _B, short="la dirección de protección civil"),
    BodySpec("salud", "Jefatura de Salud Comunitaria", _B, short="la jefatura de salud"),
    BodySpec("cultura", "Dirección de Cultura y Fiestas", _B, short="la dirección de cultura"),
    BodySpec("deporte", "Jefatura de Deporte Comunitario", _B, short="la jefatura de deporte"),
    BodySpec("mujeres", "Dirección de Igualdad y Mujeres", _B, short="la dirección de mujeres"),
    BodySpec("juventud", "Jefatura de Juventud", _B, short="la jefatura de juventud"),
    BodySpec("infancia", "Jefatura de Niñez y Cuidados", _B, short="la jefatura de niñez"),
    BodySpec("mayores", "Jefatura de Personas Mayores", _B, short="la jefatura de personas mayores"),
    BodySpec("participacion", "Dirección de Participación y Territorio", _B, short="la dirección de participación"),
    BodySpec("aguas-ciudad", "Sistema de Aguas de la Ciudad", _C, short="el sistema de aguas"),
    BodySpec("obras-ciudad", "Secretaría de Obras de la Ciudad", _C, short="la secretaría de obras"),
    BodySpec("movilidad-ciudad", "Secretaría de Transporte de la Ciudad", _C, short="la secretaría de transporte"),
    BodySpec("seguridad-ciudad", "Secretaría de Policía de la Ciudad", _C, short="la secretaría de policía"),
    BodySpec("salud-ciudad", "Servicios de Salud de la Ciudad", _C, short="los servicios de salud"),
    BodySpec("mujeres-ciudad", "Instituto de las Mujeres de la Ciudad", _C, short="el instituto de las mujeres"),
    BodySpec("luz-federal", "Compañía Federal de Luz", _F, short="la compañía de luz"),
    BodySpec("cauces", "Autoridad Federal de Cauces y Barrancas", _F, short="la autoridad de cauces"),
    BodySpec("ferrocarril", "Administración Federal de Vías Férreas", _F, short="la administración de vías"),
    BodySpec("bienestar-federal", "Secretaría Federal de Bienestar", _F, short="la secretaría de bienestar"),
)


def collective(short_code: str, territory: str) -> BodySpec:
    """The planning collective of a territory; its code is made from the territory's short code."""
    return BodySpec(
        f"col-{short_code.lower()}", f"Colectivo de Planeación {territory}", GovernmentLevel.COMMUNITY, BodyKind.COLLECTIVE,
        "el colectivo de planeación",
    )


def commission(short_code: str, territory: str) -> BodySpec:
    """A smaller community body of a territory, for water."""
    return BodySpec(
        f"com-{short_code.lower()}", f"Comisión del Agua {territory}", GovernmentLevel.COMMUNITY, BodyKind.COMMISSION,
        "la comisión del agua",
    )
