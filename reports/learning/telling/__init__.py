"""Ways of learning and what they bring, in words for labels and headings, and the curves that show it."""
