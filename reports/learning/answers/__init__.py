"""Answers of trainings on single images, and how many trainings agree."""
