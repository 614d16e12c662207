"""What the import of boundaries says to people: one code, one sentence, with what to do next.

The separate process that reads files sends codes and figures, never prose: a hostile file must not be able to
write on our pages through an error message of the library that reads it.
"""

from collections.abc import Mapping

from app.core.i18n import lazy

# Reasons why a whole file is refused.
UNREADABLE = {
    "not_found": lazy("No se encontró el archivo %(name)s. Revise la ruta y el nombre."),
    "empty": lazy("El archivo está vacío. Vuelva a exportarlo o a descargarlo."),
    "too_big": lazy("El archivo pesa %(size)s MB y el máximo es %(limit)s MB. Divídalo en partes o quite las columnas que no se usan."),
    "extension": lazy(
        "No se reconoce el formato «%(extension)s». Se aceptan GeoJSON (.geojson, .json), GeoPackage "
        "(.gpkg), Shapefile comprimido (.zip) y KML (.kml)."
    ),
    "bare_shapefile": lazy(
        "Un Shapefile son varios archivos. Comprima juntos el .shp, el .shx, el .dbf y el .prj en un .zip y entregue ese."
    ),
    "kmz": lazy("Un KMZ es un KML comprimido. Ábralo y guárdelo como KML, o descomprímalo y entregue el .kml de adentro."),
    "content": lazy(
        "El contenido no corresponde a la extensión «%(extension)s». Vuelva a exportar el archivo con el programa donde se hizo."
    ),
    "topojson": lazy("Es un TopoJSON, que no declara su sistema de coordenadas. Conviértalo a GeoJSON en longitud y latitud."),
    "topojson_pixels": lazy(
        "Es un TopoJSON sin sistema de coordenadas y sus coordenadas parecen pixeles de pantalla (de "
        "%(low)s a %(high)s), no lugares: es un dibujo y no se puede poner en el mapa. Pida a quien lo "
        "publica el archivo original con coordenadas."
    ),
    "entities": lazy(
        "El archivo trae una declaración DOCTYPE o ENTITY, que puede usarse para leer otros archivos. Vuelva a exportar el KML sin ella."
    ),
    "text_encoding": lazy("El texto del KML no está en UTF-8. Ábralo y guárdelo de nuevo como UTF-8."),
    "bad_zip": lazy("El .zip está dañado o protegido con contraseña. Vuelva a comprimir el Shapefile."),
    "zip_members": lazy("El .zip trae %(count)s archivos y el máximo es %(limit)s. Deje solo los del Shapefile."),
    "zip_names": lazy("El .zip trae un archivo con una ruta no permitida. Comprima los archivos sin carpetas."),
    "zip_bomb": lazy("El .zip se expande a mucho más de lo permitido (%(limit)s MB). Deje solo los archivos del Shapefile."),
    "zip_no_shapefile": lazy("El .zip no trae un archivo .shp. Comprima juntos el .shp, el .shx, el .dbf y el .prj."),
    "layers": lazy("El archivo trae varias capas (%(layers)s). Indique cuál se importa."),
    "no_such_layer": lazy("El archivo no trae la capa «%(layer)s». Trae: %(layers)s."),
    "no_layers": lazy("El archivo no trae ninguna capa con figuras."),
    "no_features": lazy("El archivo no trae ninguna figura. Revise que la exportación no esté filtrada."),
    "too_many": lazy("El archivo trae más de %(limit)s figuras, el máximo. Divídalo en partes."),
    "no_crs": lazy(
        "El archivo no declara su sistema de coordenadas, y adivinarlo pondría los límites en otro lugar. "
        "Vuelva a exportarlo con él (en un Shapefile es el archivo .prj)."
    ),
    "unknown_crs": lazy(
        "El sistema de coordenadas que declara el archivo no se puede interpretar. Vuelva a exportarlo en longitud y latitud (EPSG:4326)."
    ),
    "not_degrees": lazy(
        "El archivo dice estar en longitud y latitud, pero sus coordenadas no lo son (por ejemplo %(x)s, "
        "%(y)s): parecen metros o pixeles. Vuelva a exportarlo declarando su sistema de coordenadas."
    ),
    "swapped": lazy(
        "Las coordenadas (por ejemplo %(x)s, %(y)s) parecen venir invertidas, latitud antes que longitud. "
        "Vuelva a exportar el archivo con la longitud primero."
    ),
    "not_projected": lazy("Las coordenadas no caben en el sistema que declara el archivo. Revise cuál es el suyo y vuelva a exportarlo."),
    "damaged": lazy("El archivo está dañado o incompleto y no se pudo leer. Vuelva a exportarlo o a descargarlo."),
    "too_slow": lazy("La lectura tardó más de %(seconds)s segundos y se detuvo. Simplifique las figuras o divida el archivo."),
    "too_heavy": lazy(
        "El archivo pidió más memoria de la permitida (%(limit)s MB) y la lectura se detuvo. Simplifique las figuras o divida el archivo."
    ),
    "not_installed": lazy('Falta instalar la lectura de mapas en el servidor. Pida a quien lo administra: pip install "cuadra[gis]".'),
    "open_door": lazy("La lectura de mapas del servidor tiene activos formatos no permitidos (%(drivers)s). Avise a quien lo administra."),
}

