"""What went wrong, said so that a person can go on: what happened, what was kept, what to do next."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass

from flask import Flask, Response, g, json, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.core.i18n import _
from app.core.paper import NoPaper
from app.core.permissions import Denied
from models.assembly import WrongMoment

log = logging.getLogger("cuadra")


@dataclass(frozen=True)
class Field:
    """One field of a text two people edited: its label, the saved words and the unsaved ones."""

    label: str
    saved: str
    mine: str


class StaleVersion(Exception):
    """Somebody saved first. Carries both texts for the page that shows them (DOMAIN.md 9)."""

    def __init__(self, fields: list[Field], back: str):
        super().__init__("stale version")
        self.fields = fields
        self.back = back


class SecondFactorNeeded(Exception):
    """A staff account acts only after setting up its second factor."""


class RateLimited(Exception):
    def __init__(self, seconds: int):
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


class SentDifferently(Exception):
    """A client key came back with another body: answering either would be a lie."""


class Refused(Exception):
    """A rule of the domain says no; ``sentence`` (already translated) tells the person why."""

    def __init__(self, sentence: str, status: int = 422):
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


class Misfit(Refused):
    """A fact of a form that cannot be; ``field`` is where the sentence belongs."""

    def __init__(self, field: str, sentence: str):
        super().__init__(sentence)
        self.field = field


class BadQuery(Exception):
    """The address asks a list for what it does not have; ``sentence`` (already translated) says what."""

    def __init__(self, sentence: str):
        super().__init__(sentence)
        self.sentence = sentence


def wants_json() -> bool:
    return request.path.startswith(("/api/", "/ogc", "/tiles/")) or (
        request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def problem(status: int, title: str, detail: str = "") -> Response:
    """RFC 9457."""
    body = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    return Response(json.dumps(body), status, mimetype="application/problem+json")


def error_page(status: int, title: str, detail: str, **context) -> Response:
    """A page for people or, where JSON was asked for, a problem; never cached."""
    if wants_json():
        return problem(status, title, detail)
    # Without the database: asking it for a name or a colour would only make the reader wait again.
    g.bare = context.pop("bare", False)
    response = make_response(render_template("errors/error.html", status=status, title=title, detail=detail, **context))
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _sentences(status: int) -> tuple[str, str]:
    ours = (
        _("Algo falló de nuestro lado"),
        _("Ya quedó anotado. Lo que se había guardado sigue guardado; intente de nuevo en un momento."),
    )
    return {
        400: (_("No pudimos leer lo que envió"), _("Vuelva a la página anterior, recárguela y envíelo otra vez.")),
        403: (
            _("Esta página es para otras personas"),
            _("Su cuenta no tiene este permiso, o el formulario se envió desde otro sitio. Lo público se lee sin cuenta."),
        ),
        404: (_("No encontramos esa página"), _("Quizá el folio o la clave tiene un error. Búsquelo aquí por folio, calle o colonia.")),
        405: (_("Esa dirección no recibe esto"), _("Regrese al inicio y siga desde ahí.")),
        409: (_("Esto ya cambió"), _("Otra persona lo modificó antes. Revise cómo quedó y vuelva a intentar.")),
        413: (
            _("El archivo es demasiado grande"),
            _("Cada archivo puede pesar hasta 10 MB. Envíe una foto más pequeña; lo que escribió sigue en la página anterior."),
        ),
        415: (_("Ese tipo de archivo no se acepta"), _("Envíe una foto JPEG, PNG o WebP, o un documento PDF.")),
        422: (_("Falta algo para continuar"), _("Vuelva a la página anterior: lo que escribió sigue ahí.")),
        429: (_("Demasiados intentos"), _("Espere un momento antes de volver a intentar. No se perdió nada.")),
        503: (
            _("Estamos de vuelta en un momento"),
            _("El sistema no alcanza su base de datos. Lo que ya se había recibido está guardado; intente de nuevo en un minuto."),
        ),
    }.get(status, ours)


def init_errors(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def http(error: HTTPException):
        if error.code is None or error.code < 400:
            return error
        response = error_page(error.code, *_sentences(error.code))
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.allow.update(error.valid_methods)
        return response

    @app.errorhandler(CSRFError)
    def csrf_failed(_error: CSRFError):
        return error_page(400, *_sentences(400))

    @app.errorhandler(Denied)
    def denied(_error: Denied):
        return error_page(403, *_sentences(403))

    @app.errorhandler(WrongMoment)
    def wrong_moment(error: WrongMoment):
        return error_page(409, *_sentences(409), state=error.state)

    @app.errorhandler(StaleVersion)
    def stale(error: StaleVersion):
        return error_page(
            409, _("Otra persona guardó antes que usted"),
            _("Nada se perdió: aquí están los dos textos. Copie lo que falte, abra la versión guardada y envíela de nuevo."),
            fields=error.fields, back=error.back,
        )

    @app.errorhandler(RateLimited)
    def limited(error: RateLimited):
        response = error_page(429, *_sentences(429))
        response.headers["Retry-After"] = str(error.seconds)
        return response

    @app.errorhandler(SentDifferently)
    def sent_differently(_error: SentDifferently):
        return error_page(
            422, _("Ya recibimos otro envío con esta clave"),
            _("Lo primero que envió quedó guardado. Abra la página de nuevo para enviar algo distinto."),
        )

    @app.errorhandler(Refused)
    def refused(error: Refused):
        return error_page(
            error.status, error.sentence, _("No se guardó nada más. Regrese a la página anterior: lo que escribió sigue ahí.")
        )

    @app.errorhandler(BadQuery)
    def bad_query(error: BadQuery):
        return error_page(
            400, error.sentence, _("Abra la lista completa y elija ahí los filtros."), whole_list=request.path
        )

    @app.errorhandler(NoPaper)
    def no_paper(error: NoPaper):
        return error_page(503, _sentences(503)[0], str(error))

    @app.errorhandler(OperationalError)
    @app.errorhandler(PoolTimeout)
    def no_database(error: Exception):
        log.error("database unavailable", extra={"request_id": g.get("request_id")}, exc_info=error)
        response = error_page(503, *_sentences(503), bare=True)
        response.headers["Retry-After"] = "60"
        return response

    @app.errorhandler(DBAPIError)
    def database_error(error: DBAPIError):
        if error.connection_invalidated:
            return no_database(error)
        return unexpected(error)

    @app.errorhandler(Exception)
    def unexpected(error: Exception):
        reference = g.get("request_id") or uuid.uuid4().hex[:12]
        log.error("unexpected error", extra={"request_id": reference}, exc_info=error)
        if app.config.get("PROPAGATE_EXCEPTIONS"):
            raise error
        return error_page(500, *_sentences(500), reference=reference, bare=True)
