"""From an author's description of a picture to what is shown: subject, labels, and how they are arranged."""
