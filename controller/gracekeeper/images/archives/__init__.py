"""Image archives: OCI layouts, as directories or tar files, and what `docker save` and `podman save` write."""
