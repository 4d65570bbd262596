"""How catalogues are found and loaded, and which of their code a kept figure stands on."""
