"""What answers on images are worth: figures, classes and mistakes, as pure functions of scores and labels."""
