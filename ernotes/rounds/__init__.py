"""A round of the loop: what is corrected next, the wait for people, the verdict on its model, and the outlook."""
