def cost()->None:
    """x"""
