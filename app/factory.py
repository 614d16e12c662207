"""Builds the application: the only place that knows every section."""

from __future__ import annotations

from flask import Flask, request
from jinja2 import StrictUndefined
from sqlalchemy.exc import SQLAlchemyError

from agendas.agreements.evidence.views import blueprint as evidence
from agendas.agreements.inbox.several_views import blueprint as several
from agendas.agreements.inbox.views import blueprint as inbox
from agendas.agreements.inbox.views import init_inbox
from agendas.agreements.intake.kind import AGREEMENTS
from agendas.agreements.layers import AGREEMENT_FIGURES
from agendas.agreements.moderation.views import blueprint as moderation
from agendas.agreements.moderation.views import init_moderation
from agendas.agreements.public.liaison_views import blueprint as liaison_voice
from agendas.agreements.public.views import blueprint as agreements
from agendas.agreements.spots import AGREEMENT_SPOTS
from app.accounts import engine, sessions
from app.accounts.own_views import blueprint as my_account
from app.accounts.views import blueprint as accounts
from app.admin.bodies.views import blueprint as bodies
from app.admin.home.views import blueprint as admin
from app.admin.home.views import init_admin
from app.admin.imports.views import blueprint as imports
from app.admin.imports.views import init_imports
from app.admin.indicators.views import blueprint as indicator_admin
from app.admin.intake.bodies import BODIES
from app.admin.intake.people import PEOPLE
from app.admin.levels.views import blueprint as levels
from app.admin.people.lead_views import blueprint as people
from app.admin.priorities.views import blueprint as choose
from app.admin.priorities.views import init_choose
from app.admin.privacy.views import blueprint as privacy
from app.admin.privacy.views import init_privacy
from app.admin.requests.views import blueprint as requests
from app.admin.settings.brand_views import blueprint as brand
from app.admin.settings.views import blueprint as settings
from app.admin.stages.views import blueprint as stages
from app.admin.stages.views import init_stages
from app.admin.themes.views import blueprint as themes
from app.admin.themes.views import init_themes
from app.api.ogc.tile_views import blueprint as ogc_tiles
from app.api.ogc.views import blueprint as ogc
from app.api.views import blueprint as api
from app.config import Config
from app.core import (
    access,
    assets,
    components,
    delivery,
    errors,
    formatters,
    headers,
    i18n,
    identity,
    labels,
    logs,
    navigation,
    notices,
    page_cache,
    tabular,
)
from app.core.proxies import TrustedProxies
from app.core.transaction import Database, init_database, leave_replica
from app.portal.explore.views import blueprint as explore
from app.portal.figures.views import blueprint as figures
from app.portal.health import blueprint as health
from app.portal.indicators.views import blueprint as indicators
from app.portal.ledger.views import blueprint as ledger
from app.portal.open_data.views import blueprint as open_data
from app.portal.sheets.views import blueprint as sheets
from app.portal.units.layers import LIAISONS
from app.portal.units.views import blueprint as units
from app.portal.views import blueprint as portal
from app.portal.work.views import blueprint as work
from app.portal.work.views import init_work
from assemblies.meetings.convene.change_views import init_convene
from assemblies.meetings.convene.views import blueprint as convene
from assemblies.meetings.hold.countersign_views import blueprint as countersign
from assemblies.meetings.hold.item_views import blueprint as item
from assemblies.meetings.hold.views import blueprint as hold
from assemblies.meetings.intake.kind import ASSEMBLIES
from assemblies.meetings.layers import MEETING_LAYERS
from assemblies.meetings.minute.views import blueprint as minute
from assemblies.meetings.public.views import blueprint as assembly
from assemblies.meetings.slips.views import blueprint as slips
from territories.documents.staff_views import blueprint as library
from territories.documents.staff_views import init_documents
from territories.documents.views import blueprint as documents
from territories.indicators.intake.kind import INDICATORS
from territories.indicators.layers import layers as indicator_layers
from territories.layers import registry
from territories.layers.coverage import COVERAGE
from territories.layers.downloads.views import blueprint as downloads
from territories.layers.levels import LEVELS
from territories.layers.views import blueprint as tiles
from territories.places.views import blueprint as places
from territories.priorities.views import blueprint as priorities
from territories.priorities.views import init_priorities
from territories.units.reshape.views import blueprint as reshape
from territories.walks.views import blueprint as walks
from territories.walks.views import init_walks

