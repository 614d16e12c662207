"""What neighbours of the invented borough raise, and what is agreed about it: the public works of a street.

A matter keeps its problem, agreement, reports and objections together, so that a timeline tells one story. Slots:
``{calle}`` and ``{otra}`` streets with their article, ``{nombre}`` the first without, ``{numero}`` a house, ``{cuantas}``
two to nine in words, ``{metros}``, ``{dias}`` two days of the week, ``{unidad}`` the territory, ``{lugar}`` a public place
and ``{salon}`` a roof, with their article. A text that fits only the first or the second agreement begins with "1> " or
"2> "; problem, agreement and done go in pairs.
"""

from __future__ import annotations

from typing import NamedTuple


class Matter(NamedTuple):
    """``owner`` is a code of ``institutions``, or "collective" for what neighbours do themselves (001-47). ``days`` is the
    usual time to the due date. ``place`` is the template of the public place; empty for the place the agreement names."""

    theme: str
    owner: str
    days: int
    place: str
    problems: tuple[str, ...]
    agreements: tuple[str, ...]
    progress: tuple[str, ...]
    done: tuple[str, ...]
    objections: tuple[str, ...]


FRONT = "Frente al número {numero} de {calle}"
STREET = "{nombre}, entre el número {numero} y {otra}"
CORNER = "Esquina de {calle} y {otra}"

