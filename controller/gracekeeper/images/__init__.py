"""What the images say: their configuration, from archives and from the Dockerfiles that they are made by."""
