"""Stand-ins for outside services; they import nothing of ours, so that they can judge."""