# Why one feature is refused, by the reading process.
PROBLEM = {
    "no_geometry": lazy("No trae figura. Dibuje el polígono de esta unidad o quite el renglón."),
    "points": lazy("Trae un punto y se necesita un polígono: un punto no dice hasta dónde llega la unidad."),
    "lines": lazy("Trae una línea y se necesita un polígono. Cierre la línea para que encierre la unidad."),
    "broken": lazy("La figura no se puede leer: le faltan puntos o no está cerrada. Dibújela de nuevo."),
    "too_detailed": lazy(
        "La figura trae %(count)s puntos y el máximo es %(limit)s: ningún límite necesita tantos. Simplifíquela y vuelva a exportar."
    ),
    "antimeridian": lazy(
        "La figura cruza el meridiano 180 y así daría la vuelta al mundo. Pártala en dos por ese meridiano, como pide GeoJSON (RFC 7946)."
    ),
    "flat": lazy("La figura no encierra ningún área. Dibújela de nuevo."),
    "not_degrees": lazy("Sus coordenadas (%(x)s, %(y)s) no son longitud y latitud."),
    "swapped": lazy(
        "Sus coordenadas (%(x)s, %(y)s) parecen venir invertidas, latitud antes que longitud. Vuelva a exportar con la longitud primero."
    ),
    "not_projected": lazy("Sus coordenadas no caben en el sistema de coordenadas que declara el archivo. Revise cuál es el suyo."),
}

# What was repaired in one feature.
REPAIR = {
    "crossed": lazy("Los bordes se cruzaban o se tocaban; se corrigieron y el área cambió %(percent)s %%."),
    "height": lazy("Se quitó la altura: los límites son planos."),
    "mixed": lazy("Traía puntos o líneas junto al polígono; se conservó el polígono."),
    "slivers": lazy("Se quitaron pedazos sin área: %(count)s."),
}

# What is worth knowing of the whole file.
NOTE = {
    "no_dbf": lazy("El .zip no trae el archivo .dbf: las figuras no tienen clave ni nombre."),
    "no_shx": lazy("El .zip no traía el archivo .shx; se reconstruyó."),
    "transcoded": lazy("El texto no estaba en UTF-8; se leyó como Windows-1252."),
    "assumed_4326": lazy("El GeoJSON no nombra su sistema de coordenadas; se tomó longitud y latitud (EPSG:4326), como dice RFC 7946."),
    "reprojected": lazy("Las coordenadas se convirtieron de %(crs)s a longitud y latitud."),
    "overlap": lazy("%(one)s y %(other)s se enciman %(area)s m²."),
    "overlaps_more": lazy("Hay %(count)s pares de unidades que se enciman; aquí van los mayores."),
    "skipped_level": lazy("Ninguna unidad del nivel de arriba contiene la mitad de %(code)s; queda en %(parent)s."),
    "kind_unknown": lazy("No se reconoce el tipo «%(kind)s»; se deja sin tipo."),
    "key_guessed": lazy("Se usó la columna %(field)s como clave."),
    "level_known": lazy("Se tomó como %(level)s: sus claves ya son de ese nivel."),
    "level_guessed": lazy("Se tomó como %(level)s por lo que ya hay en el árbol. Si no lo es, diga cuál nivel es."),
    "root_made": lazy("El árbol está vacío: se pone arriba %(code)s, «%(name)s», con la unión de las figuras del archivo."),
    "dissolved": lazy("Las %(count)s figuras del archivo se juntaron en una, %(code)s."),
    "not_moved": lazy("Lo que ya colgaba más abajo no se mueve. Para colgarlo de aquí, importe otra vez el archivo de esas unidades."),
    "name_guessed": lazy("Se usó la columna %(field)s como nombre."),
}

