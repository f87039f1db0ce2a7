"""The public site: pages, blocks, menus, theme, and its cache."""
