"""Invented place names: no colonia, street or office here is a real one of any borough on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from models.territory import UnitKind

BOROUGH = "Tecolomilpan"
BOROUGH_CODE = "TCM"

SHORT_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"

OFFICES = (
    "Barranca Honda", "Cerro del Tecolote", "Los Canales", "Ojo de Agua", "La Garita", "Llano Grande", "Tres Molinos",
    "Puente Quebrado", "Las Caleras", "Arboleda Vieja", "El Mirador", "Estación del Norte", "Milpa del Rey",
)

_COLONIAS = (
    "Los Telares", "Lomas del Tejocote", "La Hormiga", "El Zapotillo", "Jardines de la Cañada", "Cazahuates", "Las Carretas",
    "La Noria Chica", "El Colorín", "Bellavista del Tecolote", "Prados del Capulín", "La Cochinilla", "Herreros del Sur",
    "Nueva Aurora Fabril", "El Quelite", "Palmillas", "Loma Encendida", "La Alfarería", "Tejamaniles", "Vista del Ahuehuete",
    "El Guardagujas", "Los Hilanderos", "Cañaveral Viejo", "Piedra Rodada", "La Espiga", "Los Papalotes", "Magueyera",
    "El Obraje", "La Cigarra", "Campo de Amapolas", "Cerrito de Luna", "La Verbena", "El Tendajón", "Los Cántaros",
    "Nopalera del Poniente", "La Fundidora Chica", "Mesón de Arrieros", "El Chapulín", "Las Adoberas", "Puerta de Tezontle",
    "Lomas de Cempasúchil", "El Huizachal", "La Lechuza", "Jacalones", "Las Trojes", "Rincón del Mezquite", "El Temporal",
    "La Curtiduría", "Los Tianguistas", "Cuesta Blanca", "La Pirinola", "Tejedores", "Las Golondrinas del Norte", "El Comal",
    "Nuevo Abrevadero", "La Chirimía", "Los Copales", "Veredas del Tepozán", "La Tlapalería", "Arenal del Oriente",
)
_BARRIO_SAINTS = (
    "San Crispín", "San Homobono", "Santa Zita", "San Pascual Horneros", "Santa Tecla Chica", "San Eloy", "La Candelaria Chica",
    "San Isidoro", "Los Santos Inocentes", "San Tarsicio", "Santa Eduviges", "San Dunstano", "La Soledad Vieja", "San Zenón",
    "Santa Quiteria", "San Roquito", "San Caralampio", "Las Ánimas", "Santa Petronila", "San Expedito", "San Hilarión",
    "Santa Brígida", "San Macario", "Santa Escolástica",
)
_PUEBLO_SAINTS = (
    "San Baltasar", "Santa Rufina", "San Onofre", "San Sebastián", "Santa Cecilia", "San Gaspar", "San Nicasio", "Santa Justa",
    "San Melitón", "San Teódulo", "Santa Leocadia", "San Cosme", "San Ubaldo", "Santa Domitila", "San Críspulo", "San Bonifacio",
    "Santa Fermina",
)
_PUEBLO_WORDS = (
    "Tecolomilpan", "Xaltepulco", "Cuitlamaya", "Ahuexocalco", "Tlapizahuac", "Acolmixtla", "Tezonyuca", "Chimalcoyan",
    "Ocotlamanca", "Huitzilcalpa", "Atlixtepan", "Metlapancalco", "Zoquitlamanca", "Copalixpan", "Tlilmixco", "Amanalpilco",
    "Tepozcuautla",
)
_ESTATES = (
    "Los Alcatraces", "Torres del Molino", "14 de Septiembre", "El Vagón", "Ceramistas", "Los Sauces de la Noria",
    "Rinconada del Telar", "Cantera Rosa", "La Estafeta", "Tipógrafos", "El Silbato", "Patios del Canal",
    "Ferroviarios del Valle", "Las Jacarandas de Tres Molinos", "Maestros Rurales", "El Crisol", "Costureras del 85",
    "Los Faroles", "Portales del Llano", "Telegrafistas", "Solar de los Pinos", "Panaderos Unidos", "La Bobina", "El Andén",
)

_TREES = (
    "Nogal", "Encino", "Fresno", "Capulín", "Tepozán", "Ahuehuete", "Jacaranda", "Colorín", "Tejocote", "Sauce", "Pirul",
    "Oyamel", "Liquidámbar", "Mezquite", "Huizache", "Ciprés", "Olmo", "Álamo", "Guayabo", "Zapote", "Mamey", "Ocote", "Cedro",
    "Laurel", "Trueno", "Magnolia", "Casuarina", "Aguacate", "Limonero", "Naranjo", "Granado", "Higuera", "Durazno", "Ciruelo",
    "Membrillo", "Palo Dulce", "Copal", "Amate", "Ceiba", "Caoba",
)
_FLOWERS = (
    "Azucena", "Bugambilia", "Cempasúchil", "Dalia", "Gardenia", "Hortensia", "Jazmín", "Lirio", "Margarita", "Nardo", "Orquídea",
    "Petunia", "Rosal", "Tulipán", "Violeta", "Alhelí", "Begonia", "Clavel", "Crisantemo", "Geranio", "Girasol", "Heliotropo",
    "Malvón", "Nochebuena", "Pensamiento", "Siempreviva", "Verbena", "Azalea", "Camelia", "Floripondio", "Madreselva", "Amapola",
    "Acacia", "Mirasol", "Alcatraz", "Retama",
)
_BIRDS = (
    "Cenzontle", "Colibrí", "Golondrina", "Jilguero", "Tecolote", "Zanate", "Cardenal", "Calandria", "Gorrión", "Quetzal",
    "Garza", "Pelícano", "Halcón", "Cuitlacoche", "Tórtola", "Chachalaca", "Codorniz", "Faisán", "Mirlo", "Ruiseñor", "Águila",
    "Cernícalo", "Grulla", "Ibis", "Canario", "Petirrojo", "Alondra", "Martín Pescador", "Correcaminos", "Lechuza", "Paloma",
    "Primavera", "Urraca", "Avefría", "Tucán", "Guacamaya",
)
_TRADES = (
    "Alfareros", "Herreros", "Canteros", "Tejedores", "Panaderos", "Carpinteros", "Talabarteros", "Hojalateros", "Cereros",
    "Curtidores", "Impresores", "Encuadernadores", "Sastres", "Zapateros", "Plateros", "Relojeros", "Arrieros", "Jornaleros",
    "Pescadores", "Chinamperos", "Leñadores", "Aguadores", "Músicos", "Coheteros", "Costureras", "Parteras", "Hilanderas",
    "Molineros", "Vidrieros", "Faroleros", "Carboneros", "Tablajeros", "Boticarios", "Ebanistas", "Toneleros", "Barreteros",
    "Tipógrafos", "Guardagujas",
)
_HEROES = (
    "5 de Mayo", "16 de Septiembre", "20 de Noviembre", "Hidalgo", "Morelos", "Guerrero", "Juárez", "Aldama", "Allende",
    "Matamoros", "Galeana", "Bravo", "Abasolo", "Rayón", "Mina", "Zaragoza", "Ocampo", "Degollado", "Leona Vicario",
    "Corregidora", "Niños Héroes", "Independencia", "Reforma", "Libertad", "Progreso", "Constitución", "Insurgentes",
    "Emiliano Zapata", "Francisco Villa", "Felipe Ángeles", "Gertrudis Bocanegra", "La Paz", "Porvenir", "Unión", "Igualdad",
    "1 de Mayo", "10 de Mayo", "2 de Abril",
)
_RIVERS = (
    "Río Papaloapan", "Río Balsas", "Río Usumacinta", "Río Nazas", "Río Conchos", "Río Fuerte", "Río Yaqui", "Río Mayo",
    "Río Lerma", "Río Tula", "Río Verde", "Río Grijalva", "Río Candelaria", "Río Hondo", "Río Tonalá", "Río Tecolutla",
    "Río Nautla", "Río Cazones", "Río Tuxpan", "Río Pánuco", "Río Soto la Marina", "Río San Fernando", "Río Salado",
    "Río Sabinas", "Río Florido", "Río Aguanaval", "Río Acaponeta", "Río Ameca", "Río Armería", "Río Coahuayana", "Río Atoyac",
    "Río Ometepec", "Río Tehuantepec", "Río Suchiate", "Río Jamapa", "Río Blanco",
)
_STONES = (
    "Obsidiana", "Tezontle", "Cantera", "Jade", "Ópalo", "Turquesa", "Ámbar", "Basalto", "Mármol", "Ónix", "Granito", "Cuarzo",
    "Pizarra", "Azabache", "Malaquita", "Ágata", "Amatista", "Topacio", "Coral", "Esmeralda", "Rubí", "Zafiro", "Lava",
    "Pedernal", "Caliza", "Arenisca", "Cobre", "Plata", "Estaño", "Bronce", "Hierro", "Mercurio", "Zinc", "Níquel", "Pirita",
    "Feldespato",
)
_SKY = (
    "Orión", "Casiopea", "Pléyades", "Andrómeda", "Pegaso", "Sirio", "Vega", "Antares", "Aldebarán", "Polar", "Venus", "Marte",
    "Júpiter", "Saturno", "Neptuno", "Urano", "Luna", "Sol", "Cometa", "Lucero", "Eclipse", "Aurora", "Meteoro", "Géminis",
    "Acuario", "Tauro", "Aries", "Escorpión", "Capricornio", "Osa Mayor", "Osa Menor", "Cruz del Sur", "Vía Láctea", "Crepúsculo",
    "Cenit", "Horizonte",
)
_NAHUATL = (
    "Xóchitl", "Citlali", "Nenetl", "Tonalli", "Yolotl", "Quiahuitl", "Ehécatl", "Mazatl", "Cuauhtli", "Ocelotl", "Tochtli",
    "Malinalli", "Acatl", "Calli", "Coatl", "Atl", "Tecpatl", "Ollin", "Cipactli", "Itzcuintli", "Ozomatli", "Cuetzpalin",
    "Tlaloc", "Mixcoatl", "Meztli", "Papalotl", "Tecolotl", "Huitzil", "Axolotl", "Chimalli", "Macuilli", "Nahui", "Ilhuitl",
    "Tepetl", "Apantli", "Chinamitl",
)
_MUSIC = (
    "Jarana", "Marimba", "Guitarrón", "Chirimía", "Vihuela", "Arpa", "Violín", "Clarinete", "Trompeta", "Tambora", "Huapango",
    "Son Jarocho", "Danzón", "Bolero", "Corrido", "Vals", "Mazurca", "Polca", "Zapateado", "Jarabe", "Serenata", "Sandunga",
    "Llorona", "Cielito Lindo", "Adelita", "Valentina", "Rielera", "Golondrinas", "Barca de Oro", "Paloma Negra", "Pirekua",
    "Chilena", "Jaranita", "Tololoche", "Ocarina", "Teponaztli",
)
STREET_THEMES = (_TREES, _FLOWERS, _BIRDS, _TRADES, _RIVERS, _STONES, _SKY, _NAHUATL, _MUSIC)

_AVENUES = (
    "Avenida de los Telares", "Avenida Ojo de Agua", "Calzada de las Ánimas", "Eje Milpero", "Avenida Tres Molinos",
    "Avenida del Obraje", "Calzada del Tecolote", "Avenida Caleras", "Avenida de la Estación", "Avenida Puente Quebrado",
    "Camino a la Garita", "Avenida Arboledas", "Avenida Cantera", "Calzada de los Arrieros", "Avenida del Temporal",
    "Avenida Chinampa", "Avenida Alfareros", "Camino Real a Tecolomilpan", "Avenida Cazahuates", "Avenida Llano Grande",
    "Avenida Tezontle Rojo", "Calzada del Molino", "Avenida de los Jornaleros", "Avenida Nopalera", "Avenida Magueyes",
    "Camino al Mirador", "Avenida Acequia", "Avenida de las Trojes", "Calzada Vieja", "Avenida 14 de Septiembre",
    "Avenida Hilanderas", "Avenida Vecinal", "Avenida del Mercado", "Avenida Abrevadero", "Camino de Leñadores",
    "Avenida Fundidora",
)
_WINDS = ("Norte", "Sur", "Oriente", "Poniente")
FEATURES = (
    ("Camino de la Barranca Honda", 0.2), ("Vía del Ferrocarril de Carga", 0.012), ("Ribera del Canal de Ahuexo", 0.035),
)
OUTSKIRTS = (
    "Carretera Vieja a los Llanos", "Camino del Lindero", "Libramiento Oriente", "Vereda del Monte", "Periférico de los Volcanes",
    "Camino a las Minas de Arena",
)


def boundaries(rng: Random) -> Iterator[tuple[str, float]]:
    """Names, with how far each strays (see ``network.cut``), of what divides the borough: the ravine, the railway and
    the canal first, then avenues without end."""
    yield from FEATURES
    number = 0
    while True:
        for name in rng.sample(_AVENUES, len(_AVENUES)):
            yield (f"{name} {_WINDS[number % 4]}" if number else name), rng.choice((0.01, 0.03, 0.05))
        number += 1


def territory_names(rng: Random) -> dict[UnitKind, Iterator[str]]:
    """For each kind of territory an endless series of names without repetition."""
    colonias = rng.sample(_COLONIAS, len(_COLONIAS))
    return {
        UnitKind.COLONIA: _endless(colonias, ("Ampliación {}", "{} 2a. Sección", "{} 3a. Sección")),
        UnitKind.BARRIO: _endless([f"Barrio {name}" for name in rng.sample(_BARRIO_SAINTS, len(_BARRIO_SAINTS))], ("{} Alto", "{} Bajo")),
        UnitKind.PUEBLO: _endless([f"{saint} {word}" for saint, word in zip(
            rng.sample(_PUEBLO_SAINTS, len(_PUEBLO_SAINTS)), rng.sample(_PUEBLO_WORDS, len(_PUEBLO_WORDS)), strict=True
        )], ("{} Viejo", "{} Nuevo")),
        UnitKind.UNIDAD_HABITACIONAL: _endless(
            [f"Unidad Habitacional {name}" for name in rng.sample(_ESTATES, len(_ESTATES))], ("{} Sur", "{} Norte")
        ),
    }


def _endless(names: list[str], patterns: tuple[str, ...]) -> Iterator[str]:
    yield from names
    for pattern in patterns:
        yield from (pattern.format(name) for name in names)
    number = 4
    while True:
        yield from (f"{name} {number}" for name in names)
        number += 1


def street_names(rng: Random, kind: UnitKind) -> tuple[Iterator[str], Iterator[str]]:
    """Two endless series for one territory: names of streets, and of its short ways (closes, alleys, walks)."""
    if kind is UnitKind.PUEBLO:
        theme = list(_HEROES)
    elif kind is UnitKind.BARRIO:
        theme = [*rng.sample(_HEROES, 14), *rng.choice((_TRADES, _NAHUATL, _FLOWERS))]
    else:
        theme = list(rng.choice(STREET_THEMES))
    rng.shuffle(theme)
    ways = {
        UnitKind.COLONIA: ("Cerrada {}", "Privada {}", "Segunda Cerrada {}"),
        UnitKind.BARRIO: ("Callejón {}", "Cerrada {}", "Privada {}"),
        UnitKind.PUEBLO: ("Callejón {}", "Privada {}", "Segunda Privada {}"),
        UnitKind.UNIDAD_HABITACIONAL: ("Andador {}", "Retorno {}", "Segundo Andador {}"),
    }[kind]
    streets = _endless([f"Calle {name}" for name in theme], ("{} Norte", "{} Sur", "{} Poniente"))
    turned = [*theme[len(theme) // 2:], *theme[:len(theme) // 2]]
    return streets, iter([pattern.format(name) for name in turned for pattern in ways] * 20)


def short_code(name: str, taken: set[str]) -> str:
    """A code of three letters that recalls ``name``, from the letters a folio may carry; adds itself to ``taken``."""
    plain = name.upper().translate(str.maketrans("ÁÉÍÓÚÜÑ", "AEIOUUN"))
    words = [word for word in plain.split() if word not in {"DE", "DEL", "LA", "LAS", "LOS", "EL", "UNIDAD", "HABITACIONAL", "BARRIO"}]
    letters = [letter for letter in "".join(words) if letter in SHORT_LETTERS]
    heads = [word[0] for word in words if word[0] in SHORT_LETTERS]
    letters += [letter for letter in "XYZWKQ" if letter not in letters]
    first = (heads or letters)[0]
    tries = ["".join(heads[:3])] if len(heads) > 2 else []
    if len(heads) == len(words) == 2:
        tries += [heads[0] + heads[1] + letter for letter in words[1][1:] if letter in SHORT_LETTERS]
    tries += [first + second + third for at, second in enumerate(letters[1:], 2) for third in letters[at:]]
    tries += [first + second + third for second in SHORT_LETTERS for third in SHORT_LETTERS]
    found = next(code for code in tries if len(code) == 3 and code not in taken)
    taken.add(found)
    return found
