"""The lab in a browser: one server on the lab's own event loop, and the page that it ships."""