MAX_BODY = 20 * 1024 * 1024


class Cuadra(Flask):
    """Flask whose ``url_for`` keeps the language of the page; ``_language`` asks for another."""

    def dispatch_request(self):
        """A page kept since the data last changed is not made again. A public GET that the replica fails, or to
        which it has not the tables yet, is answered from the primary."""
        try:
            return page_cache.serve_kept() or super().dispatch_request()
        except SQLAlchemyError as wrong:
            if not leave_replica(wrong):
                raise
            return page_cache.serve_kept() or super().dispatch_request()

    def process_response(self, response):
        return page_cache.send_again(response) or super().process_response(response)

    def url_for(self, endpoint: str, *, _language: str | None = None, **values) -> str:
        url = super().url_for(endpoint, **values)
        chosen = identity.offered(_language) if _language else i18n.language()
        declared = self.extensions["access"].get(self._absolute(endpoint))
        if chosen == i18n.SOURCE or declared is None or not declared.localised:
            return url
        if values.get("_external"):
            base = self.extensions["config"].base_url
            return url.replace(base, f"{base}/{chosen}", 1)
        return f"/{chosen}{url}"

    @staticmethod
    def _absolute(endpoint: str) -> str:
        return f"{request.blueprint}{endpoint}" if endpoint.startswith(".") else endpoint


def create_app(config: Config | None = None, *, database: Database | None = None) -> Cuadra:
    """The WSGI application. Raises ConfigError, or RuntimeError naming views without declared access."""
    config = config or Config.from_environ()
    app = Cuadra("app", static_folder="../static", template_folder="templates")
    app.extensions["config"] = config
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_NAME="__Host-cuadra" if config.secure_cookies else "cuadra",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SEND_FILE_MAX_AGE_DEFAULT=None,
        TESTING=config.environment == "test",
        PROPAGATE_EXCEPTIONS=False,
    )
    init_database(app, database or Database.open(config.database_url, config.read_database_url))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.loader = components.beside(app.jinja_env.loader)
    page_cache.init_page_cache(app)
    headers.init_headers(app)
    logs.init_logs(app)
    assets.init_assets(app)
    delivery.init_delivery(app)
    i18n.init_i18n(app)
    access.init_access(app)
    identity.init_identity(app)
    errors.init_errors(app)
    formatters.init_formatters(app)
    labels.init_labels(app)
    navigation.init_navigation(app)
    notices.init_notices(app)
    _register(app)
    access.refuse_undeclared(app)
    app.wsgi_app = i18n.PrefixedLanguage(app.wsgi_app)
    if config.trusted_proxies:
        app.wsgi_app = TrustedProxies(app.wsgi_app, config.trusted_proxies)
    return app


def _register(app: Flask) -> None:
    engine.init_engine(app)
    sessions.init_sessions(app)
    init_work(app)
    init_walks(app)
    init_inbox(app)
    init_moderation(app)
    navigation.offer(app, "my_account.home", i18n.lazy("Mi cuenta"), None, order=90)
    init_convene(app)
    init_imports(app)
    init_documents(app)
    init_stages(app)
    init_choose(app)
    init_priorities(app)
    init_admin(app)
    init_themes(app)
    init_privacy(app)
    tabular.register(BODIES, PEOPLE, ASSEMBLIES, AGREEMENTS, INDICATORS)
    registry.offer(app, *LEVELS, *COVERAGE, *MEETING_LAYERS, AGREEMENT_FIGURES, AGREEMENT_SPOTS, LIAISONS)
    registry.offer_more(app, indicator_layers)
    for blueprint in (
        accounts, admin, agreements, api, assembly, bodies, brand, choose, convene, countersign, documents, downloads, evidence, explore,
        figures, health, hold, imports, inbox, indicator_admin, indicators, item, ledger, levels, liaison_voice, library, minute,
        moderation, my_account, ogc, ogc_tiles, open_data, people, places, portal, priorities, privacy, requests, reshape, settings,
        several, sheets, slips, stages, themes, tiles, units, walks, work,
    ):
        app.register_blueprint(blueprint)
