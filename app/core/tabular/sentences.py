"""What bringing a table says to people: one code, one sentence, with what to do next."""

from __future__ import annotations

from app.core.i18n import lazy

# Why a file cannot be read at all.
UNREADABLE = {
    "empty": lazy("El archivo está vacío. Expórtelo otra vez."),
    "too_big": lazy("El archivo pesa más de %(limit)s MB. Divídalo en varios."),
    "too_many_rows": lazy("El archivo trae más de %(limit)s renglones. Divídalo en varios."),
    "too_many_columns": lazy("El archivo trae más de %(limit)s columnas. Deje solo las que hacen falta."),
    "long_cell": lazy("La celda del renglón %(row)s, columna %(column)s, pasa de %(limit)s letras. Acórtela."),
    "no_header": lazy("El primer renglón debe traer los nombres de las columnas, y está vacío."),
    "no_rows": lazy("El archivo solo trae los nombres de las columnas, ningún renglón."),
    "old_excel": lazy("Es un libro de Excel antiguo (.xls). Ábralo y guárdelo como .xlsx o .csv."),
    "not_a_table": lazy("El archivo no es una tabla CSV ni un libro de Excel (.xlsx)."),
    "broken": lazy("El libro de Excel está dañado. Ábralo y guárdelo otra vez."),
    "unpacks_too_big": lazy("El libro de Excel, ya abierto, pasa de %(limit)s MB. Divídalo en varios."),
    "no_sheet": lazy("El libro no trae la hoja «%(sheet)s». Trae: %(sheets)s."),
    "encoding": lazy("El archivo no está en %(encoding)s. Guárdelo como «CSV UTF-8»."),
    "quotes": lazy("Hay unas comillas sin cerrar cerca del renglón %(row)s. Corríjalas y vuelva a intentar."),
    "broken_zip": lazy("El archivo de documentos no es un ZIP que se pueda abrir. Comprímalo otra vez."),
    "too_many_files": lazy("El ZIP trae más de %(limit)s archivos. Divídalo en varios."),
    "no_excel": lazy("Aquí no se pueden leer libros de Excel. Guárdelo como «CSV UTF-8» y vuelva a intentar."),
}

# What was noticed while reading.
NOTE = {
    "encoding": lazy("El archivo no está en UTF-8; se leyó como %(encoding)s. Revise que los acentos se vean bien."),
    "sheet": lazy("El libro trae varias hojas (%(sheets)s); se leyó «%(sheet)s»."),
    "long_row": lazy("El renglón %(row)s trae más celdas que columnas: lo que sobra no se leyó."),
    "unmapped": lazy("No se usaron estas columnas: %(columns)s."),
}

# Why one cell is refused.
CELL = {
    "missing": lazy("Falta «%(field)s»."),
    "too_long": lazy("«%(field)s» pasa de %(limit)s letras. Acórtelo."),
    "not_a_number": lazy("«%(field)s» debe ser un número entero, y dice «%(value)s»."),
    "not_a_figure": lazy("«%(field)s» debe ser un número como 1234.5, y dice «%(value)s»."),
    "too_great": lazy("«%(field)s» dice %(value)s, y no puede pasar de %(limit)s. Corríjalo."),
    "not_a_day": lazy("«%(field)s» debe ser una fecha como 31/12/2024 o 2024-12-31, y dice «%(value)s»."),
    "which_day": lazy("«%(field)s» dice «%(value)s»: no se sabe cuál es el día y cuál el mes. Escríbalo como 2024-12-31."),
    "not_an_hour": lazy("«%(field)s» debe ser una hora como 18:30, y dice «%(value)s»."),
    "not_an_email": lazy("«%(field)s» no parece un correo. Corríjalo o déjelo vacío."),
    "not_a_choice": lazy("«%(field)s» dice «%(value)s». Use una de estas: %(choices)s."),
}

# Why one row is refused, whatever its kind.
ROW = {
    "no_key": lazy("No trae identificador. Sin él no se puede saber si ya se trajo antes."),
    "long_key": lazy("El identificador pasa de %(limit)s letras. Acórtelo."),
    "repeated_key": lazy("El identificador «%(key)s» se repite en los renglones %(rows)s. Deje uno solo."),
    "repeated": lazy("Dice lo mismo que los renglones %(rows)s. Deje uno solo."),
}

# Why a table cannot be tried as it was asked.
IMPOSSIBLE = {
    "no_column": lazy("Falta decir de qué columna sale «%(field)s». El archivo trae: %(columns)s."),
    "no_such_column": lazy("El archivo no trae la columna «%(column)s». Trae: %(columns)s."),
    "no_such_field": lazy("«%(field)s» no es un dato de esta importación. Use: %(fields)s."),
    "mapped_twice": lazy("«%(field)s» se pidió de dos columnas: %(columns)s. Elija una."),
    "no_constant": lazy("«%(field)s» no puede ser igual para todos los renglones: indique una columna."),
    "bad_constant": lazy("El valor para todos los renglones no sirve. %(why)s"),
    "long_source": lazy("El nombre de la fuente pasa de %(limit)s letras. Acórtelo."),
}
