"""The settings file: declared (`settings.declared`), read, checked, and frozen."""

from settings.declared import ConnectionSettings, Settings
from settings.load import load_settings
from settings.reading import ENVIRONMENT, SettingsError

__all__ = ["ENVIRONMENT", "ConnectionSettings", "Settings", "SettingsError", "load_settings"]
