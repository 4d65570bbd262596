"""The verdicts on lessons: what measured arms say of a hypothesis, and hypotheses of what is taught."""
