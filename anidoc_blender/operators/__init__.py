"""What the buttons do. Each operator either does it or says in one sentence why not."""
