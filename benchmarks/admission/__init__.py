"""What admission costs: beside a ValidatingAdmissionPolicy on a real API server, and at the webhook itself."""
