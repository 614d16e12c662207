"""Where a page may send its reader next: only within this site."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def local(target: str | None, default: str) -> str:
    """``target`` if it is a path of this site, else ``default``.

    Browsers read ``//host``, ``/\\host`` and a tab between the slashes as another site.
    """
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    if "\\" in target or any(ord(letter) < 0x21 or ord(letter) == 0x7F for letter in target):
        return default
    try:
        parts = urlsplit(target)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc else target


def with_query(target: str, **values: str | None) -> str:
    """``target`` with these parameters in its query, replacing those of the same name; None and "" are left out."""
    parts = urlsplit(target)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in values]
    added = [(name, value) for name, value in values.items() if value]
    return urlunsplit(parts._replace(query=urlencode(kept + added)))
