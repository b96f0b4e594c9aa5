"""What people are handed: one HTML page of everything a workspace has concluded, and documents in the house style."""
