"""What everybody meets first, in a real browser."""

import pytest

from tests.browser.conftest import LAPTOP, PHONE, pictures, validate_html


@pytest.mark.parametrize("width", [PHONE, LAPTOP], ids=["360", "1280"])
def test_an_empty_instance_is_readable(reader, width, tmp_path):
    someone = reader(width)
    for name, path in {"home": "/", "search": "/search?q=nogal", "signin": "/signin", "lost": "/nada"}.items():
        someone.go(path)
        someone.errors.clear() if name == "lost" else None  # the browser itself logs the 404
        someone.sweep(f"{name}-{width['width']}")
    validate_html(pictures(tmp_path))
