def demo()->None:
    """x"""
