"""The quarter's solver. Modules here are imported one by one: worker processes load only what they need."""
