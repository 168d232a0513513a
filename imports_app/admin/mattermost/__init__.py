"""Admin pages of imports of exports into Mattermost."""
