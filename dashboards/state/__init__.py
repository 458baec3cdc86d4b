"""What the pages know, without Panel: everything here is tested without a browser."""
