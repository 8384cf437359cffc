"""The Seam side: the only place that imports the `seam` SDK; every failure becomes one of ours."""

from seam_workspace.only_what_is_used import leave_out_what_svix_brings

leave_out_what_svix_brings()
