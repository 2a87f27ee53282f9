"""The best coverage of one part, and its proof. Knows rows, masks and limits, no estates and no city."""
