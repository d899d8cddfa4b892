"""The database backend of a platform whose every query belongs to one organization, or to the market."""