# Why one feature is refused, by the plan.
REJECTED = {
    "no_key": lazy("No trae clave en la columna %(field)s. Sin clave no se puede saber qué unidad es."),
    "no_key_column": lazy("El archivo no trae una columna de clave reconocible. Indique cuál es; trae: %(fields)s."),
    "no_columns": lazy("El archivo no trae ninguna columna: no hay clave con qué saber qué unidad es."),
    "no_such_column": lazy("El archivo no trae la columna %(field)s. Trae: %(fields)s."),
    "repeated_key": lazy("La clave %(code)s se repite en los renglones %(rows)s. Deje una sola, o junte los pedazos en una figura."),
    "taken_key": lazy("La clave %(code)s ya es de otra unidad (%(level)s). Las claves no se repiten entre niveles."),
    "retired_key": lazy(
        "La unidad %(code)s se retiró el %(day)s y las claves no se reúsan. Quite el renglón, o traiga las unidades que salieron de ella."
    ),
    "format": lazy("La clave «%(code)s» no sirve: use de 1 a 32 letras sin acento, números, punto, guion o guion bajo."),
    "long_name": lazy("El nombre pasa de %(limit)s letras. Acórtelo."),
    "no_parent": lazy("La unidad superior %(parent)s no existe. Impórtela primero o corrija la columna %(field)s."),
    "no_parent_code": lazy("No dice su unidad superior en la columna %(field)s."),
    "outside": lazy("%(percent)s %% de su área queda fuera de %(parent)s. Revise el límite o el sistema de coordenadas."),
    "second_root": lazy("Arriba de todo ya está %(root)s. Solo puede haber una: corrija la clave o importe en otro nivel."),
    "earlier": lazy("Su límite actual vale desde el %(since)s: el nuevo no puede valer desde antes. Diga una fecha igual o posterior."),
    "outside_all": lazy("No toca ninguna de las unidades superiores. Revise el límite, o importe primero el nivel de arriba."),
    "outside_swapped": lazy(
        "No toca ninguna de las unidades superiores; con la latitud y la longitud intercambiadas sí caería "
        "en %(parent)s. Vuelva a exportar con la longitud primero."
    ),
}

# Why the import cannot even be tried as it was asked.
IMPOSSIBLE = {
    "no_level": lazy("No se puede saber de qué nivel es el archivo. Diga cuál: %(levels)s."),
    "no_such_column": lazy("El archivo no trae la columna %(field)s. Trae: %(fields)s."),
    "not_in_file": lazy("El archivo no trae ningún renglón con la clave %(codes)s."),
    "no_key_to_choose": lazy("No se sabe cuál columna es la clave, y sin ella no se pueden elegir renglones. Indique cuál es."),
    "many_roots": lazy(
        "Arriba de todo va una sola unidad y el archivo trae %(count)s. Elija una por su clave, o júntelas todas en una clave nueva."
    ),
    "root_code": lazy("«%(code)s» no sirve como clave: use de 1 a 32 letras sin acento, números, punto, guion o guion bajo."),
    "other_root": lazy("Arriba de todo ya está %(code)s. No puede haber otra."),
}


def say(sentences: Mapping[str, object], code: str, /, **figures: object) -> str:
    """The sentence of `code` in the language being spoken, with its figures put in."""
    return str(sentences[code]) % figures
