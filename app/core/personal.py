"""The register: which columns hold people's data, whose, what for, how long and who gets to see them.

Every column of every table is either here or in ``NOT_PERSONAL``; tests/app/core/test_personal.py fails for one that is
in neither. Pages, exports of a person and the crawl for leaks walk this declaration, so that a column added here is
covered by all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.core.i18n import lazy


class Form(StrEnum):
    """How it is kept: readable, encrypted, as a digest that leads to nobody, or only as a total."""

    PLAIN = "plain"
    ENCRYPTED = "encrypted"
    DIGEST = "digest"
    TOTAL = "total"


@dataclass(frozen=True)
class Treatment:
    """One use of people's data; ``basis`` is the setting that says what the law makes of it."""

    key: str
    words: Any
    whose: Any
    purpose: Any
    recipients: Any

    @property
    def basis(self) -> str:
        return f"basis_{self.key}"


NOBODY = lazy("Nadie fuera del municipio")
TREATMENTS: Mapping[str, Treatment] = {one.key: one for one in (
    Treatment(
        "accounts", lazy("Cuentas y cargos"), lazy("Personal, colectivos y enlaces con cuenta"),
        lazy("Entrar al sistema y saber en qué calidad actúa cada quien"), lazy("La administración y la dirección de planeación"),
    ),
    Treatment(
        "liaisons", lazy("Enlaces comunitarios"), lazy("Vecinas y vecinos voluntarios de una cuadra"),
        lazy("Dar voz a su cuadra y publicar cuántos hay, sin nombres"), lazy("El personal de su territorio"),
    ),
    Treatment(
        "voices", lazy("Voces, objeciones y fotos"), lazy("Quien confirma u objeta un acuerdo"),
        lazy("Verificar los acuerdos sin contar dos veces a nadie"), lazy("Quien revisa textos y fotos; lo publicado, todo el mundo"),
    ),
    Treatment(
        "assemblies", lazy("Asambleas"), lazy("Quien asiste y quien convoca"),
        lazy("Contar la asistencia, sin nombres, y saber quién preparó la asamblea"), lazy("El personal de su territorio"),
    ),
    Treatment(
        "imports", lazy("Listas que se incorporan"), lazy("Las personas de la lista"),
        lazy("Revisar una lista antes de incorporarla"), lazy("La administración y la dirección de planeación"),
    ),
    Treatment(
        "requests", lazy("Solicitudes sobre datos personales"), lazy("Quien pide ver, corregir o borrar sus datos"),
        lazy("Responder la solicitud a tiempo"), lazy("La administración"),
    ),
    Treatment(
        "operation", lazy("Funcionamiento seguro"), lazy("Quien envía un formulario"),
        lazy("No repetir lo enviado, no perder lo escrito y frenar abusos"), NOBODY,
    ),
)}


@dataclass(frozen=True)
class Personal:
    """One column. ``rule`` names the retention rule that erases it (app.admin.privacy.retention); None: it stays while
    its thing does. ``open_when``: the words for when it is published on purpose, empty for never."""

    treatment: str
    what: Any
    rule: str | None
    form: Form = Form.PLAIN
    open_when: Any = ""


def _accounts(what: Any, rule: str = "accounts", form: Form = Form.PLAIN) -> Personal:
    return Personal("accounts", what, rule, form)


def _requests(what: Any, form: Form = Form.PLAIN, rule: str | None = "requests") -> Personal:
    return Personal("requests", what, rule, form)


_ENTERED = lazy("Cuándo y desde qué aparato entró")
_LINK = lazy("Enlace de un solo uso")
_HELD = lazy("Qué cargo tiene, dónde y desde cuándo")
_SECOND = lazy("Segundo paso para entrar")
_NOTICE = lazy("Qué aviso de privacidad se le mostró")
_COUNTED = lazy("Cuántas personas asistieron, por edad y género")
_SUPPRESSED = lazy("Como totales; los grupos de menos de cinco no se muestran")
_LIAISON = lazy("De qué cuadra y de qué campos es enlace")
_MODERATED = lazy("Después de revisarlo")

