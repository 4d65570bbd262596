"""What a recipe may add to the loop: rates by layer, averaged weights, blended pictures, losses with weights."""
