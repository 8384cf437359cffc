"""The Seam workspace: all that we read and write there, each kind of thing in a module of its own."""

from seam_workspace.cards import Cards
from seam_workspace.identities import Identities
from seam_workspace.locks import LockSystems
from seam_workspace.pins import Pins
from seam_workspace.spaces import Spaces
from seam_workspace.system_users import SystemUsers


class Workspace(Spaces, Identities, Pins, SystemUsers, LockSystems, Cards):
    """One Seam workspace: how it is made says `Calls`. Safe to use from many threads."""
