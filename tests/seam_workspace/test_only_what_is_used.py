"""What the SDK brings and nobody uses is not loaded."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "then", ["import seam", "import seam, svix; svix.Svix; assert 'svix.api' in sys.modules; sys.exit()"]
)
def test_of_svix_only_what_checks_signatures_is_loaded_until_somebody_asks_for_more(then: str) -> None:
    code = f"import sys, seam_workspace; {then}; assert 'svix.webhooks' in sys.modules; "
    code += "loaded = {'svix.api', 'pydantic'} & sys.modules.keys(); assert not loaded, loaded"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
