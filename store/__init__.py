"""What Night Porter remembers: links, runs, outcomes, cursors, holds. Never guests' contacts, never PINs."""
