"""Invented people: plausible, distinct, unreachable."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from random import Random

import pytest

from app.cli.demo.people import Home, people
from models.assembly import Gender


@pytest.mark.parametrize("home", Home)
def test_addresses_are_unique_and_reach_nobody(home):
    crowd = list(islice(people(Random(1), home), 20_000))
    assert len({person.email for person in crowd}) == len(crowd)
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+\d*@(example\.org|[a-z]+\.example)", person.email) for person in crowd)


def test_names_are_whole_and_vary():
    crowd = list(islice(people(Random(2), Home.NEIGHBOUR), 2_000))
    assert all(len(person.name.split()) >= 3 and "  " not in person.name for person in crowd)
    assert Counter(person.name for person in crowd).most_common(1)[0][1] <= 2
    assert {person.gender for person in crowd} == {Gender.WOMEN, Gender.MEN}


def test_the_same_random_gives_the_same_people():
    assert list(islice(people(Random(3), Home.STAFF), 50)) == list(islice(people(Random(3), Home.STAFF), 50))
    assert list(islice(people(Random(3), Home.STAFF), 50)) != list(islice(people(Random(4), Home.STAFF), 50))