WORKS = (
    Matter(
        "lighting", "alumbrado", 30, FRONT,
        ("La luminaria frente al número {numero} de {calle} lleva semanas apagada.",
         "Frente al número {numero} de {calle} la lámpara prende y se apaga toda la noche."),
        ("Reparar la luminaria frente al número {numero} de {calle}.",
         "Cambiar el foco y la fotocelda de la luminaria frente al número {numero} de {calle}."),
        ("La cuadrilla revisó el poste: falta la fotocelda y ya se pidió al almacén.",
         "Se midió la línea; el daño está en el cable subterráneo y se programó el cambio.",
         "Se cambió el foco, pero la lámpara no quedó encendida. La cuadrilla regresa con otra balastra."),
        ("Se cambió la luminaria por una de ledes y se probó de noche con una vecina.",
         "La lámpara quedó reparada y encendida; se anotó el número del poste."),
        ("La lámpara prendió dos noches y se volvió a apagar.", "Cambiaron la lámpara de otro poste, no la del número {numero}."),
    ),
    Matter(
        "lighting", "alumbrado", 60, STREET,
        ("En {calle} hay {cuantas} postes sin luz y se camina a oscuras desde las siete de la noche.",
         "El tramo de {calle} que llega a {otra} está muy oscuro para quienes salen temprano al trabajo."),
        ("Colocar {cuantas} luminarias nuevas en {calle}, en el tramo que llega a {otra}.",
         "Iluminar {calle} hasta {otra} con {cuantas} postes de luz peatonal."),
        ("Se hizo el recorrido nocturno con vecinas y se marcaron los puntos de los postes.",
         "Ya están las bases de concreto; faltan los brazos y las lámparas.",
         "Se colocó la mitad de las luminarias. El resto llega la próxima quincena."),
        ("Quedaron instaladas las {cuantas} luminarias y se encendieron frente a los vecinos.",
         "Se terminó el tramo completo; se entregó al comité la lista de postes."),
        ("Faltan dos postes de los que se marcaron en el recorrido.",
         "Las lámparas quedaron tapadas por las ramas y no alumbran la banqueta."),
    ),
    Matter(
        "lighting", "luz-federal", 90, CORNER,
        ("El transformador de la esquina de {calle} y {otra} truena cada vez que llueve.",
         "Los cables de luz cuelgan muy bajo en la esquina de {calle} y {otra}."),
        ("Revisar el transformador y levantar los cables en la esquina de {calle} y {otra}.",
         "Retirar los cables caídos y asegurar el poste de la esquina de {calle} y {otra}."),
        ("La compañía recibió la solicitud y dio número de reporte.",
         "1> Un técnico revisó el transformador y pidió una pieza de repuesto."),
        ("Se cambió el transformador; hubo corte de tres horas avisado a los vecinos.",
         "Se levantaron los cables y se aseguró el poste con nuevas retenidas."),
        ("Los cables siguen colgando del lado de la tienda.", "Amarraron los cables con alambre y se volvieron a soltar."),
    ),
    Matter(
        "lighting", "alumbrado", 45, "",
        ("En {lugar} no sirve la mitad de los reflectores.", "De noche nadie usa {lugar} porque está a oscuras."),
        ("Reparar los reflectores de {lugar} y dejar un horario de encendido.",
         "Poner en servicio las lámparas de {lugar} y proteger sus cajas con candado."),
        ("Se revisó la instalación: hay que cambiar el cableado de tres postes.",
         "Se compraron los reflectores y falta la canastilla para subirlos."),
        ("Todos los reflectores funcionan y se encienden de siete a once de la noche.",
         "Se cambió el cableado y se entregó copia de la llave a los vecinos."),
        ("Solo prendieron los reflectores el día de la entrega.", "2> La caja quedó sin candado y ya robaron un tramo de cable."),
    ),
    Matter(
        "water", "agua", 30, FRONT,
        ("Hay una fuga de agua potable frente al número {numero} de {calle}.",
         "El agua brota de la banqueta en el número {numero} de {calle} desde hace un mes."),
        ("Reparar la fuga de agua frente al número {numero} de {calle} y reponer el pavimento.",
         "Cambiar la toma rota frente al número {numero} de {calle} y cerrar la zanja."),
        ("Se excavó y se encontró rota la toma de asbesto; se espera el tubo nuevo.",
         "La cuadrilla cerró la válvula y dejó señalada la excavación.",
         "Se reparó el tubo; falta rellenar y poner el concreto."),
        ("La fuga quedó reparada y el pavimento repuesto.",
         "Se cambió la toma completa y se probó la presión con los vecinos de al lado."),
        ("La fuga sigue, ahora dos metros más abajo.", "Repararon el tubo, pero dejaron el hoyo abierto."),
    ),
    Matter(
        "water", "agua", 45, STREET,
        ("A {calle} solo llega agua un día a la semana y sin presión.",
         "En la parte alta de {calle} no sube el agua aunque toque el tandeo."),
        ("Abastecer {calle} con pipas los {dias} mientras se regulariza el tandeo.",
         "Ajustar las válvulas para que {calle} reciba agua los {dias}."),
        ("Se instaló un registrador de presión en la toma del número {numero}.",
         "2> Se movió la válvula de {otra}; los vecinos anotan los días en que llega agua.",
         "1> Las pipas pasan ya, aunque no siempre el día acordado."),
        ("El agua llega los {dias} desde hace cuatro semanas, según la bitácora de los vecinos.",
         "Se regularizó el tandeo y se publicó el calendario en la lona de la calle."),
        ("La última semana no llegó agua ningún día.", "1> Las pipas dan agua solo a las primeras casas."),
    ),
    Matter(
        "water", "agua", 40, CORNER,
        ("La coladera de la esquina de {calle} y {otra} está tapada y se inunda con cada lluvia.",
         "En la esquina de {calle} y {otra} el agua negra sale por la coladera."),
        ("Desazolvar las coladeras y el drenaje de la esquina de {calle} y {otra} antes de las lluvias.",
         "Limpiar el drenaje de {calle} desde {otra} con el camión de presión y vacío."),
        ("El camión limpió {cuantas} coladeras; faltan las de la acera norte.",
         "2> Se encontró el tubo quebrado y se mandó presupuesto a la dirección."),
        ("Se desazolvó el tramo completo y se retiró el lodo.", "Las coladeras quedaron limpias; se probó con una pipa de agua."),
        ("Con la lluvia del martes se volvió a inundar.", "Dejaron el lodo en la banqueta y regresó a la coladera."),
    ),
    Matter(
        "water", "aguas-ciudad", 120, STREET,
        ("El drenaje de {calle} es de hace cincuenta años y ya no aguanta.",
         "El tubo de drenaje de {calle} se hundió y se mete el agua a las casas."),
        ("Sustituir {metros} metros de drenaje en {calle}, a partir de {otra}.",
         "Hacer el proyecto y cambiar {metros} metros del colector de {calle}."),
        ("Se terminó el levantamiento con cámara y se tiene el proyecto.",
         "Empezó la excavación; lleva un avance de una tercera parte.",
         "Se detuvo una semana por un ducto de gas que no estaba en los planos."),
        ("Se terminó el cambio de tubería y se pavimentó la zanja.",
         "El colector nuevo está en servicio y se conectaron todas las descargas."),
        ("Quedaron sin conectar las descargas de dos casas.", "La zanja se hundió a los pocos días."),
    ),
    Matter(
        "water", "aguas-ciudad", 60, STREET,
        ("En {calle} se roban las tapas de las coladeras y ya hubo una caída.", "Faltan {cuantas} tapas de coladera en {calle}."),
        ("Reponer {cuantas} tapas de coladera en {calle} con tapas de material sin valor de reventa.",
         "Reponer las {cuantas} tapas que faltan en {calle} y soldarlas."),
        ("Se señalaron las coladeras abiertas con tambos mientras llegan las tapas.",
         "Llegó la mitad de las tapas; se colocaron frente a la escuela."),
        ("Se colocaron las {cuantas} tapas y se revisaron las demás de la calle.", "Las tapas quedaron soldadas y pintadas."),
        ("Una tapa quedó floja y suena toda la noche.", "Falta la tapa frente al número {numero}."),
    ),
    Matter(
        "streets", "obras", 45, FRONT,
        ("Hay un bache grande frente al número {numero} de {calle}.", "Los baches de {calle} ya causaron caídas de motociclistas."),
        ("Tapar los baches de {calle}, empezando por el del número {numero}.",
         "Bachear {calle} desde el número {numero} hasta {otra}."),
        ("Se marcaron los baches con pintura y se contaron {cuantas}.", "La mezcla llegó fría y se reprogramó el trabajo."),
        ("Se taparon los baches marcados con mezcla caliente.", "El bacheo quedó terminado hasta {otra}."),
        ("El bache se volvió a abrir con la primera lluvia.", "Taparon los de la esquina y no el del número {numero}."),
    ),
    Matter(
        "streets", "obras", 90, STREET,
        ("Las banquetas de {calle} están rotas y no pasa una silla de ruedas.", "Las raíces levantaron la banqueta de {calle}."),
        ("Reparar {metros} metros de banqueta en {calle} y hacer rampas en las esquinas.",
         "Reconstruir la banqueta de {calle} respetando los árboles, en {metros} metros."),
        ("Se demolió el primer tramo y se puso paso provisional.", "1> Se colaron {cuantas} rampas; falta el tramo junto a {otra}.",
         "Se acordó con los dueños de los puestos el calendario de la obra."),
        ("La banqueta y las rampas quedaron terminadas.", "Se entregaron los {metros} metros de banqueta y se retiró el cascajo."),
        ("1> Las rampas quedaron tan empinadas que no se pueden usar.", "Dejaron el cascajo frente a las casas."),
    ),
    Matter(
        "streets", "obras", 150, STREET,
        ("{calle} es de terracería y con la lluvia no se puede entrar.", "El último tramo de {calle} nunca se pavimentó."),
        ("Pavimentar con concreto {metros} metros de {calle}.",
         "Hacer guarniciones y pavimento en el tramo de {calle} que llega a {otra}."),
        ("Se hizo el levantamiento topográfico.", "Se terminaron las guarniciones; el pavimento empieza la próxima semana.",
         "El avance es de la mitad del tramo."),
        ("El pavimento quedó abierto al paso.", "Se terminó el tramo y se pintó la guarnición."),
        ("El concreto ya tiene grietas.", "Faltaron los últimos veinte metros."),
    ),
    Matter(
        "streets", "obras-ciudad", 120, CORNER,
        ("En la esquina de {calle} y {otra} los coches suben a la banqueta.",
         "El camellón de {calle} está destruido a la altura de {otra}."),
        ("Colocar bolardos y guarnición en la esquina de {calle} y {otra}.",
         "Rehacer el camellón de {calle} a la altura de {otra}."),
        ("Se entregó el croquis de la obra a los vecinos.", "1> Se colocaron los primeros bolardos."),
        ("La guarnición y los bolardos quedaron puestos.", "Se terminó el camellón y se sembraron plantas."),
        ("1> Ya tiraron dos bolardos y nadie los repuso.", "2> El camellón quedó sin paso peatonal."),
    ),
    Matter(
        "streets", "collective", 30, STREET,
        ("La escalinata de {calle} está despintada y con hierba.", "El pasamanos de la subida de {calle} está oxidado."),
        ("Pintar entre vecinos el pasamanos y los escalones de {calle}; la alcaldía da la pintura.",
         "Hacer una jornada vecinal para deshierbar y pintar la escalinata de {calle}."),
        ("Se juntaron catorce vecinos y se pintó la primera mitad.", "Llegó la pintura; la jornada es el próximo domingo."),
        ("La escalinata quedó pintada; participaron veintidós vecinos.", "Se terminó la jornada y se guardó la pintura que sobró."),
        ("Falta pintar el último descanso.", "2> Quedaron escalones sin deshierbar."),
    ),
    Matter(
        "waste", "limpia", 20, CORNER,
        ("La esquina de {calle} y {otra} se volvió tiradero.", "Dejan cascajo y muebles viejos en la esquina de {calle} y {otra}."),
        ("Retirar el tiradero de la esquina de {calle} y {otra} y colocar un letrero.",
         "Limpiar la esquina de {calle} y {otra} y recuperarla con jardineras."),
        ("Se retiraron dos camiones de cascajo.", "Se limpió, pero amaneció otra vez con bolsas. Se pidió vigilancia al comité."),
        ("Se retiró todo y se puso el letrero con el horario del camión.", "El tiradero quedó limpio y con jardineras."),
        ("A los tres días ya había basura otra vez.", "Recogieron las bolsas y dejaron el cascajo."),
    ),
    Matter(
        "waste", "limpia", 25, STREET,
        ("El camión de la basura no entra a {calle}.", "En {calle} el camión pasa cuando todos están en el trabajo."),
        ("Hacer que el camión de la basura pase por {calle} los {dias} antes de las ocho.",
         "Cambiar el horario de recolección en {calle} a los {dias} por la tarde."),
        ("Se habló con el chofer de la ruta y se cambió el recorrido a prueba.", "El camión pasó una de las dos veces acordadas."),
        ("El camión pasa los {dias}, según la bitácora de seis semanas.", "El horario nuevo quedó fijo y se avisó casa por casa."),
        ("Esta semana no pasó ningún día.", "Pasa, pero no se detiene en el número {numero}."),
    ),
    Matter(
        "waste", "collective", 45, "",
        ("En {lugar} se junta mucha hoja y se quema.", "No hay dónde dejar el aceite y las pilas cerca de {lugar}."),
        ("Poner una composta vecinal en {lugar} y cuidarla por turnos.",
         "Instalar en {lugar} un punto de acopio de pilas y aceite, a cargo de vecinos."),
        ("Se formaron los turnos de cuidado para dos meses.", "1> Se construyó la caja con tarimas; falta la malla."),
        ("La composta funciona y ya dio el primer costal.", "El punto de acopio quedó abierto los sábados."),
        ("1> La composta huele mal y nadie la voltea.", "2> El punto de acopio lleva tres sábados cerrado."),
    ),
    Matter(
        "public-space", "parques", 40, "",
        ("Los juegos de {lugar} están rotos y oxidados.", "En {lugar} falta una banca y los columpios no tienen asiento."),
        ("Reparar los juegos de {lugar} y cambiar los columpios.", "Colocar {cuantas} bancas y juegos nuevos en {lugar}."),
        ("Se retiraron los juegos peligrosos.", "2> Se marcaron con los vecinos los lugares de las bancas.",
         "1> Se soldaron las estructuras; falta pintar.", "1> Llegaron los columpios y se colocan esta semana."),
        ("Los juegos quedaron reparados y pintados.", "Se colocaron las {cuantas} bancas y los juegos nuevos."),
        ("Un columpio ya se rompió.", "1> Pintaron, pero no cambiaron las cadenas."),
    ),
    Matter(
        "public-space", "parques", 35, FRONT,
        ("El árbol frente al número {numero} de {calle} tiene ramas sobre los cables.",
         "Hay un árbol seco frente al número {numero} de {calle} que puede caer."),
        ("Podar el árbol frente al número {numero} de {calle}, con dictamen.",
         "Retirar el árbol seco frente al número {numero} de {calle} y plantar otro."),
        ("Se hizo el dictamen: procede.", "La poda se reprogramó por lluvia."),
        ("El árbol quedó podado y se retiraron las ramas.", "Se retiró el árbol seco y se plantó un fresno joven."),
        ("1> Podaron de más y dejaron las ramas en la banqueta.", "2> No plantaron el árbol nuevo."),
    ),
    Matter(
        "public-space", "via-publica", 60, STREET,
        ("En {calle} hay coches abandonados desde hace años.", "Los puestos de {calle} no dejan pasar por la banqueta."),
        ("Retirar {cuantas} coches abandonados de {calle}.",
         "Ordenar los puestos de {calle} para dejar libre metro y medio de banqueta."),
        ("1> Se pegaron los avisos en los coches.", "2> Se firmó con los comerciantes un croquis de los lugares."),
        ("Se retiraron los coches y se pintó la guarnición.", "La banqueta quedó libre según el croquis."),
        ("1> Dejaron dos coches sin placas.", "2> Los puestos volvieron a la semana."),
    ),
    Matter(
        "public-space", "collective", 60, "",
        ("En {lugar} hay un terreno lleno de hierba que nadie cuida.", "Las jardineras de {lugar} están secas."),
        ("Hacer un huerto vecinal en {lugar} y regarlo por turnos.", "Sembrar y cuidar entre vecinos las jardineras de {lugar}."),
        ("1> Se limpió el terreno en dos domingos.", "2> Se sembró la mitad de las jardineras.",
         "1> Se sembró la primera cama con rábano y acelga."),
        ("El huerto dio su primera cosecha y se repartió.", "Las jardineras quedaron sembradas y con su rol de riego."),
        ("El riego se dejó y las plantas se secaron.", "Solo se sembró la mitad."),
    ),
    Matter(
        "mobility", "movilidad", 45, CORNER,
        ("Los coches no frenan en la esquina de {calle} y {otra}, por donde pasan los niños.",
         "En la esquina de {calle} y {otra} no hay paso peatonal."),
        ("Pintar el paso peatonal y poner un reductor en la esquina de {calle} y {otra}.",
         "Colocar señal de alto y cebras en la esquina de {calle} y {otra}."),
        ("Se contó el paso de coches y peatones en hora de escuela.", "1> Se pintó el paso; falta el reductor."),
        ("Se puso el reductor y se pintó con pintura que brilla de noche.", "El paso peatonal y la señal quedaron colocados."),
        ("La pintura ya se borró.", "1> El reductor quedó lejos de la esquina y nadie frena."),
    ),
    Matter(
        "mobility", "movilidad-ciudad", 90, STREET,
        ("El camión de la ruta dejó de pasar por {calle}.", "Las combis hacen base en {calle} y cierran un carril."),
        ("Regresar el servicio de transporte a {calle} con paradas señaladas.",
         "Mover la base de {calle} y señalar {cuantas} paradas."),
        ("Hubo reunión con la ruta y se revisó el recorrido.", "Se autorizaron las paradas; faltan los letreros."),
        ("El transporte pasa otra vez y las paradas tienen letrero.", "La base se movió y el carril quedó libre."),
        ("1> El camión pasa solo hasta las seis de la tarde.", "2> La base regresó en la noche."),
    ),
    Matter(
        "mobility", "ferrocarril", 120, CORNER,
        ("El cruce de la vía cerca de {calle} no tiene barrera ni luz.",
         "El tren se detiene por horas y corta el paso a la altura de {calle}."),
        ("Poner señal luminosa y topes de hule en el cruce de la vía cerca de {calle}.",
         "Acordar con el ferrocarril que no detenga trenes en el cruce de {calle}."),
        ("Se hizo visita con el personal de la vía.", "El ferrocarril pidió el dictamen de protección civil."),
        ("El cruce tiene señal luminosa y topes nuevos.", "Desde hace dos meses el tren no se detiene en el cruce."),
        ("1> La señal luminosa no prende de día.", "2> El domingo el tren volvió a cerrar el paso dos horas."),
    ),
)
