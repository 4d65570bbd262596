"""Results of trainings class by class."""
