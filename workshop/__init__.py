"""What a teacher needs: a guide, slides, exercises, and a kit for rooms without a network."""
