"""Additions of a recipe to the loop: rates by layer, averaged weights, blended pictures, weighted losses."""
