"""The application factory."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from riskmiljo.access.lens import demo_lens
from riskmiljo.access.rules import methods_of
from riskmiljo.maps import MODULES, SCRIPTS, STYLESHEETS, map_fragment
from riskmiljo.model.role import ROLE_NAMES
from riskmiljo.model.vocabulary import WEEKDAYS_SHORT
from riskmiljo.settings import Settings, load_settings
from riskmiljo.store import open_store
from riskmiljo.web import (
    admin_words,
    audit_words,
    forecast_words,
    login_words,
    plan_words,
    planner_words,
    report_words,
    time_words,
    tonight_words,
    words,
    zone_words,
)
from riskmiljo.web.account_pages import account_pages
from riskmiljo.web.admin_alerts import alerts
from riskmiljo.web.admin_audit import audit_pages
from riskmiljo.web.admin_break import break_pages
from riskmiljo.web.admin_pages import admin_pages
from riskmiljo.web.admin_plans import plan_admin_pages
from riskmiljo.web.assets import asset_address, asset_files
from riskmiljo.web.audit_pages import purpose_choices, purpose_pages
from riskmiljo.web.audited import install_audit
from riskmiljo.web.compression import install_compression
from riskmiljo.web.drawing_pages import drawing_pages
from riskmiljo.web.failures import install_failures
from riskmiljo.web.forecast_pages import forecast_pages
from riskmiljo.web.form import is_day
from riskmiljo.web.forms import install_forms
from riskmiljo.web.gate import install_gate
from riskmiljo.web.headers import content_policy, install_headers
from riskmiljo.web.health import health_pages
from riskmiljo.web.home import home_pages, shown_endpoint
from riskmiljo.web.import_pages import import_pages
from riskmiljo.web.language import data_age, install_language
from riskmiljo.web.login_pages import login_pages
from riskmiljo.web.menu import menu
from riskmiljo.web.operation_pages import operation_pages
from riskmiljo.web.organisation import install_organisation
from riskmiljo.web.phone_pages import phone_pages
from riskmiljo.web.plan_pages import plan_pages
from riskmiljo.web.plan_rows import told_time
from riskmiljo.web.plan_views import changed, duration, removal, written_around
from riskmiljo.web.planner_pages import planner_pages
from riskmiljo.web.presence_pages import presence_pages
from riskmiljo.web.report_pages import report_pages
from riskmiljo.web.service import Clock, Service, install, service
from riskmiljo.web.share_pages import share_pages
from riskmiljo.web.shift_form import is_clock
from riskmiljo.web.shift_pages import shift_pages
from riskmiljo.web.situation_pages import situation_pages
from riskmiljo.web.tile_pages import tile_pages
from riskmiljo.web.time_views import change_words
from riskmiljo.web.tonight_pages import tonight_pages
from riskmiljo.web.view import address, chosen_scope, names_language, shift_text, switch_language
from riskmiljo.web.zone_pages import zone_pages

_MOST_BYTES: Final = 64 * 1024


def now_utc() -> datetime:
    """Return the present.

    Returns
    -------
    datetime.datetime
        Aware, UTC.
    """
    return datetime.now(UTC)


def create_app(settings: Settings | None = None, *, clock: Clock = now_utc) -> Flask:
    """Make the web application.

    Parameters
    ----------
    settings
        The installation's choices; None reads them from the file and the environment.
    clock
        Returns the present, aware; decides what "tonight" is.

    Returns
    -------
    flask.Flask
        With its store open; ``service_of(app).store.close()`` when it is no longer needed.

    Raises
    ------
    SettingsError
        If a setting cannot be used.
    StoreError
        If the store cannot be opened.
    """
    chosen = load_settings() if settings is None else settings
    content_policy(chosen)  # a bad tile address stops us before the store is opened
    app = Flask("riskmiljo.web", static_folder=None)
    app.url_map.strict_slashes = False
    # A form of many stops is a few kilobytes.
    app.config["MAX_CONTENT_LENGTH"] = _MOST_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = _MOST_BYTES
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        words=words,
        login_words=login_words,
        forecast_words=forecast_words,
        plan_words=plan_words,
        planner_words=planner_words,
        report_words=report_words,
        time_words=time_words,
        change_words=change_words,
        zone_words=zone_words,
        tonight_words=tonight_words,
        shown_endpoint=shown_endpoint,
        changed=changed,
        removal=removal,
        written_around=written_around,
        duration=duration,
        told_time=told_time,
        shift_text=shift_text,
        weekdays_short=WEEKDAYS_SHORT,
        address=address,
        menu=menu,
        reader=lambda: service().reader,
        purpose_choices=purpose_choices,
        audit_words=audit_words,
        admin_words=admin_words,
        alerts=alerts,
        role_names=ROLE_NAMES,
        asset_address=asset_address,
        names_language=names_language,
        chosen_scope=chosen_scope,
        switch_language=switch_language,
        data_age=data_age,
        map_fragment=map_fragment,
        map_stylesheets=STYLESHEETS,
        map_scripts=SCRIPTS,
        map_modules=MODULES,
    )
    app.jinja_env.filters["is_day"] = is_day
    app.jinja_env.filters["is_clock"] = is_clock
    store = open_store(chosen.store)
    install(app, Service(chosen, demo_lens(chosen), store, clock, started=clock()))
    install_forms(app)
    install_language(app)
    install_gate(app)
    install_headers(app)
    install_compression(app)
    # After these two, and so before them: what is answered in its place has their headers too.
    install_audit(app)
    install_failures(app)
    install_organisation(app)
    if chosen.trusted_proxies:
        trusted = chosen.trusted_proxies
        fixed = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)
        app.wsgi_app = fixed  # type: ignore[method-assign]  # how Flask takes a middleware
    for pages in (
        asset_files,
        login_pages,
        account_pages,
        purpose_pages,
        admin_pages,
        break_pages,
        plan_admin_pages,
        audit_pages,
        home_pages,
        tonight_pages,
        presence_pages,
        share_pages,
        situation_pages,
        tile_pages,
        zone_pages,
        drawing_pages,
        shift_pages,
        plan_pages,
        phone_pages,
        planner_pages,
        operation_pages,
        report_pages,
        forecast_pages,
        import_pages,
        health_pages,
    ):
        app.register_blueprint(pages)
    # What the table says and no more: no answer to OPTIONS, which Flask would add by itself.
    for rule in app.url_map.iter_rules():
        rule.methods = set(methods_of(rule.endpoint)) & (rule.methods or set())
    return app
