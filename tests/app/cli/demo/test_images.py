"""Drawn photos: small, whole, without metadata, the same each time."""

from __future__ import annotations

import io
from random import Random

import pytest
from PIL import Image

from app.cli.demo.images import SIZE, Subject, evidence_photo, subject_of
from app.cli.demo.institutions import THEMES


@pytest.mark.parametrize("subject", Subject)
def test_a_photo_is_a_small_jpeg_that_varies_with_the_seed_and_the_work(subject):
    photo = evidence_photo(Random(1), subject)
    assert 20_000 < len(photo) < 70_000
    with Image.open(io.BytesIO(photo)) as picture:
        picture.load()
        assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", SIZE, {})
    assert photo == evidence_photo(Random(1), subject)
    assert photo != evidence_photo(Random(2), subject)
    assert photo != evidence_photo(Random(1), subject, done=False)


def test_every_theme_has_something_to_show():
    assert {subject_of(theme.code) for theme in THEMES} == set(Subject)
