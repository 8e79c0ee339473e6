"""The report as one page for a browser, which needs nothing else: no network, no further file."""
