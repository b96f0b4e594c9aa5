"""From interviews to behaviors that separate won deals from lost ones."""
