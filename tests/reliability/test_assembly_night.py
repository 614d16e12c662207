"""Officials hold assemblies on two phones each while the public reads; see benchmarks/assembly_night.py."""

from __future__ import annotations

from benchmarks.assembly_night import night, story


def test_what_was_acknowledged_is_there_once_and_nothing_failed(config):
    found = night(config, officials=6, readers=2, seconds=8)
    assert not found.wrong, "\n".join([story(found), *found.wrong])
    assert found.people(), "nobody was counted: the night was too short to say anything"
    assert found.log.cut and found.log.twice, "nothing was sent again: the night was too short to say anything"
    assert {timing.what for timing in found.log.timings if not timing.write} >= {"home", "unit", "assembly", "search"}
