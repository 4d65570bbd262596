"""Single answers of classifiers that records keep, and the labels that they cast doubt on."""
