"""The simulated servers alone, as somebody starts them to play against them by hand."""

import re
from pathlib import Path

import pytest

from assembly import connector_of
from sandbox.__main__ import both
from sandbox.plays import PLAYS
from seam_workspace.workspace import Workspace
from settings import load_settings


@pytest.mark.parametrize("pms", PLAYS)
def test_the_settings_that_are_printed_fit_the_servers(tmp_path: Path, pms: str) -> None:
    with both(pms, 0, 0) as settings:
        file = tmp_path / "config.yaml"
        file.write_text(settings)
        loaded = load_settings(file, {})
        (connection,) = loaded.connections.values()
        assert connector_of(connection).check()
        (seam,) = loaded.seam.all().values()
        workspace = Workspace(seam.api_key, seam.endpoint)
        assert workspace.check()
        workspace.close()
    assert re.match(r"seam: \{api_key: seam_sandbox_key, endpoint: \"http://127\.0\.0\.1:\d+\"\}", settings)
