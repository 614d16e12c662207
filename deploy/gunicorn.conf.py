"""gunicorn for real use: ``gunicorn -c deploy/gunicorn.conf.py`` from the checkout; only nginx should reach it.

HOST and PORT say where, WEB_CONCURRENCY how many processes. Each may open 15 connections to the database (and as
many to a replica): keep processes x 15 under PostgreSQL's max_connections, or put PgBouncer between.
"""

import multiprocessing
import os

wsgi_app = "app.factory:create_app()"
bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"

workers = int(os.environ.get("WEB_CONCURRENCY") or min(2 * multiprocessing.cpu_count() + 1, 6))
worker_class = "gthread"
threads = 4
# Each process builds its own application after the fork: a connection shared by two corrupts both.
preload_app = False
# Memory that a library never gives back leaves with its process, not all on the same day.
max_requests = 10_000
max_requests_jitter = 1_000

# A PDF of a long act takes seconds; nginx waits a little longer than this.
timeout = 60
graceful_timeout = 30
# Longer than nginx keeps an idle connection to us, or it would send into one just closed.
keepalive = 75

worker_tmp_dir = "/dev/shm"  # noqa: S108 - a file a process touches to say that it lives; on a slow disk it would seem dead
control_socket_disable = True
limit_request_line = 4094
limit_request_fields = 60

# nginx logs requests, without people's addresses; the application logs what happened, as JSON.
accesslog = None
errorlog = "-"
loglevel = "warning"
