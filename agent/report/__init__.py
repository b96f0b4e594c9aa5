"""What people are handed: one self-contained HTML page of everything a workspace has concluded."""
