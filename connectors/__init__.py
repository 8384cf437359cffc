"""The PMS side: connectors read a vendor's API and hand on vendor-neutral records."""
