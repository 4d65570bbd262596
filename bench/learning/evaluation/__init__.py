"""Figures of a classifier, by class and by mistake, as pure functions of scores and labels."""
