"""What is said of trainings class by class."""
