"""What the SDK brings and nobody uses is not loaded."""

import subprocess
import sys


def test_of_svix_only_what_checks_signatures_is_loaded_until_somebody_asks_for_more() -> None:
    code = "import sys, seam_workspace, seam; assert 'svix.webhooks' in sys.modules; "
    code += "loaded = {'svix.api', 'pydantic'} & sys.modules.keys(); assert not loaded, loaded; "
    code += "import svix; svix.Svix; assert 'svix.api' in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
