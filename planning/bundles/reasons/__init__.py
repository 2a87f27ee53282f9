"""Why each bundle and each estate ended where it did, in Chinese sentences."""
