"""Single answers of classifiers that records keep, and which labels they put in doubt."""
