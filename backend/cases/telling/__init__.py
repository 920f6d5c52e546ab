"""People are told: in the app and by mail, when they wish, each thing once."""
