"""Where manifests come from: bytes in, documents with lines out."""
