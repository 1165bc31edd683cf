"""What an artist sees: panels, menus, preferences, lists."""
