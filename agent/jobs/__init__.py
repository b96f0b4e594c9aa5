"""Background jobs as people see and start them."""