REGISTER: Mapping[str, Mapping[str, Personal]] = {
    "user_account": {
        "email": _accounts(lazy("Correo")),
        "name": _accounts(lazy("Nombre")),
        "language": _accounts(lazy("Idioma")),
        "active": _accounts(lazy("Si la cuenta está abierta")),
        "created_at": _accounts(lazy("Desde cuándo hay cuenta")),
        "home_body_id": _accounts(lazy("Área de origen")),
        "password": _accounts(lazy("Contraseña"), form=Form.DIGEST),
        "fs_uniquifier": _accounts(_ENTERED, form=Form.DIGEST),
        "tf_primary_method": _accounts(_SECOND),
        "tf_totp_secret": _accounts(_SECOND, form=Form.ENCRYPTED),
        "tf_last_counter": _accounts(_SECOND),
        "mf_recovery_codes": _accounts(_SECOND, form=Form.DIGEST),
        "reset_asked_at": _accounts(lazy("Cuándo pidió otra contraseña")),
        "notice_number": _accounts(_NOTICE),
        "erased_at": _accounts(lazy("Cuándo se borraron su nombre y su correo")),
    },
    "account_session": {
        "user_id": _accounts(_ENTERED, "sessions"),
        "token_hash": _accounts(_ENTERED, "sessions", Form.DIGEST),
        "device": _accounts(_ENTERED, "sessions"),
        "created_at": _accounts(_ENTERED, "sessions"),
        "expires_at": _accounts(_ENTERED, "sessions"),
        "ended_at": _accounts(_ENTERED, "sessions"),
    },
    "account_token": {
        "user_id": _accounts(_LINK, "tokens"),
        "purpose": _accounts(_LINK, "tokens"),
        "token_hash": _accounts(_LINK, "tokens", Form.DIGEST),
        "expires_at": _accounts(_LINK, "tokens"),
        "used_at": _accounts(_LINK, "tokens"),
    },
    # Rows stay, for the record of what was done in which capacity: without the name they lead to nobody.
    "term": {
        name: Personal("accounts", _HELD, None)
        for name in ("user_id", "role", "unit_id", "body_id", "focal_point", "starts_on", "ends_on")
    } | {"notice_number": Personal("accounts", _NOTICE, None)},
    "liaison": {
        "user_id": Personal("liaisons", lazy("Su cuenta"), "liaisons"),
        "name_encrypted": Personal("liaisons", lazy("Nombre"), "liaisons", Form.ENCRYPTED),
        "unit_id": Personal("liaisons", _LIAISON, None),
        "starts_on": Personal("liaisons", _LIAISON, None),
        "ends_on": Personal("liaisons", _LIAISON, None),
        "trained_on": Personal("liaisons", lazy("Cuándo se capacitó"), None),
        "notice_number": Personal("liaisons", _NOTICE, None),
    },
    "liaison_field": {
        "liaison_id": Personal("liaisons", _LIAISON, None),
        "field": Personal("liaisons", _LIAISON, None, open_when=_SUPPRESSED),
    },
    "voice": {"voice_key": Personal("voices", lazy("Huella de la papeleta o del enlace"), None, Form.DIGEST)},
    "countersignature": {"voice_key": Personal("voices", lazy("Huella de la papeleta o del enlace"), None, Form.DIGEST)},
    "slip": {"code_hash": Personal("voices", lazy("Huella del código de la papeleta"), None, Form.DIGEST)},
    "slip_batch": {"codes_encrypted": Personal("voices", lazy("Códigos por imprimir"), "slip_codes", Form.ENCRYPTED)},
    "event_text": {
        "text": Personal("voices", lazy("Lo que alguien escribió"), "hidden_texts", open_when=_MODERATED),
        "salt": Personal("voices", lazy("Sal de la huella del texto"), "hidden_texts", Form.DIGEST, _MODERATED),
    },
    "evidence": {
        "sha256": Personal("voices", lazy("Foto o documento"), "hidden_photos", open_when=_MODERATED),
        "title": Personal("voices", lazy("Título de la foto o documento"), "hidden_photos", open_when=_MODERATED),
    },
    "convener": {
        "user_id": Personal("assemblies", lazy("Quién convoca"), None),
        "role": Personal("assemblies", lazy("En qué calidad convoca"), None, open_when=lazy("Con la convocatoria, sin nombre")),
    },
    "headcount_cell": {
        "people": Personal("assemblies", _COUNTED, None, Form.TOTAL, _SUPPRESSED),
        "first_timers": Personal("assemblies", _COUNTED, None, Form.TOTAL, _SUPPRESSED),
    },
    "assembly": {"told_headcount": Personal("assemblies", _COUNTED, None, Form.TOTAL, _SUPPRESSED)},
    "import_run": {
        "started_by": Personal("imports", lazy("Quién trajo la lista"), None),
        "filename": Personal("imports", lazy("Nombre del archivo"), None),
        "stored_as": Personal("imports", lazy("La lista, mientras se revisa"), "imports", Form.ENCRYPTED),
        "companion_as": Personal("imports", lazy("Archivos que acompañan a la lista"), "imports", Form.ENCRYPTED),
    },
    "import_row": {"told": Personal("imports", lazy("Renglones de la lista, mientras se revisa"), "imports", Form.ENCRYPTED)},
    "external_key": {
        "external_id": Personal("imports", lazy("Clave de la persona en la lista de origen"), "accounts"),
        "digest": Personal("imports", lazy("Huella del renglón de la lista"), "accounts", Form.DIGEST),
    },
    "data_request": {
        "who_encrypted": _requests(lazy("Nombre de quien solicita"), Form.ENCRYPTED),
        "reach_encrypted": _requests(lazy("Cómo responderle"), Form.ENCRYPTED),
        "about_encrypted": _requests(lazy("Qué pide"), Form.ENCRYPTED),
        "reply_encrypted": _requests(lazy("Respuesta"), Form.ENCRYPTED),
        "reason_encrypted": _requests(lazy("Razón de la ampliación o del cierre"), Form.ENCRYPTED),
        "user_id": _requests(lazy("Su cuenta, si tiene")),
        "identity_proof": _requests(lazy("Cómo se comprobó su identidad"), rule=None),
    },
    "stash": {
        "owner": Personal("operation", lazy("De quién es el formulario"), "stashes", Form.DIGEST),
        "token_hash": Personal("operation", lazy("De quién es el formulario"), "stashes", Form.DIGEST),
        "path": Personal("operation", lazy("De qué página es el formulario"), "stashes"),
        "data_encrypted": Personal("operation", lazy("Lo escrito cuando la sesión ya había terminado"), "stashes", Form.ENCRYPTED),
    },
    "idempotency_key": {
        "actor_key": Personal("operation", lazy("Quién envió"), "answers"),
        "key": Personal("operation", lazy("Número de lo enviado"), "answers"),
        "body_digest": Personal("operation", lazy("Huella de lo enviado"), "answers", Form.DIGEST),
        "answer": Personal("operation", lazy("Lo que se respondió"), "answers"),
    },
    "rate_window": {"bucket": Personal("operation", lazy("Huella de la dirección o el correo"), "rates", Form.DIGEST)},
}

