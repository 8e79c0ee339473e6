"""What runs in a container: from command, arguments, environment and image to the process that serves."""
