"""What trainings said of single images, and how many of them say the same."""