# Numbers of rows, states and dates of things that are about nobody. Texts listed here are written to be published:
# their forms ask not to name anybody, and what neighbours write goes through moderation (event_text).
NOT_PERSONAL: Mapping[str, str] = {
    "account_session": "id",
    "account_token": "id",
    "addendum": "id minutes_id text added_at event_seq",
    "agreement": (
        "id folio folio_key unit_id assembly_id item_id theme_id owner_id counterpart_id origin text place search_text state first_due "
        "due review_on held_from accepted_at round reported_on disputed verified_at created_at version"
    ),
    "ancestry": "unit_id ancestor_id depth",
    "assembly": (
        "id folio folio_key unit_id kind mode state title place place_key online_url starts_at second_call_at ends_at quorum "
        "convened_at opened_at held_at notes imported version"
    ),
    "assembly_block": "assembly_id unit_id",
    "body": "id code name level kind unit_id active version",
    "column_mapping": "id kind fingerprint mapping constants source updated_at",
    "convener": "id assembly_id body_id",
    "countersignature": "id verification_id signed_at",
    "data_request": (
        "id folio kind state channel received_on due_on extended_on outcome closed_at erased_at notice_number version"
    ),
    "data_version": "id number",
    "decision": "id item_id method outcome text in_favour against abstaining present quorum objections taken_at",
    "document": (
        "id unit_id assembly_id agreement_id title dated_on language summary sha256 media_type size link added_at withdrawn_at "
        "withdrawn_reason version"
    ),
    "doubt": "id agreement_id round given_at",
    # The chain carries capacities and digests, never a name (DOMAIN.md 5).
    "event": "seq kind object capacity occurred_at recorded_at data prev hash",
    "event_text": "id event_seq field held hidden_reason hidden_at",
    "evidence": "id agreement_id event_seq media_type size moderation hidden_reason hidden_at erased_at added_at",
    "external_key": "id source kind object_id seen_at",
    "folio_counter": "series short_code year last",
    "headcount_cell": "assembly_id gender age_band",
    "idempotency_key": "id status created_at",
    "import_row": "id run_id row outcome repaired ambiguous outline",
    "import_run": (
        "id kind state sha256 options created_at finished_at step plan result error capacity language version"
    ),
    "indicator": (
        "id code name_es name_fr name_en definition_es definition_fr definition_en measure_es measure_fr measure_en source role "
        "frequency direction aggregation weights_id decimals sensitive version"
    ),
    "indicator_value": "id indicator_id unit_id starts_on ends_on value numerator denominator origin",
    "item": "id assembly_id position title type method state added_live opened_at closed_at notes version",
    "ledger_head": "id seq hash",
    "level": "id role name_es name_fr name_en version",
    "liaison": "id",
    "minutes": "id assembly_id content digest head pdf_sha256 sealed_at",
    # Names of places.
    "name_decision": "id source context name unit_id decided_at",
    # Payloads hold numbers of rows.
    "outbox_job": "id kind payload created_at run_after leased_until attempts done_at error",
    "past_boundary": "id unit_id geom source valid_from valid_to",
    "past_parent": "id unit_id parent_id valid_to",
    "phase": "id code name_es name_fr name_en starts_on ends_on criteria selection_id version",
    "phase_unit": "phase_id unit_id",
    "privacy_notice": "id number text_es text_fr text_en digest published_at",
    "priority_member": "selection_id unit_id name place rank score parts",
    "priority_selection": (
        "id slug name_es name_fr name_en reason role values_on scale missing wanted recipe sensitivity digest saved_at retired_on version"
    ),
    "problem": "id assembly_id item_id unit_id theme_id text raised_at",
    "process_step": "id unit_id stage reached_on recorded_at version",
    "rate_window": "starts_at count",
    # A copy of words that are public anyway.
    "search_entry": "id kind object_id unit_id sort ref title detail context head body",
    "setting": "key value updated_at version",
    "slip": "id batch_id serial unit_id valid_until",
    "slip_batch": "id assembly_id count issued_at voided_at spent",
    "spot": "id assembly_id agreement_id point longitude latitude told_by set_at version",
    "stash": "id expires_at",
    "term": "id version",
    "territorial_unit": (
        "id code code_key short_code name search_name kind level_id parent_id streets geom population area_m2 outline digest source "
        "valid_from valid_to version"
    ),
    "theme": "id code name_es name_fr name_en sensitive parent_id merged_into_id version",
    "theme_merge": "id source_id target_id merged_at undone_at",
    "theme_moved": "id merge_id agreement_id problem_id",
    "unit_lineage": "predecessor_id successor_id kind on_day begins",
    "unit_shape": "id unit_id sheet geom",
    "user_account": "id version",
    "verification": "id agreement_id assembly_id item_id round decided_at completed_at",
    "voice": "id agreement_id round kind given_at",
}


@dataclass(frozen=True)
class Entry:
    """One line of the register."""

    table: str
    column: str
    personal: Personal

    @property
    def treatment(self) -> Treatment:
        return TREATMENTS[self.personal.treatment]


def entries() -> Iterator[Entry]:
    """Every line, by treatment and then as declared."""
    for key in TREATMENTS:
        for table, columns in REGISTER.items():
            for column, personal in columns.items():
                if personal.treatment == key:
                    yield Entry(table, column, personal)
